package xds_test

import (
	"context"
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	rpcstatus "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"postern/proxy/xds"
)

// verdicts are what a server tells of Envoys' answers.
type verdicts chan string

func (v verdicts) Rejected(node, kind, words string) {
	v <- "rejected by " + node + " " + kind + ": " + words
}

func (v verdicts) Accepted(node, kind string) { v <- "accepted by " + node + " " + kind }

func (v verdicts) Unknown() { v <- "unknown" }

// next is the next of them, or that none came.
func (v verdicts) next() string {
	select {
	case word := <-v:
		return word
	case <-time.After(30 * time.Second):
		return "nothing"
	}
}

// pushed is a server and the way to hand out another certificate.
func pushed(t *testing.T, told verdicts) (*grpc.ClientConn, func(chain string)) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	s := xds.NewServer(xds.ServerConfig{Nodes: []string{"edge-1"}, Observe: told})
	push := func(chain string) {
		secrets := secretPEM()
		secrets.App.Chain = xds.Source{PEM: []byte(chain)}
		r, err := xds.Snapshot(front())
		if err == nil {
			err = s.Push(t.Context(), r, secrets)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	push("first")
	go func() { _ = s.Serve(l) }()
	t.Cleanup(s.Stop)
	c, err := grpc.NewClient("unix:"+l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c, push
}

// TestARejectionIsTold in Envoy's words, once, without what may be of a key; and
// so is its end. The next that is handed out reaches who rejected.
func TestARejectionIsTold(t *testing.T) {
	const envoys = "bad pair\nin -----BEGIN PRIVATE KEY-----\nMIIEvQ"
	for _, delta := range []bool{false, true} {
		told, push, answer := answering(t, delta)
		for range 2 { // the same words are no news
			push("broken " + time.Now().String())
			answer(envoys)
		}
		if got := told.next(); got != "rejected by edge-1 Secret: bad pair in" {
			t.Errorf("delta %v: told %q", delta, got)
		}
		push("good")
		answer("")
		if got := told.next(); got != "accepted by edge-1 Secret" {
			t.Errorf("delta %v: told %q", delta, got)
		}
		push("broken")
		answer(strings.Repeat("long ", 1000))
		if got := told.next(); len(got) > 600 {
			t.Errorf("delta %v: told %d bytes", delta, len(got))
		}
	}
}

// TestARejectedVersionIsNotHandedOutAgain: an Envoy that rejects what it is given
// hears of the next thing next, or it would reject the same without end.
func TestARejectedVersionIsNotHandedOutAgain(t *testing.T) {
	for _, delta := range []bool{false, true} {
		told, push, answer := answering(t, delta)
		for i := range 8 {
			push(fmt.Sprint("broken ", i))
			if got := answer(fmt.Sprint("bad pair ", i)); !strings.Contains(got, fmt.Sprint("broken ", i)) {
				t.Fatalf("delta %v: handed out again: %q", delta, got)
			}
			if got := told.next(); !strings.HasPrefix(got, "rejected") { // it was heard
				t.Fatalf("delta %v: told %q", delta, got)
			}
		}
	}
}

// answering is an Envoy that has taken what was pushed first.
func answering(t *testing.T, delta bool) (told verdicts, push func(string), answer func(words string) string) {
	t.Helper()
	told = make(verdicts, 16)
	c, push := pushed(t, told)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	answer = envoy(ctx, t, c, delta)
	answer("")
	return told, push, answer
}

// envoy asks for a secret, and gives what waits for the next answer and takes it,
// or rejects it with words. It returns the answer as it came.
func envoy(ctx context.Context, t *testing.T, c *grpc.ClientConn, delta bool) func(words string) string {
	t.Helper()
	ads := discoveryv3.NewAggregatedDiscoveryServiceClient(c)
	node, name := &corev3.Node{Id: "edge-1"}, []string{"postern_app_certificate"}
	fault := func(words string) *rpcstatus.Status {
		if words == "" {
			return nil
		}
		return &rpcstatus.Status{Code: 13, Message: words}
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	if delta {
		s, err := ads.DeltaAggregatedResources(ctx)
		check(err)
		check(s.Send(&discoveryv3.DeltaDiscoveryRequest{Node: node, TypeUrl: secretType, ResourceNamesSubscribe: name}))
		return func(words string) string {
			a, err := s.Recv()
			check(err)
			check(s.Send(&discoveryv3.DeltaDiscoveryRequest{TypeUrl: secretType, ResponseNonce: a.GetNonce(), ErrorDetail: fault(words)}))
			return a.String()
		}
	}
	s, err := ads.StreamAggregatedResources(ctx)
	check(err)
	check(s.Send(&discoveryv3.DiscoveryRequest{Node: node, TypeUrl: secretType, ResourceNames: name}))
	version := ""
	return func(words string) string {
		a, err := s.Recv()
		check(err)
		if words == "" {
			version = a.GetVersionInfo()
		}
		check(s.Send(&discoveryv3.DiscoveryRequest{TypeUrl: secretType, ResourceNames: name, VersionInfo: version, ResponseNonce: a.GetNonce(), ErrorDetail: fault(words)}))
		return a.String()
	}
}
