package edge_test

import (
	"bufio"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"postern/proxy/edge"
	"postern/proxy/edge/edgetest"
)

// listener is a server behind the shell that notes what reached its handler.
type listener struct {
	srv *httptest.Server

	mu      sync.Mutex
	served  []request
	refused []edge.Fault
}

type request struct {
	method, path, query, body string
	err                       error
	trailer                   int
}

const bodyLimit = 1024

// patience bounds every wait; what is waited for ends it at once.
const patience = time.Minute

func listen(t *testing.T, change ...func(*http.Server)) *listener {
	t.Helper()
	l := &listener{}
	cfg := edge.Config{
		Handler: http.HandlerFunc(l.handle),
		Refuse: func(w http.ResponseWriter, _ *http.Request, f edge.Fault) {
			l.mu.Lock()
			l.refused = append(l.refused, f)
			l.mu.Unlock()
			w.WriteHeader(http.StatusBadRequest)
		},
		Loose: func(path string) bool { return strings.HasPrefix(path, "/v1/") },
	}
	l.srv = httptest.NewUnstartedServer(nil)
	l.srv.Config, l.srv.EnableHTTP2 = edge.NewServer(cfg), true
	for _, f := range change {
		f(l.srv.Config)
	}
	l.srv.StartTLS()
	t.Cleanup(l.srv.Close)
	return l
}

func (l *listener) handle(w http.ResponseWriter, r *http.Request) {
	body, err := edge.ReadBody(r, bodyLimit)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.served = append(l.served, request{r.Method, r.URL.Path, r.URL.RawQuery, string(body), err, len(r.Trailer)})
	if err != nil {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
	}
}

// seen returns what came so far and forgets it.
func (l *listener) seen() (served []request, refused []edge.Fault) {
	l.mu.Lock()
	defer l.mu.Unlock()
	served, refused = l.served, l.refused
	l.served, l.refused = nil, nil
	return served, refused
}

// one waits for the handler to have seen a request, and returns it.
func (l *listener) one(t *testing.T) request {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		if served, refused := l.seen(); len(served)+len(refused) != 0 {
			if len(served) != 1 {
				t.Fatalf("served %+v, refused %q", served, refused)
			}
			return served[0]
		}
	}
	t.Fatal("the handler did not run")
	return request{}
}

func (l *listener) dial(t *testing.T, protocol string) *tls.Conn {
	t.Helper()
	conn, err := l.connect(protocol)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck,gosec // the test is over
	return conn
}

func (l *listener) connect(protocol string) (*tls.Conn, error) {
	conn, err := tls.Dial("tcp", l.srv.Listener.Addr().String(), &tls.Config{
		NextProtos: []string{protocol}, InsecureSkipVerify: true, //nolint:gosec // loopback, and the certificate is of no interest
	})
	if err != nil {
		return nil, err
	}
	return conn, conn.SetDeadline(time.Now().Add(patience))
}

// raw writes bytes as they are and returns the status of every answer, and
// whether the server closed the connection by itself.
func (l *listener) raw(t *testing.T, request string, hangUp bool) (statuses []int, closed bool) {
	t.Helper()
	conn := l.dial(t, "http/1.1")
	edgetest.Write(conn, request, hangUp)
	in := bufio.NewReader(conn)
	for {
		if _, err := in.Peek(1); err != nil {
			return statuses, !errors.Is(err, net.ErrClosed) && !isTimeout(err)
		}
		resp, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatalf("read answer: %v", err)
		}
		_, err = io.Copy(io.Discard, resp.Body)
		if closeErr := resp.Body.Close(); err != nil || closeErr != nil {
			t.Fatalf("read answer: %v, %v", err, closeErr)
		}
		statuses = append(statuses, resp.StatusCode)
		if !resp.Close {
			// A connection that stays open is asked to end.
			if err := conn.CloseWrite(); err != nil {
				return statuses, true
			}
			_, err := in.Peek(1)
			if err != nil {
				return statuses, false
			}
		}
	}
}

func isTimeout(err error) bool {
	var e net.Error
	return errors.As(err, &e) && e.Timeout()
}

// h2 sends one request over raw frames and returns the answer's status.
func (l *listener) h2(t *testing.T, fields []edgetest.Field, body []byte, trailer []edgetest.Field) int {
	t.Helper()
	conn := l.dial(t, "h2")
	if err := edgetest.WriteH2(conn, fields, body, trailer); err != nil {
		t.Fatal(err)
	}
	status, _ := edgetest.ReadH2(conn)
	return status
}
