package extproc

import (
	"errors"
	"net/http"
	"strconv"
	"time"

	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/grpc/codes"
	grpcstatus "google.golang.org/grpc/status"

	"postern/proxy/edge"
	"postern/proxy/upstream"
)

// answer is what the handler writes. It is kept whole: Envoy takes it as one.
type answer struct {
	head   http.Header // the handler's
	said   http.Header // as it was when the answer began
	status int
	body   []byte
	over   bool // it grew too large
}

var errAnswer = errors.New("the answer is larger than Envoy takes as one")

// errGone ends a stream without an answer. Envoy takes one that ends without an
// error for permission to go on by itself.
var errGone = grpcstatus.Error(codes.Canceled, "the request was given up")

func newAnswer() *answer { return &answer{head: http.Header{}} }

// Header implements http.ResponseWriter.
func (a *answer) Header() http.Header { return a.head }

// WriteHeader implements http.ResponseWriter.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status, a.said = status, a.head.Clone()
	}
}

// Write implements http.ResponseWriter.
func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	if a.over = a.over || len(a.body)+len(p) > maxAnswer; a.over {
		return 0, errAnswer
	}
	a.body = append(a.body, p...)
	return len(p), nil
}

// SetReadDeadline is for http.ResponseController: how long a body may take is
// Envoy's to bound.
func (*answer) SetReadDeadline(time.Time) error { return nil }

// SetWriteDeadline is the same for the answer.
func (*answer) SetWriteDeadline(time.Time) error { return nil }

// headers are those that the HTTP listener would write.
func (a *answer) headers() http.Header {
	a.WriteHeader(http.StatusOK)
	if _, typed := a.said["Content-Type"]; !typed && len(a.body) > 0 {
		a.said.Set("Content-Type", http.DetectContentType(a.body))
	}
	return a.said
}

// details is the word for Envoy's access log.
func (a *answer) details() string {
	if a.status >= http.StatusBadRequest {
		return "postern_denied"
	}
	return "postern_answered"
}

// serve has the handler answer the request of a stream. One that is too many is
// refused before anything is decided: nothing was sent, and who asked reads that.
func (s *Server) serve(x *exchange, full bool) (End, error) {
	defer x.close()
	ctx := x.stream.Context()
	first, err := x.first()
	switch {
	case err != nil:
		return Cut, errGone
	case foreign(first):
		return Foreign, x.pass()
	}
	r, malformed := s.request(ctx, x, first)
	out := newAnswer()
	switch lack := lacks(first); {
	case lack != "":
		s.cfg.Observe.Misshapen(lack)
		s.cfg.Refuse(out, r, edge.FaultProxy)
		_, err := x.finish(out)
		return Misshapen, err
	case full:
		s.cfg.Refuse(out, r, edge.FaultBusy)
		_, err := x.finish(out)
		return Shed, err
	case malformed != nil:
		s.cfg.Refuse(out, r, edge.FaultTarget)
	default:
		if out = s.handled(x, r); out == nil {
			return Broken, grpcstatus.Error(codes.Aborted, "the answer was broken off")
		}
	}
	return x.finish(out)
}

// handled is the handler's answer, nil for one that it broke off.
func (s *Server) handled(x *exchange, r *http.Request) *answer {
	out := newAnswer()
	whole := s.run(out, r.WithContext(upstream.Via(r.Context(), way{x, s.cfg.Observe.Misshapen})))
	switch {
	case out.over:
		out = newAnswer()
		s.cfg.Refuse(out, r, edge.FaultAnswer)
	case !whole:
		return nil
	}
	return out
}

// run calls the handler. What it panics with is for Process, but for the value
// with which handlers break an answer off.
func (s *Server) run(w http.ResponseWriter, r *http.Request) (whole bool) {
	defer func() {
		if v := recover(); v != nil && v != http.ErrAbortHandler { //nolint:errorlint // panic values are compared so by net/http, too
			panic(v)
		}
	}()
	s.cfg.Handler.ServeHTTP(w, r)
	return true
}

// finish gives Envoy the answer. Nothing goes up from then on.
func (x *exchange) finish(a *answer) (End, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.over = true
	if x.ended || x.stream.Context().Err() != nil {
		return Cut, errGone
	}
	how, m := Answered, a.immediate()
	if x.turn > away {
		how, m = Passed, x.changed(a)
	}
	if err := x.send(m); err != nil {
		return Cut, errGone
	}
	return how, nil
}

// immediate is the answer to a request of which nothing came back.
func (a *answer) immediate() *extproc.ProcessingResponse {
	h := a.headers()
	return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_ImmediateResponse{ImmediateResponse: &extproc.ImmediateResponse{
		Status:  &typev3.HttpStatus{Code: typev3.StatusCode(a.status)}, //nolint:gosec // a status, three digits
		Headers: &extproc.HeaderMutation{SetHeaders: sets(h)},
		Body:    a.body, Details: a.details(),
	}}}
}

// changed is the answer in place of upstream's response: nothing of that is left.
func (x *exchange) changed(a *answer) *extproc.ProcessingResponse {
	h := a.headers()
	common := &extproc.CommonResponse{HeaderMutation: &extproc.HeaderMutation{
		SetHeaders:    append(sets(h), set(":status", strconv.Itoa(a.status))),
		RemoveHeaders: others(x.reply, func(name string) bool { return h[http.CanonicalHeaderKey(name)] != nil }),
	}}
	if x.turn == atContent {
		resize(common, a.body)
		return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_ResponseBody{ResponseBody: &extproc.BodyResponse{Response: common}}}
	}
	if x.turn == atStub || len(a.body) > 0 {
		common.Status = extproc.CommonResponse_CONTINUE_AND_REPLACE
		resize(common, a.body)
	}
	return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_ResponseHeaders{ResponseHeaders: &extproc.HeadersResponse{Response: common}}}
}
