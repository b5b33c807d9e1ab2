package blob

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// TestSweepUnlisted: a server that does not list unfinished uploads says so in
// one of several ways, and that is told from every other refusal.
func TestSweepUnlisted(t *testing.T) {
	for name, c := range map[string]struct {
		status   int
		code     string
		unlisted bool
	}{
		"not implemented": {http.StatusNotImplemented, "NotImplemented", true},
		"not allowed":     {http.StatusMethodNotAllowed, "MethodNotAllowed", true},
		"another status":  {http.StatusBadRequest, "NotImplemented", true},
		"forbidden":       {http.StatusForbidden, "AccessDenied", false},
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/xml")
			w.WriteHeader(c.status)
			_, _ = w.Write([]byte("<Error><Code>" + c.code + "</Code></Error>"))
		}))
		b, err := NewS3(S3Config{Endpoint: server.URL, Bucket: "bank", Region: "eu", PathStyle: true, Credentials: func() S3Credentials { return S3Credentials{ID: "id", Secret: "key"} }})
		if err == nil {
			err = b.Sweep(t.Context(), "backups/")
		}
		if err == nil || errors.Is(err, ErrUnlisted) != c.unlisted {
			t.Errorf("%s: %v", name, err)
		}
		server.Close()
	}
}

// TestJoinsTakeLonger: putting parts together is a request of its own, and the
// only one that the server may think about so long.
func TestJoinsTakeLonger(t *testing.T) {
	p := &patient{idle: time.Minute}
	for call, want := range map[string]time.Duration{
		"POST /bank/file?uploadId=1":             joinPatience * time.Minute,
		"PUT /bank/file?partNumber=1&uploadId=1": time.Minute,
		"DELETE /bank/file?uploadId=1":           time.Minute,
		"POST /bank/file?uploads=":               time.Minute,
	} {
		method, path, _ := strings.Cut(call, " ")
		if got := p.idleOf(httptest.NewRequestWithContext(t.Context(), method, path, nil)); got != want {
			t.Errorf("%s: %s, want %s", call, got, want)
		}
	}
}
