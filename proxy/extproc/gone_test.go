package extproc_test

import (
	"context"
	"net/http"
	"testing"

	api "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"

	"postern/proxy/extproc"
	"postern/proxy/upstream"
)

// answers are what was said but for requests for more time.
func (s *script) answers() (n int) {
	for _, m := range s.heard {
		if m.Response != nil {
			n++
		}
	}
	return n
}

// TestNothingIsSaidToWhoIsGone: a stream that Envoy ends is an error on this side,
// too, wherever it ends: an Envoy that still listens takes a stream which ends
// well for leave to send the request as it is.
func TestNothingIsSaidToWhoIsGone(t *testing.T) {
	for name, tc := range map[string]struct {
		says    []*api.ProcessingRequest
		answers int // that were due before
	}{
		"at once":                  {nil, 0},
		"before the body":          {[]*api.ProcessingRequest{request("/x", false)}, 1},
		"before the body, refused": {[]*api.ProcessingRequest{request("/stubborn", false)}, 1},
		"before upstream's answer": {[]*api.ProcessingRequest{request("/x", true)}, 1},
		"before the answer's body": {[]*api.ProcessingRequest{request("/x", true), reply("via_upstream", false)}, 2},
	} {
		g := newGate(t)
		s := &script{ctx: t.Context(), says: tc.says}
		err := extproc.New(extproc.Config{Handler: g, Refuse: g.refuse, BodyBytes: 1 << 20, Streams: 1, Observe: g}).Process(s)
		if err == nil || s.answers() != tc.answers {
			t.Errorf("%s: %d answers, %v", name, s.answers(), err)
		}
		g.ended(t, extproc.Cut)
	}
}

// TestNothingGoesUpAfterTheAnswer: what a handler leaves running makes its calls
// over the gateway's own connections.
func TestNothingGoesUpAfterTheAnswer(t *testing.T) {
	g := newGate(t)
	var rest context.Context
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { rest = context.WithoutCancel(r.Context()) })
	s := &script{ctx: t.Context(), says: []*api.ProcessingRequest{request("/x", true)}}
	if err := extproc.New(extproc.Config{Handler: handler, Refuse: g.refuse, BodyBytes: 1 << 20, Streams: 1, Observe: g}).Process(s); err != nil {
		t.Fatal(err)
	}
	answers := s.answers()
	a := g.client.Call(rest, http.MethodPost, upstream.Credential{Token: token}, "/1/messages", nil)
	if s.answers() != answers || a.Answered() {
		t.Errorf("%d answers, then %d; %+v", answers, s.answers(), a)
	}
}
