package xds

import (
	"context"
	"slices"
	"strings"
	"sync"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// talk is one stream of an Envoy. Streams of deltas and of whole states are
// counted apart.
type talk struct {
	delta bool
	id    int64
}

// talks follow what Envoys answer to what they are given.
type talks struct {
	nodes   []string
	observe Observer

	mu       sync.Mutex
	who      map[talk]string            // node, from a stream's first request on
	sent     map[talk]map[string]string // version, by type
	rejected map[[2]string]string       // words, by node and kind
}

func newTalks(cfg ServerConfig) *talks {
	return &talks{
		nodes: slices.Clone(cfg.Nodes), observe: cfg.Observe,
		who: map[talk]string{}, sent: map[talk]map[string]string{}, rejected: map[[2]string]string{},
	}
}

// wholes and deltas hear both kinds of streams.
type (
	wholes struct{ *talks }
	deltas struct{ *talks }
)

// OnStreamOpen implements sotw.Callbacks.
func (wholes) OnStreamOpen(context.Context, int64, string) error { return nil }

// OnStreamClosed implements sotw.Callbacks.
func (w wholes) OnStreamClosed(id int64, _ *corev3.Node) { w.ended(talk{id: id}) }

// OnStreamRequest implements sotw.Callbacks.
func (w wholes) OnStreamRequest(id int64, r *discoveryv3.DiscoveryRequest) error {
	at := talk{id: id}
	fault := r.GetErrorDetail()
	if err := w.heard(at, said{r.GetNode().GetId(), r.GetTypeUrl(), r.GetResponseNonce(), fault != nil, fault.GetMessage()}); err != nil {
		return err
	}
	if fault != nil {
		// It has seen this version: without that it would be given the same again,
		// and reject it again, without end.
		r.VersionInfo = w.version(at, r.GetTypeUrl())
	}
	return nil
}

// OnStreamResponse implements sotw.Callbacks.
func (w wholes) OnStreamResponse(_ context.Context, id int64, r *discoveryv3.DiscoveryRequest, a *discoveryv3.DiscoveryResponse) {
	w.told(talk{id: id}, r.GetTypeUrl(), a.GetVersionInfo())
}

// OnDeltaStreamOpen implements delta.Callbacks.
func (deltas) OnDeltaStreamOpen(context.Context, int64, string) error { return nil }

// OnDeltaStreamClosed implements delta.Callbacks.
func (d deltas) OnDeltaStreamClosed(id int64, _ *corev3.Node) { d.ended(talk{true, id}) }

// OnStreamDeltaRequest implements delta.Callbacks.
func (d deltas) OnStreamDeltaRequest(id int64, r *discoveryv3.DeltaDiscoveryRequest) error {
	fault := r.GetErrorDetail()
	return d.heard(talk{true, id}, said{r.GetNode().GetId(), r.GetTypeUrl(), r.GetResponseNonce(), fault != nil, fault.GetMessage()})
}

// OnStreamDeltaResponse implements delta.Callbacks.
func (deltas) OnStreamDeltaResponse(int64, *discoveryv3.DeltaDiscoveryRequest, *discoveryv3.DeltaDiscoveryResponse) {
}

// known refuses an id that the configuration does not name.
func (t *talks) known(node string) error {
	if slices.Contains(t.nodes, node) {
		return nil
	}
	t.observe.Unknown()
	return status.Error(codes.PermissionDenied, "this node id is not known: name it under envoy.xds.nodes")
}

// said is what both kinds of requests say.
type said struct {
	node, kind, nonce string
	refused           bool
	words             string
}

// heard takes note of a request. With a nonce it says what became of an answer.
func (t *talks) heard(at talk, r said) error {
	t.mu.Lock()
	if t.who[at] == "" {
		t.who[at] = r.node // later requests need not say it again
	}
	who := t.who[at]
	t.mu.Unlock()
	if err := t.known(who); err != nil {
		return err
	}
	if r.nonce != "" {
		t.judged([2]string{who, kindOf(r.kind)}, cleaned(r.words), r.refused)
	}
	return nil
}

// judged tells a rejection once, and its end.
func (t *talks) judged(what [2]string, words string, refused bool) {
	t.mu.Lock()
	before, was := t.rejected[what]
	if refused {
		t.rejected[what] = words
	} else {
		delete(t.rejected, what)
	}
	t.mu.Unlock()
	switch {
	case refused && (!was || before != words):
		t.observe.Rejected(what[0], what[1], words)
	case !refused && was:
		t.observe.Accepted(what[0], what[1])
	}
}

func (t *talks) told(at talk, kind, version string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.sent[at] == nil {
		t.sent[at] = map[string]string{}
	}
	t.sent[at][kind] = version
}

func (t *talks) version(at talk, kind string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sent[at][kind]
}

func (t *talks) ended(at talk) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.who, at)
	delete(t.sent, at)
}

// kindOf is the last word of a type's name.
func kindOf(url string) string {
	kind := url[strings.LastIndexByte(url, '.')+1:]
	if len(kind) > 64 {
		kind = "unknown"
	}
	return kind
}

const maxWords = 500

// cleaned are an Envoy's words without what could be of a certificate or key,
// on one line, bounded.
func cleaned(words string) string {
	words, _, _ = strings.Cut(words, "-----BEGIN")
	words = strings.Join(strings.FieldsFunc(words, func(r rune) bool { return r <= ' ' || r > '~' }), " ")
	return words[:min(len(words), maxWords)]
}
