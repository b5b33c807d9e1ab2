package xds_test

import (
	"context"
	"net"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secretv3 "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"postern/proxy/xds"
)

// unknowns counts who was refused.
type unknowns chan struct{}

func (unknowns) Rejected(string, string, string) {}

func (unknowns) Accepted(string, string) {}

func (u unknowns) Unknown() { u <- struct{}{} }

func secretPEM() xds.Secrets {
	pem := xds.Source{PEM: []byte("pem")}
	return xds.Secrets{App: xds.Certificate{Chain: pem, Key: pem}, Meta: pem, Gateway: pem}
}

// dial starts a server that has something to hand out.
func dial(t *testing.T, seen unknowns) *grpc.ClientConn {
	t.Helper()
	_, c := serve(t, seen)
	return c
}

func serve(t *testing.T, seen unknowns) (*xds.Server, *grpc.ClientConn) {
	t.Helper()
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	s := xds.NewServer(xds.ServerConfig{Nodes: []string{"edge-1"}, Observe: seen})
	r, err := xds.Snapshot(front())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Push(t.Context(), r, secretPEM()); err != nil {
		t.Fatal(err)
	}
	if err := s.Push(t.Context(), r, xds.Secrets{}); err == nil {
		t.Error("secrets without roots are handed out")
	}
	ended := make(chan error, 1)
	go func() { ended <- s.Serve(l) }()
	t.Cleanup(func() {
		s.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	c, err := grpc.NewClient("unix:"+l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return s, c
}

const secretType = "type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"

// TestOnlyKnownNodesAreServed: by each way that secrets could be had.
func TestOnlyKnownNodesAreServed(t *testing.T) {
	seen := make(unknowns, 8)
	c := dial(t, seen)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	whole := func(node string) *discoveryv3.DiscoveryRequest {
		return &discoveryv3.DiscoveryRequest{Node: &corev3.Node{Id: node}, TypeUrl: secretType, ResourceNames: []string{"postern_app_certificate"}}
	}
	delta := func(node string) *discoveryv3.DeltaDiscoveryRequest {
		return &discoveryv3.DeltaDiscoveryRequest{Node: &corev3.Node{Id: node}, TypeUrl: secretType, ResourceNamesSubscribe: []string{"postern_app_certificate"}}
	}
	ways := map[string]func(node string) (int, error){
		"ads": func(node string) (int, error) {
			s, err := discoveryv3.NewAggregatedDiscoveryServiceClient(c).StreamAggregatedResources(ctx)
			return first(s, err, whole(node), func(a *discoveryv3.DiscoveryResponse) int { return len(a.GetResources()) })
		},
		"ads by delta": func(node string) (int, error) {
			s, err := discoveryv3.NewAggregatedDiscoveryServiceClient(c).DeltaAggregatedResources(ctx)
			return first(s, err, delta(node), func(a *discoveryv3.DeltaDiscoveryResponse) int { return len(a.GetResources()) })
		},
		"sds": func(node string) (int, error) {
			s, err := secretv3.NewSecretDiscoveryServiceClient(c).StreamSecrets(ctx)
			return first(s, err, whole(node), func(a *discoveryv3.DiscoveryResponse) int { return len(a.GetResources()) })
		},
		"sds by delta": func(node string) (int, error) {
			s, err := secretv3.NewSecretDiscoveryServiceClient(c).DeltaSecrets(ctx)
			return first(s, err, delta(node), func(a *discoveryv3.DeltaDiscoveryResponse) int { return len(a.GetResources()) })
		},
	}
	for name, way := range ways {
		if n, err := way("edge-1"); n != 1 || err != nil {
			t.Errorf("%s: a known node gets %d secrets, %v", name, n, err)
		}
		for _, node := range []string{"edge-2", ""} {
			if _, err := way(node); status.Code(err) != codes.PermissionDenied {
				t.Errorf("%s: node %q: %v", name, node, err)
			}
		}
	}
	if len(seen) != 2*len(ways) {
		t.Errorf("%d refusals are told, want %d", len(seen), 2*len(ways))
	}
	if _, err := secretv3.NewSecretDiscoveryServiceClient(c).FetchSecrets(ctx, whole("edge-1")); status.Code(err) != codes.Unimplemented {
		t.Errorf("a poll: %v", err)
	}
}

// first sends a request and counts the resources of the first answer.
func first[Q, A any](s grpc.BidiStreamingClient[Q, A], err error, q *Q, count func(*A) int) (int, error) {
	if err != nil {
		return 0, err
	}
	if err := s.Send(q); err != nil {
		return 0, err
	}
	a, err := s.Recv()
	if err != nil {
		return 0, err
	}
	return count(a), s.CloseSend()
}

// TestStopBeforeServe: a gateway that is told to stop as it starts ends in order.
func TestStopBeforeServe(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	s := xds.NewServer(xds.ServerConfig{Observe: unknowns(nil)})
	s.Stop()
	if err := s.Serve(l); err != nil {
		t.Error(err)
	}
	if c, err := net.Dial("unix", l.Addr().String()); err == nil {
		t.Error("the socket is open")
		_ = c.Close()
	}
}

// TestStopEndsStreams: nothing of a stream is left, whoever holds it open.
func TestStopEndsStreams(t *testing.T) {
	s, c := serve(t, make(unknowns, 1))
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	ads, node := discoveryv3.NewAggregatedDiscoveryServiceClient(c), &corev3.Node{Id: "edge-1"}
	whole, err := ads.StreamAggregatedResources(ctx)
	if err == nil {
		err = whole.Send(&discoveryv3.DiscoveryRequest{Node: node, TypeUrl: secretType})
	}
	if err == nil {
		_, err = whole.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
	delta, err := ads.DeltaAggregatedResources(ctx)
	if err == nil {
		err = delta.Send(&discoveryv3.DeltaDiscoveryRequest{Node: node, TypeUrl: secretType})
	}
	if err == nil {
		_, err = delta.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
	s.Stop()
	_, errWhole := whole.Recv()
	_, errDelta := delta.Recv()
	if errWhole == nil || errDelta == nil || ctx.Err() != nil {
		t.Errorf("after the stop: %v, %v", errWhole, errDelta)
	}
	for left := ""; ; time.Sleep(time.Millisecond) {
		buf := make([]byte, 1<<20)
		left = string(buf[:runtime.Stack(buf, true)])
		if !strings.Contains(left, "AggregatedResources(") {
			return
		}
		if ctx.Err() != nil {
			t.Fatalf("a stream goes on:\n%s", left)
		}
	}
}
