// Package extproc is the edge behind Envoy: its external processor (ext_proc
// v3). Each stream is one request. It is given to the very handler of the HTTP
// listener, strict shell included, so that there is no second admission path;
// what the handler sends to Meta first goes up as the request that Envoy holds,
// everything else as ever.
//
// It fails closed: Envoy hears of nothing to send before the handler asked for
// it, that is before its admission is on record. An Envoy that is not set up as
// README.md says is answered with an error and an alarm. What the gateway can
// not answer ends the stream, which Envoy answers by itself as long as
// failure_mode_allow is false.
//
// Whoever may open streams and has an app's key can read Meta's token: streams
// are for Envoy alone, over a unix socket that others can not open or over TLS
// with a client certificate.
package extproc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"postern/proxy/edge"
)

// Config is what the edge stands on.
type Config struct {
	// Handler is that of the listener, with the strict shell around it.
	Handler http.Handler
	// Refuse answers in the caller's dialect what can not be served this way.
	Refuse func(w http.ResponseWriter, r *http.Request, f edge.Fault)
	// BodyBytes is the largest body that the handler takes of an app.
	BodyBytes int64
	// Streams bounds those that are open at once. More are refused.
	Streams int
	// TLS asks for client certificates. Nil for a unix socket.
	TLS *tls.Config
	// Handshake hears why one failed, see Credentials.
	Handshake func(failure string)
	Trust     Trust
	Observe   Observer
}

// Trust says which of Envoy's attributes are believed. The zero value believes
// none.
type Trust struct {
	Source      bool // source.address is whom limits and counts of strangers are about
	Certificate bool // connection.*_san_peer_certificate names the app
}

// End is how a stream ended.
type End string

// Ends of streams.
const (
	Answered  End = "answered"  // by the gateway, nothing went up
	Passed    End = "passed"    // by what the gateway made of upstream's answer
	Cut       End = "cut"       // by Envoy, before the answer
	Foreign   End = "foreign"   // it was about an answer of Envoy's own, to a request that it did not show
	Misshapen End = "misshapen" // Envoy is not set up as README.md says
	Shed      End = "shed"      // too many streams
	Broken    End = "broken"    // by the gateway, without an answer
)

// Observer hears of streams. Its methods are called concurrently.
type Observer interface {
	StreamOpened()
	StreamEnded(how End)
	// Misshapen says what Envoy's configuration lacks.
	Misshapen(lacks string)
}

// Server takes Envoy's streams.
type Server struct {
	cfg  Config
	grpc *grpc.Server
	open atomic.Int64
	extproc.UnimplementedExternalProcessorServer
}

const (
	// maxAnswer bounds what is given as an answer.
	maxAnswer = 4 << 20
	// maxMessage bounds a message of Envoy's besides BodyBytes: files of some size
	// and answers of upstream's.
	maxMessage = 16 << 20
	// shedding is how many times Streams may be open while what is too much is
	// answered.
	shedding = 4
	// perConnection bounds streams of one connection: Envoy opens more of them.
	perConnection = 1000
	// window is what Envoy may send on a stream, and wideWindow on all streams of a
	// connection, before anything of it is read. That they are fixed saves gRPC's
	// measuring of the way, a ping with most messages.
	window, wideWindow = 256 << 10, 16 << 20
	// workers serve streams one after the other: what a send needs of a stack is
	// there by then. Streams beyond them get a goroutine each.
	workers = 64
)

// New makes a server that does not listen yet.
func New(cfg Config) *Server {
	s := &Server{cfg: cfg}
	s.grpc = grpc.NewServer(
		grpc.Creds(Credentials(cfg.TLS, cfg.Handshake)),
		grpc.MaxRecvMsgSize(int(cfg.BodyBytes)+maxMessage),
		grpc.MaxConcurrentStreams(perConnection),
		grpc.StaticStreamWindowSize(window), grpc.StaticConnWindowSize(wideWindow),
		grpc.NumStreamWorkers(workers),
		grpc.ConnectionTimeout(10*time.Second),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 10 * time.Second}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 5 * time.Second, PermitWithoutStream: true}),
	)
	extproc.RegisterExternalProcessorServer(s.grpc, s)
	return s
}

// Serve takes streams until Stop. It closes the socket.
func (s *Server) Serve(socket net.Listener) error {
	if err := s.grpc.Serve(socket); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve Envoy: %w", err)
	}
	return nil
}

// Stop takes no new streams and lets those under way finish until ctx ends.
func (s *Server) Stop(ctx context.Context) error {
	done := make(chan struct{})
	go func() { defer close(done); s.grpc.GracefulStop() }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
		return fmt.Errorf("end streams of Envoy: %w", ctx.Err())
	}
}

// Process serves one request of Envoy's.
func (s *Server) Process(stream extproc.ExternalProcessor_ProcessServer) (err error) {
	s.cfg.Observe.StreamOpened()
	how := Broken
	defer func() {
		if v := recover(); v != nil {
			err = status.Error(codes.Internal, "the request could not be served") // of v nothing is told: it may hold a message
		}
		s.cfg.Observe.StreamEnded(how)
	}()
	defer s.open.Add(-1)
	open := s.open.Add(1)
	if open > int64(s.cfg.Streams)*shedding { // no room even to say so
		how = Shed
		return status.Error(codes.ResourceExhausted, "too many streams; raise envoy.ext_proc.streams")
	}
	how, err = s.serve(newExchange(stream), open > int64(s.cfg.Streams))
	return err
}
