package envoy

import (
	"errors"
	"io"
	"net"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// relay stands between Envoy and the gateway's processor, passes everything on,
// and breaks each stream where its request asks for it. So a processor that is
// killed or hangs does so at a message, not at a moment.
type relay struct {
	extproc.UnimplementedExternalProcessorServer
	to   extproc.ExternalProcessorClient
	hung sync.WaitGroup // streams that came to where they hang
	stop func()         // ends it as a kill would
}

// phaseHeader asks for a fault: "cut" or "hang", "in" (from Envoy) or "out" (to
// it), and the number of the message that does not pass.
const phaseHeader = "x-phase"

// newRelay starts one and gives its socket.
func newRelay(t *testing.T, processor, dir string) (*relay, string) {
	t.Helper()
	conn, err := grpc.NewClient("unix:"+processor, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	socket := filepath.Join(dir, "relay")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	r, server := &relay{to: extproc.NewExternalProcessorClient(conn)}, grpc.NewServer()
	extproc.RegisterExternalProcessorServer(server, r)
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	r.stop = sync.OnceFunc(func() {
		server.Stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if err := conn.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(r.stop)
	return r, socket
}

// fault is where one stream breaks.
type fault struct {
	hang bool
	in   int // -1 for none
	out  int
	at   chan struct{} // closed once it is reached
}

func faultOf(m *extproc.ProcessingRequest) fault {
	f := fault{in: -1, out: -1, at: make(chan struct{})}
	for _, h := range m.GetRequestHeaders().GetHeaders().GetHeaders() {
		if h.Key != phaseHeader {
			continue
		}
		words := strings.Fields(string(h.RawValue))
		n, err := strconv.Atoi(words[2])
		if err != nil {
			panic(err)
		}
		f.hang = words[0] == "hang"
		if words[1] == "in" {
			f.in = n
		} else {
			f.out = n
		}
	}
	return f
}

// Process implements extproc.ExternalProcessorServer.
func (r *relay) Process(envoy extproc.ExternalProcessor_ProcessServer) error {
	first, err := envoy.Recv()
	if err != nil {
		return err
	}
	f := faultOf(first)
	gateway, err := r.to.Process(envoy.Context())
	if err != nil {
		return err
	}
	over := make(chan error, 2)
	go func() { over <- r.inwards(first, envoy, gateway, f) }()
	go func() { over <- r.outwards(envoy, gateway, f) }()
	return <-over // which cancels the other
}

// inwards passes what Envoy says.
func (r *relay) inwards(m *extproc.ProcessingRequest, envoy extproc.ExternalProcessor_ProcessServer, gateway extproc.ExternalProcessor_ProcessClient, f fault) error {
	for n := 0; ; n++ {
		if n == f.in {
			return r.breaks(envoy, f)
		}
		if err := gateway.Send(m); err != nil {
			return err
		}
		var err error
		if m, err = envoy.Recv(); errors.Is(err, io.EOF) {
			return gateway.CloseSend()
		} else if err != nil {
			return err
		}
	}
}

// outwards passes what the gateway answers.
func (r *relay) outwards(envoy extproc.ExternalProcessor_ProcessServer, gateway extproc.ExternalProcessor_ProcessClient, f fault) error {
	for n := 0; ; {
		m, err := gateway.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		switch asks := m.GetResponse() == nil; { // for time
		case asks && f.hang:
			continue // Envoy would bear the fault as long
		case !asks && n == f.out:
			return r.breaks(envoy, f)
		case !asks:
			n++
		}
		select {
		case <-f.at: // nothing passes any more
			<-envoy.Context().Done()
			return envoy.Context().Err()
		default:
		}
		if err := envoy.Send(m); err != nil {
			return err
		}
	}
}

// breaks is the fault itself.
func (r *relay) breaks(envoy extproc.ExternalProcessor_ProcessServer, f fault) error {
	if f.hang {
		close(f.at)
		r.hung.Done()
		<-envoy.Context().Done()
	}
	return status.Error(codes.Unavailable, "cut")
}
