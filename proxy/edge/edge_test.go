package edge_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/proxy/edge"
	"postern/proxy/edge/edgetest"
)

var site = edgetest.Site{Host: "gate.example", Target: "/v25.0/1/messages", Headers: "Authorization: Bearer x\r\nContent-Type: application/json\r\n", Body: "{}"}

const host = "Host: gate.example\r\n"

// send is a plain good request; more headers go in the middle.
func send(headers string) string {
	return "POST /v25.0/1/messages HTTP/1.1\r\n" + host + headers + "Content-Length: 2\r\n\r\n{}"
}

func TestGoodRequestsReachTheHandler(t *testing.T) {
	l := listen(t)
	for name, c := range map[string]struct {
		raw, path, query, body string
	}{
		"plain":             {send("Content-Type: application/json\r\nAuthorization: Bearer x\r\n"), "/v25.0/1/messages", "", "{}"},
		"identity":          {send("Content-Encoding: identity\r\n"), "/v25.0/1/messages", "", "{}"},
		"query":             {"GET /v25.0/1?access_token=a&fields=x HTTP/1.1\r\n" + host + "\r\n", "/v25.0/1", "access_token=a&fields=x", ""},
		"fields twice":      {"GET /1?fields=x&fields=y HTTP/1.1\r\n" + host + "\r\n", "/1", "fields=x&fields=y", ""},
		"challenge":         {"GET /webhooks/t?hub.mode=subscribe&hub.challenge=1&hub.verify_token=a%2Bb HTTP/1.1\r\n" + host + "\r\n", "/webhooks/t", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=a%2Bb", ""},
		"root":              {"GET / HTTP/1.1\r\n" + host + "\r\n", "/", "", ""},
		"loose slash":       {"GET /v1/health/ HTTP/1.1\r\n" + host + "\r\n", "/v1/health", "", ""},
		"loose double":      {"GET /v1/media//abc HTTP/1.1\r\n" + host + "\r\n", "/v1/media/abc", "", ""},
		"loose many":        {"GET //v1///media//abc// HTTP/1.1\r\n" + host + "\r\n", "/v1/media/abc", "", ""},
		"equal lengths":     {"POST /1 HTTP/1.1\r\n" + host + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}", "/1", "", "{}"},
		"bare LF headers":   {"POST /1 HTTP/1.1\nHost: gate.example\nContent-Length: 2\n\n{}", "/1", "", "{}"},
		"folded header":     {"POST /1 HTTP/1.1\r\n" + host + "X-Note: a\r\n b\r\nContent-Length: 2\r\n\r\n{}", "/1", "", "{}"},
		"body at the limit": {"POST /1 HTTP/1.1\r\n" + host + fmt.Sprintf("Content-Length: %d\r\n\r\n", bodyLimit) + strings.Repeat("x", bodyLimit), "/1", "", strings.Repeat("x", bodyLimit)},
	} {
		t.Run(name, func(t *testing.T) {
			statuses, closed := l.raw(t, c.raw, false)
			served, refused := l.seen()
			if len(statuses) != 1 || statuses[0] != 200 || len(refused) != 0 || len(served) != 1 {
				t.Fatalf("answers %v, refused %q, served %d", statuses, refused, len(served))
			}
			if closed {
				t.Error("the connection was not kept")
			}
			if s := served[0]; s.path != c.path || s.query != c.query || s.body != c.body || s.err != nil {
				t.Errorf("handler saw path %q, query %q, %d bytes, %v", s.path, s.query, len(s.body), s.err)
			}
		})
	}
}

// What Go refuses stays refused: a newer Go that lets it through must show here.
func TestGoRefusesBeforeAnyHandler(t *testing.T) {
	l := listen(t)
	for _, c := range edgetest.ByServer(site) {
		t.Run(c.Name, func(t *testing.T) {
			statuses, closed := l.raw(t, c.Raw+site.Hidden(), true)
			if served, refused := l.seen(); len(served)+len(refused) != 0 {
				t.Errorf("the shell ran: served %+v, refused %q", served, refused)
			}
			if len(statuses) != 1 || statuses[0] < 400 || !closed {
				t.Errorf("answers %v, closed %t: want one refusal and a closed connection", statuses, closed)
			}
		})
	}
}

func TestShellRefuses(t *testing.T) {
	l := listen(t)
	for _, c := range append(edgetest.ByShell(site), edgetest.Slashes(site)...) {
		t.Run(c.Name, func(t *testing.T) {
			statuses, closed := l.raw(t, c.Raw+site.Hidden(), true)
			served, refused := l.seen()
			if len(served) != 0 {
				t.Errorf("the handler ran for %+v", served)
			}
			if len(refused) != 1 || refused[0] != c.Fault {
				t.Errorf("refused with %q, want %q", refused, c.Fault)
			}
			if len(statuses) != 1 || statuses[0] != 400 || !closed {
				t.Errorf("answers %v, closed %t: want one refusal and a closed connection", statuses, closed)
			}
		})
	}
}

// A path that may be written loosely may still hold no tricks.
func TestLoosePathsHoldNoTricks(t *testing.T) {
	l := listen(t)
	old := site
	old.Target = "/v1/messages"
	for _, c := range edgetest.ByShell(old) {
		t.Run(c.Name, func(t *testing.T) {
			l.raw(t, c.Raw, true)
			if served, refused := l.seen(); len(served) != 0 || len(refused) != 1 || refused[0] != c.Fault {
				t.Errorf("served %+v, refused %q, want %q", served, refused, c.Fault)
			}
		})
	}
	for _, target := range []string{"//other.example/v1/messages", "/v1/../v25.0/1", "/v1//../x", "//v25.0/1", "//"} {
		l.raw(t, "GET "+target+" HTTP/1.1\r\n"+host+"\r\n", true)
		if served, _ := l.seen(); len(served) != 0 {
			t.Errorf("%s was served as %s", target, served[0].path)
		}
	}
}

func TestChunkedBodiesEndTheConnection(t *testing.T) {
	l := listen(t)
	for _, c := range edgetest.Chunks(site) {
		t.Run(c.Name, func(t *testing.T) {
			statuses, closed := l.raw(t, c.Raw+site.Hidden(), true)
			served, _ := l.seen()
			if len(served) != 1 || served[0].path != site.Target || served[0].body != "{}" || served[0].err != nil {
				t.Fatalf("served %+v", served)
			}
			if len(statuses) != 1 || !closed {
				t.Errorf("answers %v, closed %t: want one and a closed connection", statuses, closed)
			}
		})
	}
}

// Bodies that break while they are read are no bodies.
func TestBrokenBodies(t *testing.T) {
	l := listen(t)
	cases := map[string]struct {
		raw  string
		want error
	}{
		"too large, declared":  {"POST /1 HTTP/1.1\r\n" + host + fmt.Sprintf("Content-Length: %d\r\n\r\n", bodyLimit+1) + strings.Repeat("x", bodyLimit+1), edge.ErrTooLarge},
		"too large, in chunks": {"POST /1 HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n" + strings.Repeat("80\r\n"+strings.Repeat("x", 128)+"\r\n", 9) + "0\r\n\r\n", edge.ErrTooLarge},
	}
	for _, c := range edgetest.Broken(site) {
		cases[c.Name] = struct {
			raw  string
			want error
		}{c.Raw, edge.ErrBody}
	}
	huge := cases["huge, only declared"]
	huge.want = edge.ErrTooLarge
	cases["huge, only declared"] = huge
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			l.raw(t, c.raw, true)
			served, _ := l.seen()
			if len(served) != 1 {
				t.Fatalf("served %+v", served)
			}
			if s := served[0]; s.err != c.want || s.body != "" { //nolint:errorlint // ReadBody returns the plain values
				t.Errorf("error %v with %d bytes, want %v with none", s.err, len(s.body), c.want)
			}
		})
	}
}

// A client that sends slowly holds a connection for a bounded time only. How
// short that time can be for the rest of a request to arrive within it is the
// machine's affair: each case gets more of it until its client was fast enough.
func TestSlowClientsAreCutOff(t *testing.T) {
	built := edge.NewServer(edge.Config{})
	if built.ReadHeaderTimeout <= 0 || built.ReadTimeout <= 0 || built.WriteTimeout <= 0 || built.IdleTimeout <= 0 {
		t.Fatalf("a listener waits without end: %s, %s, %s, %s", built.ReadHeaderTimeout, built.ReadTimeout, built.WriteTimeout, built.IdleTimeout)
	}
	length := "POST /1 HTTP/1.1\r\n" + host + "Content-Length: 9\r\n\r\n"
	for name, c := range map[string]struct {
		raw    string
		served int
	}{
		"nothing":       {"", 0},
		"half a head":   {length[:20], 0},
		"half a line":   {"POST", 0},
		"no body":       {length, 1},
		"half a body":   {length + "{", 1},
		"half a chunk":  {"POST /1 HTTP/1.1\r\n" + host + "Transfer-Encoding: chunked\r\n\r\n9\r\n{", 1},
		"half a second": {send("") + length[:20], 1},
		"idle":          {send(""), 1},
	} {
		t.Run(name, func(t *testing.T) {
			served := 0
			for limit := 50 * time.Millisecond; limit < patience/4 && served < max(1, c.served); limit *= 4 {
				if served = servedSlowly(t, c.raw, limit); c.served == 0 {
					break
				}
			}
			if served != c.served {
				t.Errorf("%d requests were served, want %d", served, c.served)
			}
		})
	}
}

// servedSlowly sends a part of a request to a server with this limit, expects
// it to hang up, and says how many requests its handler saw.
func servedSlowly(t *testing.T, raw string, limit time.Duration) int {
	t.Helper()
	l := listen(t, func(s *http.Server) { s.ReadHeaderTimeout, s.ReadTimeout, s.IdleTimeout = limit, 2*limit, limit })
	conn, err := l.connect("http/1.1")
	if err != nil {
		return 0 // the handshake has to end in time too
	}
	defer conn.Close() //nolint:errcheck // the other side is gone already
	if _, err := io.WriteString(conn, raw); err != nil {
		return 0
	}
	if _, err := io.Copy(io.Discard, conn); isTimeout(err) {
		t.Fatal("the connection was kept")
	}
	l.srv.Close() // waits for the handler
	served, _ := l.seen()
	for _, s := range served {
		if s.body != "" && s.body != "{}" {
			t.Errorf("half a body was served: %q", s.body)
		}
	}
	return len(served)
}

// What two parsers delimit differently is served once at most and ends the
// connection.
func TestDesyncEndsTheConnection(t *testing.T) {
	l := listen(t)
	for _, c := range edgetest.Desync(site) {
		t.Run(c.Name, func(t *testing.T) {
			statuses, closed := l.raw(t, c.Raw+site.Hidden(), true)
			served, _ := l.seen()
			if len(served) > 1 || !closed {
				t.Errorf("served %+v, answers %v, closed %t: want one at most and a closed connection", served, statuses, closed)
			}
			for _, s := range served {
				// A folded line is a part of the one before: the body is as long as its length says.
				if s.path != site.Target || s.err == nil && s.body != "{}" && !strings.Contains(c.Raw, "\n Transfer-Encoding") {
					t.Errorf("served %+v", s)
				}
			}
		})
	}
}
