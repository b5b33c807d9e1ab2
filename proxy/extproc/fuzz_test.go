package extproc_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"testing"

	api "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protodelim"

	"postern/proxy/edge"
	"postern/proxy/extproc"
	"postern/proxy/upstream"
)

// script is a stream that says what it was told to, and keeps what it hears.
type script struct {
	grpc.ServerStream
	ctx   context.Context //nolint:containedctx // of the stream it plays
	says  []*api.ProcessingRequest
	heard []*api.ProcessingResponse
}

func (s *script) Context() context.Context { return s.ctx }

func (s *script) Recv() (*api.ProcessingRequest, error) {
	if len(s.says) == 0 {
		return nil, io.EOF
	}
	m := s.says[0]
	s.says = s.says[1:]
	return m, nil
}

func (s *script) Send(m *api.ProcessingResponse) error {
	s.heard = append(s.heard, m)
	return nil
}

// onward reports an answer with which Envoy sends something up. That which asks
// for a body is none: Envoy holds the request until it has it.
func onward(m *api.ProcessingResponse) bool {
	_, called := set(m.GetRequestHeaders().GetResponse().GetHeaderMutation())[":authority"]
	return called || m.GetRequestBody() != nil
}

// answered reports that the last word is an answer to the app.
func answered(heard []*api.ProcessingResponse) bool {
	if len(heard) == 0 {
		return false
	}
	last := heard[len(heard)-1]
	return last.GetImmediateResponse() != nil || last.GetResponseHeaders() != nil || last.GetResponseBody() != nil
}

// FuzzStream: whatever Envoy says, nothing panics, and nothing goes up before
// the handler let it, nor twice, nor with the app's headers.
func FuzzStream(f *testing.F) {
	for _, seed := range [][]*api.ProcessingRequest{
		{request("/x", true), reply("via_upstream", true)},
		{request("/x?a=b", false, "content-length: 5"), requestBody("hello", true), reply("via_upstream", false), replyBody("fine")},
		{request("/x", false), requestBody("hello", false)},
		{request("/refuse", false), requestBody("hello", true)},
		{reply("no_healthy_upstream", true), request("/x", true)},
		{requestBody("x", true)},
	} {
		var b bytes.Buffer
		for _, m := range seed {
			if _, err := protodelim.MarshalTo(&b, m); err != nil {
				f.Fatal(err)
			}
		}
		f.Add(b.Bytes())
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := &script{ctx: t.Context(), says: messages(raw)}
		asked := askedFor(s.says)
		g := newGate(t)
		admitted := -1 // how much was heard by then
		server := extproc.New(extproc.Config{Refuse: g.refuse, BodyBytes: 1 << 20, Streams: 1, Observe: g, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := edge.ReadBody(r, 1<<20)
			if err != nil || r.URL.Path == "/refuse" {
				return
			}
			admitted = len(s.heard)
			g.client.Call(r.Context(), r.Method, upstream.Credential{Token: token}, "/1/messages", body)
		})})
		if err := server.Process(s); err == nil && !answered(s.heard) {
			t.Fatal("the stream ends as if Envoy might go on by itself")
		}
		ups := 0
		for i, m := range s.heard {
			if !onward(m) {
				continue
			}
			if ups++; admitted < 0 || i < admitted || ups > 1 {
				t.Fatalf("answer %d of %d lets a request through, admitted at %d", i, len(s.heard), admitted)
			}
			if removed := m.GetRequestHeaders().GetResponse().GetHeaderMutation().GetRemoveHeaders(); m.GetRequestBody() == nil && slices.Contains(asked, "x-app") && !slices.Contains(removed, "x-app") {
				t.Fatal("a header of the app's goes up")
			}
		}
	})
}

func messages(raw []byte) (out []*api.ProcessingRequest) {
	in := bytes.NewReader(raw)
	for len(out) < 8 {
		m := &api.ProcessingRequest{}
		if err := protodelim.UnmarshalFrom(in, m); err != nil {
			if !errors.Is(err, io.EOF) && len(out) == 0 {
				return []*api.ProcessingRequest{m}
			}
			return out
		}
		out = append(out, m)
	}
	return out
}

// askedFor are the names of the headers in the first message.
func askedFor(all []*api.ProcessingRequest) (out []string) {
	if len(all) == 0 {
		return nil
	}
	for _, h := range all[0].GetRequestHeaders().GetHeaders().GetHeaders() {
		out = append(out, h.GetKey())
	}
	return out
}
