package extproc_test

import (
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	api "github.com/envoyproxy/go-control-plane/envoy/service/ext_proc/v3"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"postern/proxy/edge"
	"postern/proxy/extproc"
)

var upward = map[string]string{
	":method": "POST", ":path": "/v25.0/1/messages", ":authority": "127.0.0.1:1",
	"authorization": "Bearer " + token, "content-type": "application/json", "user-agent": "postern",
}

// TestBodyIsReplaced: request and response are exchanged whole, each with its
// length in the same answer.
func TestBodyIsReplaced(t *testing.T) {
	g, open := start(t)
	e := open()
	e.say(request("/v1/x?access_token=key", false, "content-length: 5", "cookie: a=b", "host: gateway.example"))
	first := e.hear().GetRequestHeaders().GetResponse()
	if first == nil || first.Status != api.CommonResponse_CONTINUE || first.BodyMutation != nil {
		t.Fatalf("the body is not asked for: %v", first)
	}
	if got := set(first.HeaderMutation); !maps.Equal(got, map[string]string{":path": "/v1/x"}) {
		t.Errorf("before the body: %v", got)
	}
	if got := first.HeaderMutation.RemoveHeaders; !slices.Equal(got, []string{"authorization", "x-app", "cookie"}) {
		t.Errorf("before the body goes: %v", got)
	}
	e.say(requestBody("hello", true))
	up := e.hear().GetRequestBody().GetResponse()
	want := maps.Clone(upward)
	want["content-length"] = "7"
	if got := set(up.GetHeaderMutation()); !maps.Equal(got, want) || string(up.GetBodyMutation().GetBody()) != "[hello]" || up.ClearRouteCache {
		t.Errorf("upward: %v %s", got, up.GetBodyMutation().GetBody())
	}
	e.say(reply("via_upstream", false, "content-length: 4", "set-cookie: c"))
	if m := e.hear().GetResponseHeaders(); m == nil || m.Response.GetHeaderMutation() != nil {
		t.Fatalf("the response's body is not asked for: %v", m)
	}
	e.say(replyBody("fine"))
	down := e.hear().GetResponseBody().GetResponse()
	if got := set(down.GetHeaderMutation()); got[":status"] != "201" || got["x-own"] != "1" || got["content-length"] != "6" || string(down.GetBodyMutation().GetBody()) != "(fine)" {
		t.Errorf("downward: %v %s", got, down.GetBodyMutation().GetBody())
	}
	if got := down.HeaderMutation.RemoveHeaders; !slices.Contains(got, "x-meta") || !slices.Contains(got, "set-cookie") {
		t.Errorf("of upstream's headers go %v", got)
	}
	if a := g.outcome(t); !a.Answered() || string(a.Body) != "fine" {
		t.Errorf("%+v", a)
	}
	g.ended(t, extproc.Passed)
}

// TestWithoutBodies: what has no body is decided on its head, and may get one.
func TestWithoutBodies(t *testing.T) {
	for path, body := range map[string]string{"/plain": "[]", "/added": "[added]"} {
		_, open := start(t)
		e := open()
		e.say(request(path, true))
		up := e.hear().GetRequestHeaders().GetResponse()
		if up.GetStatus() != api.CommonResponse_CONTINUE_AND_REPLACE || string(up.BodyMutation.GetBody()) != body || !slices.Contains(up.HeaderMutation.RemoveHeaders, "x-app") {
			t.Errorf("%s: upward %v", path, up)
		}
		e.say(reply("via_upstream", true))
		down := e.hear().GetResponseHeaders().GetResponse()
		if down.GetStatus() != api.CommonResponse_CONTINUE_AND_REPLACE || string(down.BodyMutation.GetBody()) != "()" || set(down.HeaderMutation)[":status"] != "201" {
			t.Errorf("%s: downward %v", path, down)
		}
	}
}

// TestRefusal: what is decided without the body is answered before it comes.
func TestRefusal(t *testing.T) {
	g, open := start(t)
	e := open()
	e.say(request("/refuse", false))
	m := e.hear().GetImmediateResponse()
	if m.GetStatus().GetCode() != http.StatusForbidden || string(m.Body) != "refused" || m.Details != "postern_denied" || set(m.Headers)["x-reason"] != "no" {
		t.Errorf("%v", m)
	}
	if _, err := e.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("the stream goes on: %v", err)
	}
	g.ended(t, extproc.Answered)
}

// TestMisshapen: an Envoy that does not show all of a request gets no way up.
func TestMisshapen(t *testing.T) {
	for name, change := range map[string]func(*api.ProcessingRequest) *api.ProcessingRequest{
		"observability_mode":  func(m *api.ProcessingRequest) *api.ProcessingRequest { m.ObservabilityMode = true; return m },
		"request_body_mode":   func(m *api.ProcessingRequest) *api.ProcessingRequest { m.ProtocolConfig.RequestBodyMode = 1; return m },
		"response_body_mode":  func(m *api.ProcessingRequest) *api.ProcessingRequest { m.ProtocolConfig.ResponseBodyMode = 0; return m },
		"request_header_mode": func(m *api.ProcessingRequest) *api.ProcessingRequest { return requestBody("x", true) },
	} {
		for _, end := range []bool{true, false} {
			g, open := start(t)
			e := open()
			e.say(change(request("/x", end)))
			if m := e.hear().GetImmediateResponse(); m.GetStatus().GetCode() != http.StatusInternalServerError {
				t.Errorf("%s: %v", name, m)
			}
			g.ended(t, extproc.Misshapen)
			if len(g.sent) > 0 || len(g.lacks) != 1 || !strings.Contains(g.lacks[0], name) {
				t.Errorf("%s: lacks %q", name, g.lacks)
			}
		}
	}
}

// TestForeign: what Envoy answers to a request that it did not show stays as it
// is, as long as it is not upstream's.
func TestForeign(t *testing.T) {
	g, open := start(t)
	e := open()
	e.say(reply("request_payload_too_large", false))
	if m := e.hear().GetResponseHeaders(); m == nil || m.Response.GetHeaderMutation() != nil {
		t.Errorf("%v", m)
	}
	g.ended(t, extproc.Foreign)
	for _, details := range []string{"via_upstream", ""} {
		g, open = start(t)
		e = open()
		e.say(reply(details, false))
		if m := e.hear().GetImmediateResponse(); m.GetStatus().GetCode() != http.StatusInternalServerError {
			t.Errorf("%q: %v", details, m)
		}
		g.ended(t, extproc.Misshapen)
	}
}

// TestHalfABody: one that is not whole, or has something behind it, is none,
// and nothing of its request goes up even where the handler does not care.
func TestHalfABody(t *testing.T) {
	for name, tc := range map[string]struct {
		length string
		body   *api.ProcessingRequest
	}{
		"trailers behind it":  {"5", requestBody("hello", false)},
		"shorter":             {"6", requestBody("hello", true)},
		"longer":              {"4", requestBody("hello", true)},
		"another message":     {"5", reply("via_upstream", true)},
		"the head once again": {"5", request("/x", true)},
	} {
		for _, path := range []string{"/x", "/stubborn"} {
			g, open := start(t)
			e := open()
			e.say(request(path, false, "content-length: "+tc.length))
			e.hear()
			e.say(tc.body)
			m := e.hear().GetImmediateResponse()
			if m == nil {
				t.Fatalf("%s %s: it goes on", name, path)
			}
			if path == "/stubborn" {
				if a := g.outcome(t); a.Sent || a.Answered() {
					t.Errorf("%s: sent %+v", name, a)
				}
			}
			g.ended(t, extproc.Answered)
		}
	}
}

// TestWhoseAnswer: Envoy's own answers are not upstream's, and say whether
// anything can have left.
func TestWhoseAnswer(t *testing.T) {
	for details, left := range map[string]bool{
		"upstream_reset_before_response_started{connection_failure}":                    false,
		"upstream_reset_before_response_started{remote_connection_failure|TLS_error:x}": false,
		"upstream_reset_before_response_started{overflow}":                              false,
		"upstream_reset_before_response_started{connection_timeout}":                    false,
		"no_healthy_upstream": false, "cluster_not_found": false, "route_not_found": false, "maintenance_mode": false, "overload": false,
		"upstream_reset_before_response_started{connection_termination}": true,
		"upstream_reset_before_response_started{remote_reset}":           true,
		"upstream_response_timeout":                                      true,
		"something_new":                                                  true,
		"connection_failure":                                             true,
		"":                                                               true,
	} {
		g, open := start(t)
		e := open()
		e.say(request("/x", true))
		e.hear()
		e.say(reply(details, false))
		down := e.hear().GetResponseHeaders().GetResponse()
		if down.GetStatus() != api.CommonResponse_CONTINUE_AND_REPLACE || string(down.BodyMutation.GetBody()) != "()" {
			t.Errorf("%s: %v", details, down)
		}
		if a := g.outcome(t); a.Answered() || a.Sent != left {
			t.Errorf("%s: %+v", details, a)
		}
		if (len(g.lacks) == 1) != (details == "") {
			t.Errorf("%s: lacks %q", details, g.lacks)
		}
	}
}

// TestAnotherMessageForTheAnswer: it ends what is known of the send.
func TestAnotherMessageForTheAnswer(t *testing.T) {
	for name, says := range map[string][]*api.ProcessingRequest{
		"in place of the head": {requestBody("x", true)},
		"in place of the body": {reply("via_upstream", false), reply("via_upstream", true)},
	} {
		g, open := start(t)
		e := open()
		e.say(request("/x", true))
		e.hear()
		for _, m := range says {
			e.say(m)
			m := e.hear()
			if m.GetRequestHeaders() != nil || m.GetRequestBody() != nil {
				t.Errorf("%s: %v", name, m)
			}
		}
		if a := g.outcome(t); a.Answered() || !a.Sent || len(g.lacks) > 0 {
			t.Errorf("%s: %+v, lacks %q", name, a, g.lacks)
		}
	}
}

// TestCut: before the request was let through nothing left, after it nobody
// knows.
func TestCut(t *testing.T) {
	g, open := start(t)
	e := open()
	e.say(request("/stubborn", false))
	e.hear()
	e.cut()
	if a := g.outcome(t); a.Sent || a.Answered() {
		t.Errorf("before: %+v", a)
	}
	g.ended(t, extproc.Cut)
	for _, answered := range []bool{false, true} {
		g, open = start(t)
		e = open()
		e.say(request("/x", true))
		e.hear()
		if answered {
			e.say(reply("via_upstream", false))
			e.hear()
		}
		e.cut()
		if a := g.outcome(t); !a.Sent || a.Answered() {
			t.Errorf("after, head of the answer there %v: %+v", answered, a)
		}
		g.ended(t, extproc.Cut)
	}
}

// TestBroken: a handler that fails ends its own stream, and says nothing.
func TestBroken(t *testing.T) {
	for path, code := range map[string]codes.Code{"/panic": codes.Internal, "/abort": codes.Aborted} {
		g, open := start(t)
		e := open()
		e.say(request(path, true))
		if _, err := e.Recv(); status.Code(err) != code || strings.Contains(err.Error(), "a message") {
			t.Errorf("%s: %v", path, err)
		}
		g.ended(t, extproc.Broken)
		e = open()
		e.say(request("/refuse", true))
		e.hear()
	}
}

func TestAnswerTooLarge(t *testing.T) {
	_, open := start(t)
	e := open()
	e.say(request("/large", true))
	if m := e.hear().GetImmediateResponse(); m.GetStatus().GetCode() != http.StatusInternalServerError || !strings.Contains(string(m.Body), "too large") {
		t.Errorf("%v", m)
	}
}

func TestShed(t *testing.T) {
	g, open := start(t, func(c *extproc.Config) { c.Streams = 1 })
	e := open()
	e.say(request("/x", false))
	e.hear() // this one is served
	many := open()
	many.say(request("/x", false))
	if m := many.hear().GetImmediateResponse(); !strings.Contains(string(m.GetBody()), string(edge.FaultBusy)) {
		t.Errorf("one more: %v", m)
	}
	g.ended(t, extproc.Shed)
	// No room even to say so. Streams that say nothing begin in no order, so that
	// one of the last is as good as any.
	var errs []error
	for range 8 {
		_, err := open().Recv() // or that it may take longer
		errs = append(errs, err)
	}
	if !slices.ContainsFunc(errs, func(err error) bool { return status.Code(err) == codes.ResourceExhausted }) {
		t.Errorf("many more: %v", errs)
	}
}

// TestTrust: what Envoy says of clients counts where the configuration says so.
func TestTrust(t *testing.T) {
	for trusted, want := range map[bool]string{false: " 127.0.0.1:0", true: "app.example urn:app 192.0.2.7:1234"} {
		_, open := start(t, func(c *extproc.Config) { c.Trust = extproc.Trust{Source: trusted, Certificate: trusted} })
		e := open()
		m := request("/names", true, "x-forwarded-for: 198.51.100.1", "x-forwarded-client-cert: DNS=other")
		m.Attributes = attributes("source.address", "192.0.2.7:1234", "connection.dns_san_peer_certificate", "app.example", "connection.uri_san_peer_certificate", "urn:app")
		e.say(m)
		if got := string(e.hear().GetImmediateResponse().GetBody()); got != want {
			t.Errorf("trusted %v: %q, want %q", trusted, got, want)
		}
	}
}

// TestPatience: an answer that takes its time has Envoy wait for it.
func TestPatience(t *testing.T) {
	release := make(chan struct{})
	_, open := start(t, func(c *extproc.Config) {
		c.Handler = http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release })
	})
	e := open()
	e.say(request("/x", true))
	if m := e.hear(); m.OverrideMessageTimeout.AsDuration() <= 0 || m.Response != nil {
		t.Errorf("%v", m)
	}
	close(release)
	if m := e.hear(); m.GetImmediateResponse().GetStatus().GetCode() != http.StatusOK {
		t.Errorf("%v", m)
	}
}
