package extproc

import (
	"context"
	"errors"
	"sync"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/protobuf/types/known/durationpb"
)

// turn is what Envoy waits for.
type turn int

const (
	atHeaders turn = iota // the answer to the request's headers
	atBody                // the answer to its body
	away                  // upstream
	atReply               // the answer to the headers of upstream's response, which is over
	atStub                // the same, and a body would follow
	atContent             // the answer to the body of the response
)

const (
	// patience is how long Envoy is asked to wait for an answer that takes longer
	// than moment: as long as a file may. Its max_message_timeout has to allow that.
	patience = 10 * time.Minute
	moment   = time.Second
	// arrival bounds how long a body may take.
	arrival = 60 * time.Second
)

// exchange is the talk with Envoy about one request. Its fields belong to the
// goroutine that serves the stream, or with mu to that of a call to upstream.
type exchange struct {
	stream extproc.ExternalProcessor_ProcessServer
	coming chan *extproc.ProcessingRequest // after the first one, until the stream is over; nil until somebody waits

	mu     sync.Mutex // held while a call is upstream, and to end it all
	turn   turn
	over   bool  // nothing goes up any more
	broken error // why nothing may
	ended  bool  // by Envoy

	head     *corev3.HeaderMap // of the request
	embodied bool              // it has a body
	declared int64             // its length, -1 where the head does not say
	content  []byte            // once it was asked for
	reply    *corev3.HeaderMap // of upstream's response

	sending sync.Mutex // of messages to Envoy
	closed  bool       // nothing is said any more; guarded by sending
	slow    *time.Timer
}

func newExchange(stream extproc.ExternalProcessor_ProcessServer) *exchange {
	x := &exchange{stream: stream}
	x.slow = time.AfterFunc(moment, x.ask)
	return x
}

// ask makes Envoy wait longer for what it waits for now.
func (x *exchange) ask() {
	x.sending.Lock()
	defer x.sending.Unlock()
	if !x.closed {
		_ = x.stream.Send(&extproc.ProcessingResponse{OverrideMessageTimeout: durationpb.New(patience)}) //nolint:errcheck // a broken stream is seen by who serves it
	}
}

// close ends what the exchange does by itself.
func (x *exchange) close() {
	x.slow.Stop()
	x.sending.Lock()
	defer x.sending.Unlock()
	x.closed = true
}

// first is what Envoy begins with.
func (x *exchange) first() (*extproc.ProcessingRequest, error) {
	m, err := x.stream.Recv()
	return x.heard(m, err == nil)
}

// receive waits for Envoy's next message, which the gateway owes an answer from
// then on.
func (x *exchange) receive(ctx context.Context) (*extproc.ProcessingRequest, error) {
	if x.coming == nil {
		x.coming = make(chan *extproc.ProcessingRequest)
		go x.read()
	}
	select {
	case m, more := <-x.coming:
		return x.heard(m, more)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// read hands on what Envoy says until the stream is over, so that receive need
// not wait any longer than its caller does.
func (x *exchange) read() {
	defer close(x.coming)
	for over := x.stream.Context().Done(); ; {
		m, err := x.stream.Recv()
		if err != nil {
			return
		}
		select {
		case x.coming <- m:
		case <-over:
			return
		}
	}
}

var errOver = errors.New("the stream is over")

func (x *exchange) heard(m *extproc.ProcessingRequest, more bool) (*extproc.ProcessingRequest, error) {
	if !more {
		x.ended = true
		return nil, errOver
	}
	x.slow.Reset(moment)
	return m, nil
}

// send answers what Envoy waits for.
func (x *exchange) send(m *extproc.ProcessingResponse) error {
	x.slow.Stop()
	x.sending.Lock()
	defer x.sending.Unlock()
	return x.stream.Send(m)
}

var (
	errMessage  = errors.New("another message of Envoy's than the one that is due")
	errTrailers = errors.New("trailers are not accepted")
	errLength   = errors.New("the body has another length than the head says")
)

// spoil ends the talk: nothing goes up any more.
func (x *exchange) spoil(err error) error {
	x.over, x.broken = true, err
	return err
}

// fetch has the request's body, whole. One that is not to be had spoils the
// request: nothing of it goes up. It needs the lock.
func (x *exchange) fetch() error {
	if x.broken != nil {
		return x.broken
	}
	if x.turn != atHeaders || !x.embodied || x.over {
		return nil
	}
	ctx, cancel := context.WithTimeout(x.stream.Context(), arrival)
	defer cancel()
	if err := x.load(ctx); err != nil {
		return x.spoil(err)
	}
	return nil
}

// load asks for the request's body. With that Envoy gives up the head as it came:
// should anything of the request ever go on without another word of the gateway,
// it holds no credential.
func (x *exchange) load(ctx context.Context) error {
	err := x.send(&extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_RequestHeaders{
		RequestHeaders: &extproc.HeadersResponse{Response: &extproc.CommonResponse{HeaderMutation: bare(x.head)}},
	}})
	if err != nil {
		return err
	}
	m, err := x.receive(ctx)
	if err != nil {
		return err
	}
	body := m.GetRequestBody()
	if body == nil {
		return errMessage
	}
	x.turn, x.content = atBody, body.GetBody()
	switch {
	case !body.GetEndOfStream(): // a body comes as one message
		return errTrailers
	case x.declared >= 0 && x.declared != int64(len(x.content)):
		return errLength
	}
	return nil
}
