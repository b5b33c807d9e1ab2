package compliance

import (
	"strings"
	"testing"
)

// inPieces: a card that comes in two messages is a card in the second.
func inPieces(t *testing.T, o *office, to string) {
	o.want(t, "half a card", text(to, "4111 1111"), "sent")
	o.want(t, "the other half", text(to, "1111 1111"), "pii")
	if rec := o.last(t, "admission"); !strings.Contains(rec.Findings, "CREDIT_CARD:1") {
		t.Errorf("found %q", rec.Findings)
	}
	o.want(t, "half a card", text(to, "4111 1111"), "sent")
	o.want(t, "words between", text(to, "sorry, wrong chat"), "sent")
	o.want(t, "no half of anything", text(to, "1111 1111"), "sent")

	o.hear(t, to, says("5555 5555"))
	o.hear(t, to, says("5555"))
	o.hear(t, to, says("4444"))
	rec := o.last(t, "inbound")
	if body := rec.Parts["body"]; !strings.Contains(rec.Findings, "CREDIT_CARD:1") || strings.Contains(body, "4444") {
		t.Errorf("of a person's card the record shows %s, found %q", body, rec.Findings)
	}
	o.rule(t, quietNever+"personal_data: {pieces: false}\n")
	o.want(t, "half a card", text(to, "4111 1111"), "sent")
	o.want(t, "the other half, where nobody looks", text(to, "1111 1111"), "sent")
}
