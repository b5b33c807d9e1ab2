package peer_test

import (
	"bytes"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	auth "github.com/envoyproxy/go-control-plane/envoy/service/auth/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"

	"postern/cmd/internal/bench/peer"
)

// listen serves on a unix socket until the test ends.
func listen(t *testing.T, s *grpc.Server) (socket string) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	l, err := new(net.ListenConfig).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	return socket
}

// logged is a log that can be read while it is written.
type logged struct {
	mu  sync.Mutex
	out bytes.Buffer
}

func (l *logged) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.Write(b)
}

func (l *logged) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.String()
}

// OPA allows what Postern's rules allow, and its log has the text and the
// credential, which is why it is no trail for a regulated business.
func TestOPADecidesByTheRulesAndLogsTheWholeRequest(t *testing.T) {
	log := &logged{}
	s, err := peer.OPA(t.Context(), log)
	if err != nil {
		t.Fatal(err)
	}
	conn, err := grpc.NewClient("unix:"+listen(t, s), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // a test's
	client := auth.NewAuthorizationClient(conn)
	for _, c := range []struct {
		body string
		want codes.Code
	}{
		{`{"to":"+49151","type":"text","text":{"body":"hello there"}}`, codes.OK},
		{`{"to":"+49151","type":"poll"}`, codes.PermissionDenied},
	} {
		answer, err := client.Check(t.Context(), check(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if got := codes.Code(answer.GetStatus().GetCode()); got != c.want { //nolint:gosec // a small number
			t.Errorf("%s: %v, want %v", c.body, got, c.want)
		}
	}
	for _, want := range []string{"hello there", "Bearer token", `"path":"envoy/authz/allow"`, `"result":true`, `"result":false`, "timer_rego_query_eval_ns"} {
		if !strings.Contains(log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if lines := strings.Count(log.String(), "\n"); lines != 2 {
		t.Errorf("%d lines, want one a decision", lines)
	}
	if _, err := client.Check(t.Context(), check("no JSON")); err == nil {
		t.Error("a body that cannot be read was decided")
	}
}

func check(body string) *auth.CheckRequest {
	return &auth.CheckRequest{Attributes: &auth.AttributeContext{Request: &auth.AttributeContext_Request{
		Http: &auth.AttributeContext_HttpRequest{
			Method: "POST", Path: "/v25.0/106540000000001/messages", Body: body,
			Headers: map[string]string{"authorization": "Bearer token", "content-type": "application/json"},
		},
	}}}
}

func TestHoldKeepsStreamsOpen(t *testing.T) {
	end, err := peer.Hold(t.Context(), listen(t, peer.Allow()), 20, [][2]string{{":method", "POST"}, {":path", "/v25.0/1/messages"}})
	if err != nil {
		t.Fatal(err)
	}
	if err := end(); err != nil {
		t.Error(err)
	}
	if _, err := peer.Hold(t.Context(), filepath.Join(t.TempDir(), "nobody"), 1, nil); err == nil {
		t.Error("a stream was opened where nobody listens")
	}
}
