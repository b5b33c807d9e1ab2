package load_test

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/bench/load"
)

// server counts its connections.
func server(t *testing.T, h http.HandlerFunc) (*load.Pool, *atomic.Int64) {
	t.Helper()
	var opened atomic.Int64
	s := httptest.NewUnstartedServer(h)
	s.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			opened.Add(1)
		}
	}
	s.StartTLS()
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	p := &load.Pool{Address: s.Listener.Addr().String(), TLS: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p, &opened
}

func request(path string) []byte {
	return fmt.Appendf(nil, "POST %s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}", path)
}

func TestPoolKeepsOneConnectionForOneSender(t *testing.T) {
	p, opened := server(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) })
	for range 50 {
		if err := p.Do(t.Context(), request("/")); err != nil {
			t.Fatal(err)
		}
	}
	if n := opened.Load(); n != 1 {
		t.Errorf("%d connections, want 1", n)
	}
}

func TestPoolReportsWhatIsNoGoodAnswer(t *testing.T) {
	p, opened := server(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/refused":
			http.Error(w, "no", http.StatusForbidden)
		case "/closing":
			w.Header().Set("Connection", "close")
			_, _ = w.Write([]byte("{}"))
		case "/cut":
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("{}"))
		case "/unframed":
			_ = http.NewResponseController(w).Flush()
			_, _ = w.Write([]byte(strings.Repeat("x", 10)))
		}
	})
	var status load.StatusError
	if err := p.Do(t.Context(), request("/refused")); !errors.As(err, &status) || status != 403 {
		t.Errorf("refused: %v, want status 403", err)
	}
	if err := p.Do(t.Context(), request("/closing")); err != nil {
		t.Errorf("closing: %v", err)
	}
	if err := p.Do(t.Context(), request("/cut")); err == nil || errors.As(err, &status) {
		t.Errorf("cut: %v, want an error of reading", err)
	}
	if err := p.Do(t.Context(), request("/unframed")); err == nil || errors.As(err, &status) {
		t.Errorf("unframed: %v, want an error of framing", err)
	}
	if n := opened.Load(); n != 3 {
		t.Errorf("%d connections, want 3: refused and closing share one, the broken ones are not used again", n)
	}
}
