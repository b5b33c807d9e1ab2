package proxy_test

import (
	"fmt"
	"strings"
	"testing"

	"postern/proxy"
	"postern/proxy/dialect"
)

// TestNothingPrintsContent: whatever verb a log line or an error uses.
func TestNothingPrintsContent(t *testing.T) {
	h := newHouse(t, options{})
	h.opened()
	req := h.request(bankCloud, text(customer, "body-marker"))
	req.Idempotency = "key-marker"
	adm, _, p := h.gate.Admit(t.Context(), req)
	if p != nil {
		t.Fatal(p)
	}
	events, err := dialect.DecodeWebhook(update(bankCloud, "messages", h.wrote(customer, "body-marker", h.now())))
	h.check(err)
	out := proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: "wamid.marker", WaID: customer}, Answer: proxy.Answer{Body: []byte("body-marker")}}
	for _, v := range []any{req, &req, adm, req.Message, *req.Message, req.Message.To, req.Message.Texts, events, events[0], &events[0], events[0].Peer, out, &out} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q"} {
			got := fmt.Sprintf(verb, v)
			for _, marker := range []string{"marker", customer, "98 111 100 121 45"} {
				if strings.Contains(got, marker) {
					t.Errorf("%s of %T shows content", verb, v)
				}
			}
		}
	}
	h.check(h.gate.Settle(t.Context(), adm, out))
}
