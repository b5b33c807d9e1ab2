package proxy_test

import (
	"maps"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/crypto/keyring"
	"postern/proxy"
	"postern/proxy/dialect"
)

// TestASecondMessageWithTheMarkOfTheFirst went round the gate: whoever copies an
// admission's mark, or repeats its request, has upstream send another message. It
// shows at once and after a restart, whether the answer told the first one's id or
// a status did, and whatever became of the key of hashes; the first one and a
// payment stay the admission's.
func TestASecondMessageWithTheMarkOfTheFirst(t *testing.T) {
	for name, c := range map[string]struct {
		outcome proxy.Outcome
		between func(h *house)
	}{
		"answered":               {proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: "wamid.a"}}, func(*house) {}},
		"answered, then a start": {proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: "wamid.a"}}, (*house).restart},
		"unknown":                {proxy.Outcome{Result: proxy.Unknown}, func(*house) {}},
		"unknown, then a start":  {proxy.Outcome{Result: proxy.Unknown}, (*house).restart},
		"another key of hashes": {proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: "wamid.a"}}, func(h *house) {
			_, err := h.keys.Rotate(keyring.Original)
			h.check(err)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHouse(t, options{})
			adm, _ := h.allowed(bankCloud, h.opened())
			tell := func(wamid, state string, more map[string]any) {
				s := h.status(wamid, state, adm.ID.String(), h.now())
				maps.Copy(s, more)
				h.receive("bank", update(bankCloud, "statuses", s))
			}
			h.check(h.gate.Settle(t.Context(), adm, c.outcome))
			h.flush()
			tell("wamid.a", "sent", nil)
			c.between(h)
			hooks := len(h.hooks())
			tell("wamid.b", "sent", nil)
			if n := h.alarmed("unmatched_send"); n != 1 || len(h.hooks()) != hooks || len(h.records(audit.KindUnmatchedSend)) != 1 {
				t.Errorf("a second message: %d alarms, %d hooks", n, len(h.hooks())-hooks)
			}
			tell("wamid.a", "delivered", nil)
			tell("ABMAAQ", "captured", map[string]any{"type": "payment", "payment": map[string]any{"reference_id": "r"}})
			tell("wamid.a", "read", nil)
			if n := h.alarmed("unmatched_send"); n != 1 || len(h.records(audit.KindStatus)) != 4 {
				t.Errorf("the first one: %d alarms, %d states", n, len(h.records(audit.KindStatus)))
			}
		})
	}
}

// TestStatusBeforeTheAnswer: whose status comes first is the send's message until
// the answer tells of another one; the key of hashes may change in between.
func TestStatusBeforeTheAnswer(t *testing.T) {
	for _, rotated := range []bool{false, true} {
		for _, answer := range []string{"wamid.a", "wamid.b"} {
			h := newHouse(t, options{})
			adm, _ := h.allowed(bankCloud, h.opened())
			h.receive("bank", update(bankCloud, "statuses", h.status("wamid.a", "sent", adm.ID.String(), h.now())))
			if rotated {
				_, err := h.keys.Rotate(keyring.Original)
				h.check(err)
			}
			h.check(h.settleAs(adm, answer, ""))
			h.flush()
			if n, want := h.alarmed("unmatched_send"), strings.Count(answer, ".b"); n != want {
				t.Errorf("answered %s, rotated %t: %d alarms, want %d", answer, rotated, n, want)
			}
			h.receive("bank", update(bankCloud, "statuses", h.status(answer, "delivered", adm.ID.String(), h.now())))
			if n := len(h.records(audit.KindStatus)); n != 2 {
				t.Errorf("answered %s, rotated %t: %d states on record", answer, rotated, n)
			}
		}
	}
}

// TestStatusByIDAfterARotation: a message is found by upstream's id under each key
// that its hash may be of.
func TestStatusByIDAfterARotation(t *testing.T) {
	h := newHouse(t, options{})
	adm := h.sent(bankCloud, h.opened(), "wamid.a")
	h.flush()
	_, err := h.keys.Rotate(keyring.Original)
	h.check(err)
	h.receive("bank", update(bankCloud, "statuses", h.status("wamid.a", "delivered", "", h.now())))
	if recs := h.records(audit.KindStatus); len(recs) != 1 || recs[0].Ref != adm.ID || h.alarmed("unmatched_send") != 0 {
		t.Errorf("on record: %+v, %d alarms", recs, h.alarmed("unmatched_send"))
	}
}

// TestStatusByAnotherTenant: who signs for one tenant says nothing of the numbers
// and messages of another.
func TestStatusByAnotherTenant(t *testing.T) {
	h := newHouse(t, options{})
	adm := h.sent(bankCloud, h.opened(), "wamid.a")
	hooks := len(h.hooks())
	for state, opaque := range map[string]string{"delivered": adm.ID.String(), "read": ""} {
		h.receive("clinic", update(bankCloud, "statuses", h.status("wamid.a", state, opaque, h.now())))
	}
	if n := len(h.records(audit.KindStatus)); n != 0 || len(h.hooks()) != hooks || h.alarmed("unknown_number") != 2 {
		t.Errorf("%d states on record, %d told, %d alarms", n, len(h.hooks())-hooks, h.alarmed("unknown_number"))
	}
}

// TestMarksOfWhatWasNoSend are nobody's: those of a refusal, of a mark as read and of
// what a person wrote. Whom the status names is on record, by number or user id, and nobody where
// it names nobody.
func TestMarksOfWhatWasNoSend(t *testing.T) {
	h := newHouse(t, options{})
	h.receive("bank", update(bankCloud, "messages", h.wrote(customer, "hi", h.now())))
	h.templates()
	h.refused("opt_in_missing", bankCloud, template(customer, "offer"))
	h.allowed(bankCloud, `{"status":"read","message_id":"wamid.before"}`)
	read := h.records(audit.KindRead)
	marks := []string{h.records(audit.KindInbound)[0].ID.String()}
	for _, r := range append(h.records(audit.KindAdmission), read...) {
		marks = append(marks, r.ID.String())
	}
	for i, mark := range marks {
		s := h.status("wamid."+mark, "sent", mark, h.now())
		if delete(s, "recipient_id"); i > 0 {
			s["recipient_user_id"] = "DE.77"
		}
		h.receive("bank", update(bankCloud, "statuses", s))
	}
	recs := h.records(audit.KindUnmatchedSend)
	if len(read) != 1 || len(recs) != 3 || len(h.records(audit.KindStatus)) != 0 || h.alarmed("unmatched_send") != 3 {
		t.Fatalf("%d marks, on record: %+v", len(marks), recs)
	}
	if !recs[0].Subject.IsZero() || recs[1].Subject.IsZero() {
		t.Errorf("about %s and %s", recs[0].Subject, recs[1].Subject)
	}
}

// TestPlayedAfterRead: the old API has one word for both, which its app gets once.
func TestPlayedAfterRead(t *testing.T) {
	h := newHouse(t, options{})
	h.receive("bank", update(bankOnPrem, "messages", h.wrote(customer, "hi", h.now())))
	adm := h.sent(bankOnPrem, text(customer, "Good day"), "wamid.a")
	hooks := len(h.hooks())
	for _, state := range []string{"read", "played"} {
		h.receive("bank", update(bankOnPrem, "statuses", h.status("wamid.a", state, adm.ID.String(), h.now())))
	}
	if n := len(h.hooks()) - hooks; n != 1 || len(h.records(audit.KindStatus)) != 2 {
		t.Errorf("%d told, %d on record", n, len(h.records(audit.KindStatus)))
	}
	if last := h.hooks()[hooks]; !strings.Contains(last, dialect.OpaqueID(adm.ID)) || strings.Contains(last, "wamid.a") {
		t.Errorf("the app got %s", last)
	}
}

// TestWhyItFailed is on record as upstream's code.
func TestWhyItFailed(t *testing.T) {
	h := newHouse(t, options{})
	adm := h.sent(bankCloud, h.opened(), "wamid.a")
	s := h.status("wamid.a", "failed", adm.ID.String(), h.now().Add(time.Second))
	s["errors"] = []any{map[string]any{"code": 131026, "title": "undeliverable"}}
	h.receive("bank", update(bankCloud, "statuses", s))
	if recs := h.records(audit.KindStatus); len(recs) != 1 || recs[0].Code != 131026 {
		t.Errorf("on record: %+v", recs)
	}
}
