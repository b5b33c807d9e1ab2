package proxy_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

func TestReceiveRecordsFactsAndDeliveryInOne(t *testing.T) {
	var broken atomic.Bool
	h := newHouse(t, options{hook: func(s journal.Step) error {
		if broken.Load() && (s == journal.StepCommit || s == journal.StepRecover) {
			return errInjected
		}
		return nil
	}})
	raw := update(bankCloud, "messages", h.wrote(customer, "Is it ready?", h.now()))
	broken.Store(true)
	if err := h.gate.Receive(t.Context(), "bank", raw); err == nil {
		t.Fatal("a webhook was taken without record")
	}
	if len(h.hooks()) != 0 {
		t.Error("an event was handed over before it was durable")
	}
	h.refusedWhileDown(bankCloud)
	broken.Store(false)
	await(t, "the journal", func() bool { return h.journal.Err() == nil })
	h.refused("window_closed", bankCloud, text(customer, "Yes"))
	h.receive("bank", raw) // Meta sends it again
	if all := h.hooks(); len(all) != 1 || !strings.Contains(all[0], "Is it ready?") {
		t.Errorf("delivered %v", all)
	}
	h.allowed(bankCloud, text(customer, "Yes"))
	recs := h.records(audit.KindInbound)
	if len(recs) != 1 || recs[0].Result != "received" || recs[0].Country != "DE" {
		t.Errorf("records %+v", recs)
	}
	pending, err := h.journal.Pending(t.Context(), h.now().UnixMicro(), 10)
	if err != nil || len(pending) != 1 || strings.Contains(string(pending[0].Body), "ready") {
		t.Errorf("queued %+v %v", pending, err)
	}
}

func (h *house) refusedWhileDown(number string) {
	h.t.Helper()
	if adm, p := h.admit(number, text(customer, "x")); adm != nil || p == nil {
		h.t.Fatal("a send was admitted while nothing can be recorded")
	}
}

// TestRepeats: an event counts once, for eight days and over restarts.
func TestRepeats(t *testing.T) {
	h := newHouse(t, options{})
	adm := h.sent(bankCloud, h.opened(), "wamid.one")
	message := update(bankCloud, "messages", h.wrote(customer, "hello", h.now()))
	status := update(bankCloud, "statuses", h.status("wamid.one", "delivered", adm.ID.String(), h.now()))
	first := len(h.hooks())
	for range 3 {
		h.receive("bank", message)
		h.receive("bank", status)
	}
	twice := h.wrote(customer, "twice in one webhook", h.now())
	h.receive("bank", update(bankCloud, "messages", twice, twice))
	if n := len(h.hooks()) - first; n != 3 {
		t.Errorf("%d deliveries, want 3", n)
	}
	h.restart()
	for day := range 8 {
		h.receive("bank", message)
		h.receive("bank", status)
		if n := len(h.hooks()) - first; n != 3 {
			t.Fatalf("day %d: %d deliveries", day, n)
		}
		h.forward(23 * time.Hour)
		h.housekeep()
	}
	h.forward(10 * time.Hour) // eight days are over
	h.housekeep()
	h.receive("bank", message)
	if n := len(h.hooks()) - first; n != 4 {
		t.Errorf("after eight days: %d deliveries, want 4", n)
	}
}

// TestRepeatsWithoutID: what concerns the account comes again as well, and one
// message to a group or with a payment has the same state more than once.
func TestRepeatsWithoutID(t *testing.T) {
	h := newHouse(t, options{})
	adm := h.sent(bankCloud, h.opened(), "wamid.one")
	first := len(h.hooks())
	event := func(at int64, value string) []byte {
		return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","time":%d,"changes":[{"field":"account_update","value":%s}]}]}`, bankWABA, at, value)
	}
	state := func(more map[string]any) []byte {
		s := h.status("wamid.one", "delivered", adm.ID.String(), h.now())
		maps.Copy(s, more)
		return update(bankCloud, "statuses", s)
	}
	for _, raw := range [][]byte{
		event(1767225600, `{"event":"VERIFIED_ACCOUNT"}`), event(1767225601, `{"event":"VERIFIED_ACCOUNT"}`), event(1767225600, `{"event":"ACCOUNT_DELETED"}`),
		state(nil), state(map[string]any{"recipient_type": "group", "recipient_id": "g", "recipient_participant_id": "491713920002"}),
		state(map[string]any{"recipient_type": "group", "recipient_id": "g", "recipient_participant_id": "491713920003"}),
		state(map[string]any{"type": "payment", "payment": map[string]any{"reference_id": "1"}}), state(map[string]any{"type": "payment", "payment": map[string]any{"reference_id": "2"}}),
	} {
		h.receive("bank", raw)
		h.receive("bank", raw)
	}
	if n := len(h.hooks()) - first; n != 8 {
		t.Errorf("%d deliveries, want 8: %v", n, h.hooks())
	}
}

// opened has the customer write and gives a reply's body.
func (h *house) opened() string {
	h.t.Helper()
	h.says(customer, "hi", h.now())
	return text(customer, "Good day")
}

func (h *house) housekeep() {
	h.t.Helper()
	for range 100 {
		done, err := h.journal.Housekeep(h.t.Context(), h.now(), nil)
		h.check(err)
		if done {
			return
		}
	}
	h.t.Fatal("housekeeping does not end")
}

// TestConcurrentRepeats: the same webhook many times at once is recorded once.
func TestConcurrentRepeats(t *testing.T) {
	h := newHouse(t, options{})
	for i := range 20 {
		raw := update(bankCloud, "messages", h.wrote(customer, fmt.Sprint("message ", i), h.now()))
		var wait sync.WaitGroup
		for range 8 {
			wait.Go(func() {
				if err := h.gate.Receive(t.Context(), "bank", raw); err != nil {
					t.Error(err)
				}
			})
		}
		wait.Wait()
	}
	if n := len(h.records(audit.KindInbound)); n != 20 {
		t.Errorf("%d records, want 20", n)
	}
	if n := len(h.hooks()); n != 20 {
		t.Errorf("%d deliveries, want 20", n)
	}
}

// TestLargeBatch: Meta puts up to 1,000 updates and 3 MB into one webhook.
func TestLargeBatch(t *testing.T) {
	h := newHouse(t, options{})
	items := make([]map[string]any, 1000)
	for i := range items {
		items[i] = h.wrote(fmt.Sprintf("49171392%04d", i%250), strings.Repeat("long ", 560)+strconv.Itoa(i), h.now())
	}
	raw := update(bankCloud, "messages", items...)
	if len(raw) < 2_800_000 || len(raw) > 3<<20 {
		t.Fatalf("webhook of %d bytes", len(raw))
	}
	h.receive("bank", raw)
	all := h.hooks()
	if len(all) != 1000 || len(h.records(audit.KindInbound)) != 1000 {
		t.Fatalf("%d deliveries", len(all))
	}
	for i, hook := range all {
		if !strings.Contains(hook, "long "+strconv.Itoa(i)+`"`) || len(hook) > 5000 {
			t.Fatalf("delivery %d is not update %d alone", i, i)
		}
	}
}

// TestSignedIsNeverRefused: whatever a signed webhook holds, it is kept, and
// what stands beside the odd part still arrives.
func TestSignedIsNeverRefused(t *testing.T) {
	deep := strings.Repeat(`{"a":`, 200) + "1" + strings.Repeat("}", 200)
	for _, c := range []struct {
		name, raw, alarm string
	}{
		{"no JSON", "hello", "undecodable_webhook"},
		{"empty", "", "undecodable_webhook"},
		{"a list", `[1]`, "undecodable_webhook"},
		{"a name twice", `{"object":"a","object":"b"}`, "undecodable_webhook"},
		{"too deep", deep, "undecodable_webhook"},
		{"two values", `{} {}`, "undecodable_webhook"},
		{"no entry", `{"hello":"world"}`, ""},
		{"lone surrogate", `{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"` + bankCloud + `"},"messages":[{"id":"w1","from":"491713920001","timestamp":"1","type":"text","text":{"body":"\ud83d"}}]}}]}]}`, ""},
		{"invalid UTF-8", `{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"` + bankCloud + `"},"messages":[{"id":"w2","from":"491713920001","timestamp":"1","type":"text","text":{"body":"` + "\xff" + `"}}]}}]}]}`, ""},
		{"no sender", `{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"` + bankCloud + `"},"messages":[{"id":"w3","timestamp":"1","type":"text","text":{"body":"x"}}]}}]}]}`, "unknown_sender"},
		{"no id", `{"entry":[{"changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"` + bankCloud + `"},"messages":[{"from":"491713920001","timestamp":"1","type":"text","text":{"body":"x"}}]}}]}]}`, ""},
		{"another's number", string(update(clinicCloud, "messages", map[string]any{"id": "w4", "from": customer, "timestamp": "1", "type": "text", "text": map[string]any{"body": "x"}})), "unknown_number"},
		{"unknown number", string(update("77", "messages", map[string]any{"id": "w5", "from": customer, "timestamp": "1", "type": "text", "text": map[string]any{"body": "x"}})), "unknown_number"},
		{"unknown type", string(update(bankCloud, "messages", map[string]any{"id": "w6", "from": customer, "timestamp": "1", "type": "hologram", "hologram": map[string]any{"body": "x"}, "extra": 1})), ""},
		{"wrong kinds", `{"entry":[{"id":7,"changes":[{"field":9,"value":{"metadata":[],"messages":[1,"x",null,{"id":5,"type":[]}]}}]}]}`, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, options{})
			h.receive("bank", []byte(c.raw))
			if c.alarm != "" && h.alarmed(c.alarm) == 0 {
				t.Errorf("no alarm %s: %v", c.alarm, h.alarms)
			}
			if n := len(h.records(audit.KindInbound)) + len(h.records(audit.KindUndecodable)) + len(h.records(audit.KindEvent)); n == 0 {
				t.Error("nothing was recorded")
			}
			for _, r := range h.records(audit.KindUndecodable) {
				if h.original(r) == "" && c.raw != "" {
					t.Error("what could not be read was not kept")
				}
			}
			for _, hook := range h.hooks() {
				if strings.HasPrefix(hook, "visits") {
					t.Errorf("another tenant's app got %s", hook)
				}
			}
			h.says(customer, "still alive", h.now())
			if !holds(h.hooks(), "still alive") {
				t.Error("what came after was not delivered")
			}
		})
	}
}

// TestOddOneDoesNotHoldUpTheOthers in one webhook.
func TestOddOneDoesNotHoldUpTheOthers(t *testing.T) {
	h := newHouse(t, options{})
	odd := map[string]any{"id": "w-odd", "timestamp": "1", "type": "text", "text": map[string]any{"body": "nobody"}}
	h.receive("bank", update(bankCloud, "messages", h.wrote(customer, "one", h.now()), odd, h.wrote(customer, "two", h.now())))
	if all := h.hooks(); len(all) != 2 {
		t.Errorf("delivered %v", all)
	}
}

// TestInboundDenyIsKept: policy may keep a message from the app, never from
// the trail.
func TestInboundDenyIsKept(t *testing.T) {
	h := newHouse(t, options{settings: "messages: {inbound: [text]}\n"})
	h.receive("bank", update(bankCloud, "messages", map[string]any{
		"id": h.wamid(), "from": customer, "timestamp": strconv.FormatInt(h.now().Unix(), 10), "type": "image",
		"image": map[string]any{"id": "5", "caption": "STOP"},
	}))
	recs := h.records(audit.KindInbound)
	if len(recs) != 1 || recs[0].Effect != audit.EffectDeny || len(h.hooks()) != 0 || h.original(recs[0]) == "" {
		t.Errorf("records %+v, delivered %v", recs, h.hooks())
	}
}

// TestTypesNobodyKnows reach the app, and stand in the trail sealed only: which
// of their members are personal is not known.
func TestTypesNobodyKnows(t *testing.T) {
	const track = ";4111111111111111=29121010000000000000?"
	h := newHouse(t, options{})
	for _, c := range []struct{ kind, recorded string }{{"hologram", "hologram"}, {"request_welcome", "request_welcome"}, {"Number 491713920001", "other"}} {
		h.receive("bank", update(bankCloud, "messages", map[string]any{
			"id": h.wamid(), "from": customer, "timestamp": strconv.FormatInt(h.now().Unix(), 10), "type": c.kind, c.kind: map[string]any{"scene": "a garden", "card": track},
		}))
		all := h.records(audit.KindInbound)
		r := all[len(all)-1]
		kept := h.original(r)
		if r.Type != c.recorded || r.Effect != audit.EffectAllow || !holds(h.hooks(), c.kind, "a garden") {
			t.Errorf("%s: %s %s %v, delivered %v", c.kind, r.Type, r.Effect, r.Reasons, h.hooks())
		}
		if opaque := c.kind != "request_welcome"; opaque && (part(r, audit.PartBody) != "" || !strings.Contains(kept, "a garden") || strings.Contains(kept, "29121010")) {
			t.Errorf("%s: in the clear %q, sealed %q", c.kind, part(r, audit.PartBody), kept)
		}
	}
	h = newHouse(t, options{settings: "messages: {inbound: [text]}\n"})
	h.receive("bank", update(bankCloud, "messages", map[string]any{"id": h.wamid(), "from": customer, "timestamp": "1", "type": "hologram", "hologram": 1}))
	if len(h.hooks()) != 0 {
		t.Errorf("without unsupported in the settings the app got %v", h.hooks())
	}
}

// TestFieldsNobodyKnows are as opaque: the app gets them, the trail keeps them
// sealed, and what may never be stored is not in the queue.
func TestFieldsNobodyKnows(t *testing.T) {
	const track = ";4111111111111111=29121010000000000000?"
	h := newHouse(t, options{})
	h.receive("bank", fmt.Appendf(nil, `{"object":"o","entry":[{"id":"%s","time":%d,"changes":[{"field":"history","value":{"metadata":{"phone_number_id":"%s"},"threads":[{"id":"%s","said":"%s"}]}}]}]}`,
		bankWABA, h.now().Unix(), bankCloud, customer, track))
	r := h.records(audit.KindEvent)[0]
	if kept := h.original(r); part(r, audit.PartBody) != "" || !strings.Contains(kept, customer) || strings.Contains(kept, "29121010") {
		t.Errorf("in the clear %q, sealed %q", part(r, audit.PartBody), kept)
	}
	if !holds(h.hooks(), "loans ", customer, track) || strings.Contains(h.queued(0), "29121010") || !strings.Contains(h.queued(0), customer) {
		t.Errorf("delivered %v, queued %s", h.hooks(), h.queued(0))
	}
}

// TestStatusOfNothing: a status that names no message is no send round the gate.
func TestStatusOfNothing(t *testing.T) {
	h := newHouse(t, options{})
	h.receive("bank", update(bankCloud, "statuses", map[string]any{}, map[string]any{"status": "sent", "timestamp": strconv.FormatInt(h.now().Unix(), 10)}))
	if n := len(h.records(audit.KindUndecodable)); n != 2 || h.alarmed("unknown_message") != 2 || h.alarmed("unmatched_send") != 0 || len(h.records(audit.KindUnmatchedSend)) != 0 {
		t.Errorf("%d kept, alarms %v", n, h.alarms)
	}
}

// TestInboundOperators: the app sees what policy lets it, the record less.
func TestInboundOperators(t *testing.T) {
	h := newHouse(t, options{settings: `personal_data: {inbound: {"*": keep, IBAN: redact}, record: {"*": redact, EMAIL: redact}}` + "\n"})
	m := h.wrote(customer, "from DE89 3704 0044 0532 0130 00, mail me at ana@example.com", h.now())
	h.receive("bank", update(bankCloud, "messages", m))
	hook := h.hooks()[0]
	if strings.Contains(hook, "0532") || !strings.Contains(hook, "[IBAN_1], mail me at ana@example.com") {
		t.Errorf("the app got %s", hook)
	}
	r := h.records(audit.KindInbound)[0]
	body := part(r, audit.PartBody)
	if !r.Changed || !strings.Contains(body, "from [IBAN_1], mail me at [EMAIL_1]") || strings.Contains(body, customer) {
		t.Errorf("changed %v, kept %s", r.Changed, body)
	}
}

// TestNeverStoredInbound: track data reaches the app from memory and is in no
// stored form, sealed or not.
func TestNeverStoredInbound(t *testing.T) {
	const track = ";4111111111111111=29121010000000000000?"
	h := newHouse(t, options{})
	h.says(customer, "my card "+track, h.now())
	h.receive("bank", []byte("no JSON "+track))
	h.receive("bank", update("77", "messages", h.wrote(customer, track, h.now())))
	if hook := h.hooks()[0]; !strings.Contains(hook, track) {
		t.Errorf("the app got %s", hook)
	}
	if stored := h.queued(0); strings.Contains(stored, "29121010") || !json.Valid([]byte(strings.TrimPrefix(stored, "loans "))) || !strings.Contains(stored, "my card ") {
		t.Errorf("queued: %s", stored)
	}
	for _, kind := range []audit.Kind{audit.KindInbound, audit.KindUndecodable} {
		for _, r := range h.records(kind) {
			if all := h.original(r) + part(r, audit.PartBody); strings.Contains(all, "29121010") {
				t.Errorf("%s keeps %s", kind, all)
			}
		}
	}
	if n := len(h.records(audit.KindUndecodable)); n != 2 {
		t.Errorf("%d kept sealed", n)
	}
}

// TestAccountEvents: what concerns no single number goes to the apps of the
// business account that can read it, each once.
func TestAccountEvents(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	h.consent(customer, "utility")
	h.allowed(bankCloud, template(customer, "update"))
	h.forward(time.Minute)
	event := func(waba, field, value string) []byte {
		return fmt.Appendf(nil, `{"object":"whatsapp_business_account","entry":[{"id":"%s","time":%d,"changes":[{"field":"%s","value":%s}]}]}`, waba, h.now().Unix(), field, value)
	}
	h.receive("bank", event(bankWABA, "message_template_status_update", `{"event":"PAUSED","message_template_name":"update","message_template_language":"en_US"}`))
	h.receive("bank", event(bankWABA, "account_update", `{"event":"VERIFIED_ACCOUNT"}`))
	h.receive("bank", event(clinicWABA, "account_update", `{"event":"FOREIGN"}`))
	all := h.hooks()
	if len(all) != 2 || !holds(all, "loans ", "PAUSED") || !holds(all, "loans ", "VERIFIED_ACCOUNT") {
		t.Errorf("delivered %v", all)
	}
	h.refused("template_paused", bankCloud, template(customer, "update"))
	if n := len(h.records(audit.KindEvent)); n != 3 {
		t.Errorf("%d events on record", n)
	}
}
