package extproc

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"

	"postern/proxy/upstream"
)

// way carries the first call to Meta as the request that Envoy holds.
type way struct {
	x *exchange
	// misshapen hears what Envoy's configuration lacks.
	misshapen func(lacks string)
}

var (
	errSpoilt    = errors.New("the request from Envoy is not whole")
	errUnmarked  = errors.New("it is not said whose answer this is")
	errNoAnswer  = errors.New("no answer of upstream's came by Envoy")
	errUnreached = errors.New("upstream is not reached by Envoy")
)

// RoundTrip implements http.RoundTripper. It reports a connection through
// net/http/httptrace unless the call surely never left.
func (w way) RoundTrip(req *http.Request) (*http.Response, error) {
	x := w.x
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.broken != nil {
		return nil, errSpoilt
	}
	if x.over || x.turn > atBody {
		return nil, upstream.ErrElsewhere
	}
	if err := x.forward(req); err != nil {
		return nil, err
	}
	resp, left, err := w.response(req.Context())
	if trace := httptrace.ContextClientTrace(req.Context()); left && trace != nil && trace.GotConn != nil {
		trace.GotConn(httptrace.GotConnInfo{})
	}
	return resp, err
}

// forward has Envoy send the call in place of the app's request. After an error
// nothing left.
func (x *exchange) forward(req *http.Request) error {
	content, err := whole(req)
	if err != nil {
		return err
	}
	if err := x.fetch(); err != nil {
		return err
	}
	if err := x.stream.Context().Err(); err != nil {
		return fmt.Errorf("the request was given up: %w", err)
	}
	if err := x.send(x.onward(req, content)); err != nil {
		x.over, x.broken = true, err
		return fmt.Errorf("hand the request to Envoy: %w", err)
	}
	x.turn = away
	return nil
}

func whole(req *http.Request) ([]byte, error) {
	if req.Body == nil {
		return nil, nil
	}
	content, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, fmt.Errorf("read the call's body: %w", err)
	}
	return content, req.Body.Close()
}

// onward is the answer that replaces the app's request by the call: nothing of
// its headers is left.
func (x *exchange) onward(req *http.Request, content []byte) *extproc.ProcessingResponse {
	h := req.Header.Clone()
	h.Set("User-Agent", "postern")
	common := &extproc.CommonResponse{HeaderMutation: &extproc.HeaderMutation{
		SetHeaders: append([]*corev3.HeaderValueOption{
			set(":method", req.Method), set(":path", req.URL.RequestURI()), set(":authority", req.URL.Host),
		}, sets(h)...),
		RemoveHeaders: others(x.head, func(name string) bool { return h[http.CanonicalHeaderKey(name)] != nil }),
	}}
	if x.turn == atBody {
		resize(common, content)
		return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_RequestBody{RequestBody: &extproc.BodyResponse{Response: common}}}
	}
	if len(content) > 0 {
		common.Status = extproc.CommonResponse_CONTINUE_AND_REPLACE
		resize(common, content)
	}
	return &extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_RequestHeaders{RequestHeaders: &extproc.HeadersResponse{Response: common}}}
}

// resize replaces a body. Its length is said in the same answer: without that
// Envoy refuses the request, or sends it chunked.
func resize(common *extproc.CommonResponse, content []byte) {
	common.HeaderMutation.SetHeaders = append(common.HeaderMutation.SetHeaders, set("content-length", strconv.Itoa(len(content))))
	if len(content) == 0 {
		common.BodyMutation = &extproc.BodyMutation{Mutation: &extproc.BodyMutation_ClearBody{ClearBody: true}}
		return
	}
	common.BodyMutation = &extproc.BodyMutation{Mutation: &extproc.BodyMutation_Body{Body: content}}
}

// response waits for what becomes of the call. left says whether anything of it
// may have gone up.
func (w way) response(ctx context.Context) (resp *http.Response, left bool, err error) {
	m, err := w.x.receive(ctx)
	if err != nil {
		return nil, true, fmt.Errorf("wait for upstream's answer: %w", err)
	}
	head := m.GetResponseHeaders()
	if head == nil {
		return nil, true, w.x.spoil(errMessage)
	}
	w.x.reply, w.x.turn = head.GetHeaders(), atStub
	if head.GetEndOfStream() {
		w.x.turn = atReply
	}
	switch details := attributes(m)[attrDetails].GetStringValue(); {
	case details == "":
		w.misshapen("response_attributes is without " + attrDetails + ", so that Envoy's own answers look like upstream's")
		return nil, true, errUnmarked
	case unreached(details):
		return nil, false, errUnreached
	case details != viaUpstream:
		return nil, true, errNoAnswer
	}
	resp, err = w.x.responded(ctx)
	return resp, true, err
}

// unreached are the words of Envoy for calls of which surely nothing left: there
// was no connection for them.
func unreached(details string) bool {
	switch details {
	case "no_healthy_upstream", "cluster_not_found", "route_not_found", "maintenance_mode", "overload":
		return true
	}
	reason, found := strings.CutPrefix(details, "upstream_reset_before_response_started{")
	reason, _, _ = strings.Cut(strings.TrimSuffix(reason, "}"), "|")
	switch reason {
	case "connection_failure", "local_connection_failure", "remote_connection_failure", "connection_timeout", "overflow":
		return found
	}
	return false
}

// responded is upstream's response, read to its end.
func (x *exchange) responded(ctx context.Context) (*http.Response, error) {
	status, err := strconv.Atoi(pseudo(x.reply, ":status"))
	if err != nil {
		return nil, x.spoil(errMessage)
	}
	resp := &http.Response{StatusCode: status, Header: header(x.reply), Body: http.NoBody}
	if x.turn == atReply {
		return resp, nil
	}
	content, err := x.responseBody(ctx)
	if err != nil {
		return nil, fmt.Errorf("read upstream's answer: %w", err)
	}
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(content)), int64(len(content))
	return resp, nil
}

// pass leaves the head of a response as it is.
func (x *exchange) pass() error {
	return x.send(&extproc.ProcessingResponse{Response: &extproc.ProcessingResponse_ResponseHeaders{ResponseHeaders: &extproc.HeadersResponse{}}})
}

func (x *exchange) responseBody(ctx context.Context) ([]byte, error) {
	if err := x.pass(); err != nil {
		return nil, x.spoil(err)
	}
	x.turn = away
	m, err := x.receive(ctx)
	if err != nil {
		return nil, err
	}
	body := m.GetResponseBody()
	if body == nil {
		return nil, x.spoil(errMessage)
	}
	x.turn = atContent
	return body.GetBody(), nil
}
