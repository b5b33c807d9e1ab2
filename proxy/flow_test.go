package proxy_test

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy"
)

const flowWords = `{"version":"3.0","action":"data_exchange","screen":"CARD","flow_token":"token-4711","data":{"name":"Ann Example","mail":"ann@example.org"}}`

func flowRequest(raw string) *proxy.FlowRequest {
	return &proxy.FlowRequest{Tenant: "bank", Number: bankCloud, Action: "data_exchange", Raw: []byte(raw)}
}

func TestFlowExchangeIsJudgedAndRecorded(t *testing.T) {
	h := newHouse(t, options{})
	call, err := h.gate.ReceiveFlow(t.Context(), flowRequest(flowWords))
	h.check(err)
	asked := h.records(audit.KindInbound)
	if len(asked) != 1 || asked[0].Type != "interactive/flow" || asked[0].Effect != audit.EffectAllow || asked[0].App != "loans" {
		t.Fatalf("before the app is asked: %+v", asked)
	}
	if body := part(asked[0], audit.PartBody); strings.Contains(body, "ann@example.org") || strings.Contains(body, "Ann") || strings.Contains(body, "4711") {
		t.Errorf("recorded: %s", body)
	}
	if !strings.Contains(asked[0].Findings, "EMAIL:1") || part(asked[0], audit.PartOriginal) == "" || part(asked[0], audit.PartDetail) != `{"action":"data_exchange"}` {
		t.Errorf("findings %q, detail %s", asked[0].Findings, part(asked[0], audit.PartDetail))
	}
	body, ok := call.Take()
	if !ok || string(body) != flowWords {
		t.Errorf("the app is asked with %s, %v", body, ok)
	}
	if _, twice := call.Take(); twice {
		t.Error("the app may be asked twice")
	}
	const answer = `{"screen":"NEXT","data":{"greeting":"Hello Ann, ann@example.org"}}`
	out, err := h.gate.AnswerFlow(t.Context(), call, proxy.FlowOutcome{Result: "answered", Status: 200, Answer: []byte(answer)})
	if err != nil || string(out) != answer {
		t.Fatalf("answer %s, %v", out, err)
	}
	said := h.records(audit.KindDelivery)
	if len(said) != 1 || said[0].Ref != asked[0].ID || said[0].Result != "answered" || said[0].Code != 200 || said[0].Subject != asked[0].Subject {
		t.Fatalf("the answer's record: %+v", said)
	}
	if strings.Contains(part(said[0], audit.PartBody), "ann@example.org") {
		t.Errorf("recorded: %s", part(said[0], audit.PartBody))
	}
}

// TestFlowThatMayNotBeStored: a card's security code is kept in no form, neither
// where it stands in the screen's words nor sealed as they came.
func TestFlowThatMayNotBeStored(t *testing.T) {
	h := newHouse(t, options{})
	for name, words := range map[string]string{
		"behind its name": `{"version":"3.0","action":"data_exchange","screen":"CARD","flow_token":"t","data":{"cvv":"737"}}`,
		"in a text":       `{"version":"3.0","action":"data_exchange","screen":"CARD","flow_token":"t","data":{"note":"Card 4111 1111 1111 1111 CVV 737"}}`,
	} {
		before := len(h.records(audit.KindInbound))
		_, err := h.gate.ReceiveFlow(t.Context(), flowRequest(words))
		if err != nil {
			t.Logf("%s: %v", name, err)
		}
		for _, r := range h.records(audit.KindInbound)[before:] {
			for _, p := range r.Parts {
				if p.Name == audit.PartOriginal || strings.Contains(string(p.Body), "737") {
					t.Errorf("%s: part %s is kept", name, p.Name)
				}
			}
		}
		if len(h.records(audit.KindInbound)) == before {
			t.Errorf("%s: nothing is on record", name)
		}
	}
}

func TestFlowAnswerThatPolicyRefuses(t *testing.T) {
	h := newHouse(t, options{})
	for name, answer := range map[string]string{
		"in a text":     `{"screen":"S","data":{"hint":"Card 4111 1111 1111 1111"}}`,
		"in a name":     `{"screen":"S","data":{"name":"Card 4111 1111 1111 1111"}}`,
		"as a number":   `{"screen":"S","data":{"card_number":4111111111111111}}`,
		"as a member":   `{"screen":"S","data":{"card 4111 1111 1111 1111":true}}`,
		"in a document": `{"screen":"S","data":{"json":"{\"card\":\"4111111111111111\"}"}}`,
	} {
		call, err := h.gate.ReceiveFlow(t.Context(), flowRequest(flowWords))
		h.check(err)
		out, err := h.gate.AnswerFlow(t.Context(), call, proxy.FlowOutcome{Result: "answered", Status: 200, Answer: []byte(answer)})
		all := h.records(audit.KindDelivery)
		last := all[len(all)-1]
		if err != nil || out != nil || last.Result != "refused" || last.Effect != audit.EffectDeny || last.Reasons[0] != "pii" {
			t.Errorf("%s: gave %s, %v; recorded %s %s %v", name, out, err, last.Result, last.Effect, last.Reasons)
		}
	}
}

func TestFlowRequestThatPolicyRefuses(t *testing.T) {
	h := newHouse(t, options{settings: "version: 1\nmessages: {inbound: [text]}\n"})
	call, err := h.gate.ReceiveFlow(t.Context(), flowRequest(flowWords))
	h.check(err)
	if body, ok := call.Take(); ok || body != nil {
		t.Errorf("the app may be asked with %s", body)
	}
	if r := h.records(audit.KindInbound); len(r) != 1 || r[0].Effect != audit.EffectDeny || r[0].Result != "kept" || r[0].Reasons[0] != "type_not_allowed" {
		t.Errorf("recorded %+v", r)
	}
}

func TestFlowIsChangedAsPolicySays(t *testing.T) {
	h := newHouse(t, options{settings: "version: 1\npersonal_data: {inbound: {EMAIL: redact}, outbound: {EMAIL: redact}}\n"})
	call, err := h.gate.ReceiveFlow(t.Context(), flowRequest(flowWords))
	h.check(err)
	body, _ := call.Take()
	if want := strings.Replace(flowWords, "ann@example.org", "[EMAIL_1]", 1); string(body) != want {
		t.Errorf("the app is asked with %s", body)
	}
	out, err := h.gate.AnswerFlow(t.Context(), call, proxy.FlowOutcome{
		Result: "answered", Status: 200, Answer: []byte(`{"screen":"S","data":{"email":"x@example.org","extension_message_response":{"params":{"flow_token":"t@example.org"}}}}`),
	})
	if want := `{"screen":"S","data":{"email":"[EMAIL_1]","extension_message_response":{"params":{"flow_token":"t@example.org"}}}}`; err != nil || string(out) != want {
		t.Errorf("answered %s, %v", out, err)
	}
	out, err = h.gate.AnswerFlow(t.Context(), call, proxy.FlowOutcome{Result: "answered", Status: 200, Answer: []byte(`{"screen":"S","data":{"x@example.org":1}}`)})
	if last := h.records(audit.KindDelivery); err != nil || out != nil || last[1].Reasons[0] != "pii_treatment" {
		t.Errorf("a name that would have to change: %s, %v", out, err)
	}
	if r := h.records(audit.KindInbound); !r[0].Changed {
		t.Error("the change is not on record")
	}
}

// TestFlowWithoutRecordGoesNowhere: neither side moves when the journal fails.
func TestFlowWithoutRecordGoesNowhere(t *testing.T) {
	broken := false
	h := newHouse(t, options{hook: func(journal.Step) error {
		if broken {
			return errInjected
		}
		return nil
	}})
	call, err := h.gate.ReceiveFlow(t.Context(), flowRequest(flowWords))
	h.check(err)
	broken = true
	out, err := h.gate.AnswerFlow(context.Background(), call, proxy.FlowOutcome{Result: "answered", Status: 200, Answer: []byte(`{"screen":"S","data":{}}`)})
	if err == nil || out != nil {
		t.Errorf("answered %s without a record", out)
	}
	if call, err := h.gate.ReceiveFlow(context.Background(), flowRequest(flowWords)); err == nil || call != nil {
		t.Error("received without a record")
	}
}

func TestFlowOfAnotherTenant(t *testing.T) {
	h := newHouse(t, options{})
	req := flowRequest(flowWords)
	req.Tenant = "clinic"
	if _, err := h.gate.ReceiveFlow(t.Context(), req); err == nil {
		t.Error("a tenant spoke for another one's number")
	}
	if err := h.gate.NoteFlow(t.Context(), req); err == nil {
		t.Error("a tenant noted an error for another one's number")
	}
}

func TestFlowErrorsAreNoted(t *testing.T) {
	h := newHouse(t, options{})
	h.check(h.gate.NoteFlow(t.Context(), flowRequest(`{"action":"data_exchange","data":{"error":"timeout_error","error_message":"of ann@example.org"}}`)))
	r := h.records(audit.KindEvent)
	if len(r) != 1 || r[0].Type != "flow_error" || bytes.Contains([]byte(part(r[0], audit.PartBody)), []byte("ann@")) {
		t.Errorf("recorded %+v", r)
	}
	h.check(h.gate.KeepFlow(t.Context(), "bank", []byte("ann@example.org")))
	if r := h.records(audit.KindUndecodable); len(r) != 1 || strings.Contains(part(r[0], audit.PartOriginal), "ann@") {
		t.Errorf("kept %+v", r)
	}
}
