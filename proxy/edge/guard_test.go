package edge_test

import (
	"bufio"
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"

	"postern/proxy/edge"
)

type silence struct{ header http.Header }

func (s silence) Header() http.Header           { return s.header }
func (silence) Write(b []byte) (int, error)     { return len(b), nil }
func (silence) WriteHeader(int)                 {}
func ignore(http.ResponseWriter, *http.Request) {}

func TestGoodRequestsCostNothing(t *testing.T) {
	guard := edge.Guard(edge.Config{Handler: http.HandlerFunc(ignore)})
	r := httptest.NewRequest(http.MethodPost, "/v25.0/106540352242922/messages", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer x")
	w := silence{http.Header{}}
	if n := testing.AllocsPerRun(100, func() { guard.ServeHTTP(w, r) }); n != 0 {
		t.Errorf("%v allocations for a good request", n)
	}
}

// Whatever the bytes: what passes the shell has one meaning only.
func FuzzGuard(f *testing.F) {
	f.Add([]byte("POST /v25.0/1/messages HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer x\r\nContent-Length: 2\r\n\r\n{}"))
	f.Add([]byte("GET /v1/media//x/?access_token=a HTTP/1.1\r\nHost: a\r\n\r\n"))
	f.Add([]byte("GET //v1/../x?a=b&a=c HTTP/1.1\r\nHost: a\r\n\r\n"))
	f.Add([]byte("POST http://b/%2e%2e HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\n\r\n"))
	f.Add([]byte("POST /1 HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n0\r\n\r\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		r, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(raw)))
		if err != nil {
			return
		}
		calls := 0
		edge.Guard(edge.Config{
			Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { calls++; unambiguous(t, r) }),
			Refuse:  func(http.ResponseWriter, *http.Request, edge.Fault) { calls++ },
			Loose:   func(p string) bool { return strings.HasPrefix(p, "/v1/") },
		}).ServeHTTP(silence{http.Header{}}, r)
		if calls != 1 {
			t.Errorf("%d answers", calls)
		}
	})
}

func unambiguous(t *testing.T, r *http.Request) {
	p := r.URL.Path
	if p != path.Clean(p) && !(strings.HasSuffix(p, "/") && p == "/") || strings.ContainsAny(p, "%;#\\ \x00") || r.URL.EscapedPath() != p {
		t.Errorf("path %q passed", p)
	}
	if r.URL.Host != "" || len(r.Trailer) > 0 || r.ProtoMajor < 1 || r.Proto == "HTTP/1.0" {
		t.Error("an absolute target, a trailer or HTTP/1.0 passed")
	}
	for _, h := range []string{"Authorization", "D360-Api-Key", "Content-Type", "Idempotency-Key"} {
		if len(r.Header[h]) > 1 {
			t.Errorf("%s passed twice", h)
		}
	}
	q, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || len(q["access_token"]) > 1 {
		t.Error("an ambiguous query passed")
	}
}

func BenchmarkGuard(b *testing.B) {
	guard := edge.Guard(edge.Config{Handler: http.HandlerFunc(ignore)})
	r := httptest.NewRequest(http.MethodPost, "/v25.0/106540352242922/messages", strings.NewReader("{}"))
	r.Header.Set("Authorization", "Bearer x")
	r.Header.Set("Content-Type", "application/json")
	w := silence{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		guard.ServeHTTP(w, r)
	}
}
