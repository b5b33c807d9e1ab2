package edge_test

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
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

func listen(t *testing.T) *listener {
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

func (l *listener) dial(t *testing.T, protocol string) *tls.Conn {
	t.Helper()
	conn, err := tls.Dial("tcp", l.srv.Listener.Addr().String(), &tls.Config{
		NextProtos: []string{protocol}, InsecureSkipVerify: true, //nolint:gosec // loopback, and the certificate is of no interest
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() }) //nolint:errcheck,gosec // the test is over
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// raw writes bytes as they are and returns the status of every answer, and
// whether the server closed the connection by itself.
func (l *listener) raw(t *testing.T, request string, hangUp bool) (statuses []int, closed bool) {
	t.Helper()
	conn := l.dial(t, "http/1.1")
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	if hangUp {
		if err := conn.CloseWrite(); err != nil {
			t.Fatal(err)
		}
	}
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

// field is one header field of a raw h2 request.
type field struct{ name, value string }

// h2 sends one request over raw frames and returns the answer's status, 0 when
// the server reset the stream.
func (l *listener) h2(t *testing.T, fields []field, body []byte, trailer []field) int {
	t.Helper()
	conn := l.dial(t, "h2")
	out := []byte("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
	out = frame(out, 4, 0, 0, nil) // SETTINGS
	end := byte(0)
	if body == nil && trailer == nil {
		end = 1
	}
	out = frame(out, 1, 4|end, 1, block(fields)) // HEADERS, END_HEADERS
	if body != nil {
		end = 0
		if trailer == nil {
			end = 1
		}
		out = frame(out, 0, end, 1, body) // DATA
	}
	if trailer != nil {
		out = frame(out, 1, 5, 1, block(trailer))
	}
	if _, err := conn.Write(out); err != nil {
		t.Fatal(err)
	}
	return answer(t, conn)
}

func frame(dst []byte, kind, flags byte, stream uint32, payload []byte) []byte {
	dst = append(dst, byte(len(payload)>>16), byte(len(payload)>>8), byte(len(payload)), kind, flags)
	dst = binary.BigEndian.AppendUint32(dst, stream)
	return append(dst, payload...)
}

// block writes fields as HPACK literals without index (RFC 7541, 6.2.2).
func block(fields []field) []byte {
	var out []byte
	for _, f := range fields {
		out = append(out, 0, byte(len(f.name)))
		out = append(out, f.name...)
		out = append(out, byte(len(f.value)))
		out = append(out, f.value...)
	}
	return out
}

// answer reads frames up to the answer's first header field, the status.
func answer(t *testing.T, conn net.Conn) int {
	t.Helper()
	indexed := map[byte]int{0x88: 200, 0x8c: 400, 0x8d: 404} // RFC 7541, appendix A
	for {
		var head [9]byte
		if _, err := io.ReadFull(conn, head[:]); err != nil {
			return 0
		}
		payload := make([]byte, int(head[0])<<16|int(head[1])<<8|int(head[2]))
		if _, err := io.ReadFull(conn, payload); err != nil {
			return 0
		}
		switch head[3] {
		case 1: // HEADERS
			if payload[0]>>5 == 1 { // table size update
				payload = payload[1:]
			}
			if s := indexed[payload[0]]; s != 0 {
				return s
			}
			return -1 // a status without an index
		case 3: // RST_STREAM
			return 0
		}
	}
}
