package extproc_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	api "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"

	"postern/proxy/extproc"
	"postern/proxy/upstream"
)

// handled gives what a stream hears whose request a handler of the test's answers.
func handled(t *testing.T, handler http.HandlerFunc) *api.ImmediateResponse {
	t.Helper()
	_, open := start(t, func(c *extproc.Config) { c.Handler = handler })
	e := open()
	e.say(request("/x", true))
	return e.hear().GetImmediateResponse()
}

// TestAnswersAreThoseOfAListener: what a handler writes becomes the answer that
// net/http makes of it.
func TestAnswersAreThoseOfAListener(t *testing.T) {
	for name, tc := range map[string]struct {
		handler             http.HandlerFunc
		status              int
		kind, body, details string
	}{
		"nothing": {func(http.ResponseWriter, *http.Request) {}, 200, "", "", "postern_answered"},
		"no type of its own": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "words")
		}, 200, "text/plain; charset=utf-8", "words", "postern_answered"},
		"a type of its own": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = io.WriteString(w, "words")
		}, 200, "application/json", "words", "postern_answered"},
		"a hint before the answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusEarlyHints)
			w.WriteHeader(http.StatusAccepted)
		}, 202, "", "", "postern_answered"},
		"a head after the body": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "words")
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(http.StatusTeapot)
		}, 200, "text/plain; charset=utf-8", "words", "postern_answered"},
		"the first refusal": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadRequest) }, 400, "", "", "postern_denied"},
		"too large, and more of it": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, strings.Repeat("x", 5<<20))
			_, _ = io.WriteString(w, "the end")
		}, 500, "text/plain; charset=utf-8", "the answer is too large", "postern_denied"},
	} {
		m := handled(t, tc.handler)
		if int(m.GetStatus().GetCode()) != tc.status || set(m.GetHeaders())["content-type"] != tc.kind || m.GetDetails() != tc.details || !strings.HasPrefix(string(m.GetBody()), tc.body) || (tc.body == "") != (len(m.GetBody()) == 0) {
			t.Errorf("%s: %v", name, m)
		}
	}
}

// TestNothingOfUpstreamsBodyIsLeft where the answer to the app has none.
func TestNothingOfUpstreamsBodyIsLeft(t *testing.T) {
	for _, details := range []string{"via_upstream", "upstream_response_timeout"} {
		for _, over := range []bool{false, true} {
			g, open := start(t)
			e := open()
			e.say(request("/silent", true))
			e.hear()
			e.say(reply(details, over))
			m := e.hear()
			if details == "via_upstream" && !over {
				e.say(replyBody("of upstream's"))
				if down := e.hear().GetResponseBody().GetResponse(); !down.GetBodyMutation().GetClearBody() || set(down.GetHeaderMutation())["content-length"] != "0" {
					t.Errorf("%s: %v", details, down)
				}
				continue
			}
			down := m.GetResponseHeaders().GetResponse()
			if replaced := down.GetStatus() == api.CommonResponse_CONTINUE_AND_REPLACE && down.GetBodyMutation().GetClearBody(); replaced == over || set(down.GetHeaderMutation())[":status"] != "201" {
				t.Errorf("%s, over %t: %v", details, over, down)
			}
			g.ended(t, extproc.Passed)
		}
	}
}

// TestNothingIsAnsweredWhenItIsTooLate: neither to a stream that was given up while
// the handler worked, nor for the patience of an Envoy that has its answer.
func TestNothingIsAnsweredWhenItIsTooLate(t *testing.T) {
	t.Parallel()
	g := newGate(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := &script{ctx: ctx, says: []*api.ProcessingRequest{request("/x", true)}}
	handler := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { cancel() })
	cfg := extproc.Config{Handler: handler, Refuse: g.refuse, BodyBytes: 1 << 20, Streams: 1, Observe: g}
	if err := extproc.New(cfg).Process(s); err == nil || len(s.heard) > 0 {
		t.Errorf("given up: %v, %v", s.heard, err)
	}
	g.ended(t, extproc.Cut)
	cfg.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	server := extproc.New(cfg)
	synctest.Test(t, func(t *testing.T) {
		s := &script{ctx: t.Context(), says: []*api.ProcessingRequest{request("/x", true)}}
		if err := server.Process(s); err == nil {
			t.Error("no error")
		}
		time.Sleep(time.Minute) // of the bubble, nobody waits: longer than it works before it asks for more time
		if len(s.heard) > 0 {
			t.Errorf("after the end: %v", s.heard)
		}
	})
}

// TestABodyIsNotAskedForAfterTheAnswer by what a handler leaves running.
func TestABodyIsNotAskedForAfterTheAnswer(t *testing.T) {
	g := newGate(t)
	var rest io.Reader
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { rest = r.Body })
	s := &script{ctx: t.Context(), says: []*api.ProcessingRequest{request("/x", false), requestBody("hello", true)}}
	if err := extproc.New(extproc.Config{Handler: handler, Refuse: g.refuse, BodyBytes: 1 << 20, Streams: 1, Observe: g}).Process(s); err != nil {
		t.Fatal(err)
	}
	if got, _ := io.ReadAll(rest); len(got) > 0 || s.answers() != 1 {
		t.Errorf("%d answers, the body is %q", s.answers(), got)
	}
}

// TestPatienceWithABody: Envoy waits for what is made of a body as well.
func TestPatienceWithABody(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	_, open := start(t, func(c *extproc.Config) {
		c.Handler = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			_, _ = io.ReadAll(r.Body)
			<-release
		})
	})
	e := open()
	e.say(request("/x", false))
	e.hear()
	e.say(requestBody("hello", true))
	if m := e.hear(); m.OverrideMessageTimeout.AsDuration() <= 0 || m.Response != nil {
		t.Errorf("%v", m)
	}
	close(release)
	if m := e.hear(); m.GetImmediateResponse().GetStatus().GetCode() != http.StatusOK {
		t.Errorf("%v", m)
	}
}

// TestHeadersReplaceThoseOfTheApp: the first of a name takes the place of what the
// other side wrote, the further ones stand beside it, and either form of Envoy's
// headers is read.
func TestHeadersReplaceThoseOfTheApp(t *testing.T) {
	_, open := start(t, func(c *extproc.Config) {
		c.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["X-Own"] = []string{r.Header.Get("X-Plain"), "second"}
			w.Header().Set("X-Trailers", strconv.Itoa(len(r.Trailer)))
		})
	})
	e := open()
	m := request("/x", true, "trailer: x-late")
	m.GetRequestHeaders().Headers.Headers = append(m.GetRequestHeaders().Headers.Headers, &corev3.HeaderValue{Key: "x-plain", Value: "first"})
	e.say(m)
	var got []string
	for _, h := range e.hear().GetImmediateResponse().GetHeaders().GetSetHeaders() {
		got = append(got, h.Header.Key+"="+string(h.Header.RawValue)+" "+h.AppendAction.String())
	}
	const over, beside = " OVERWRITE_IF_EXISTS_OR_ADD", " APPEND_IF_EXISTS_OR_ADD"
	if want := []string{"x-own=first" + over, "x-own=second" + beside, "x-trailers=1" + over}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestTrustInNothing: an Envoy that is believed and says nothing names nobody.
func TestTrustInNothing(t *testing.T) {
	_, open := start(t, func(c *extproc.Config) {
		c.Trust = extproc.Trust{Source: true, Certificate: true}
		c.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			_, _ = fmt.Fprintf(w, "%q %s", extproc.Names(r.Context()), r.RemoteAddr)
		})
	})
	e, m := open(), request("/x", true)
	m.Attributes = attributes("source.address", "", "connection.dns_san_peer_certificate", "")
	e.say(m)
	if got := string(e.hear().GetImmediateResponse().GetBody()); got != "[] 127.0.0.1:0" {
		t.Errorf("%s", got)
	}
}

// TestCallsThatLeaveLater go over the gateway's own connections: Envoy has one
// request to send.
func TestCallsThatLeaveLater(t *testing.T) {
	g := newGate(t)
	var second upstream.Answer
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		g.client.Call(r.Context(), http.MethodPost, upstream.Credential{Token: token}, "/1/messages", []byte("first"))
		second = g.client.Call(r.Context(), http.MethodPost, upstream.Credential{Token: token}, "/1/messages", []byte("second"))
	})
	s := &script{ctx: t.Context(), says: []*api.ProcessingRequest{request("/x", true), reply("via_upstream", true)}}
	if err := extproc.New(extproc.Config{Handler: handler, Refuse: g.refuse, BodyBytes: 1 << 20, Streams: 1, Observe: g}).Process(s); err != nil {
		t.Fatal(err)
	}
	if second.Answered() || second.Sent || s.answers() != 2 {
		t.Errorf("%d answers, the second call %+v", s.answers(), second)
	}
}
