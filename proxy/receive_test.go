package proxy_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/message"
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

// opened has the customer write and gives a reply's body.
func (h *house) opened() string {
	h.t.Helper()
	h.says(customer, "hi", h.now())
	return text(customer, "Good day")
}

func (h *house) housekeep() {
	h.t.Helper()
	for range 100 {
		done, err := h.journal.Housekeep(h.t.Context(), h.now())
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

// TestStampsDecide: what a person did counts from Meta's stamp, whenever it
// arrives and in whatever order.
func TestStampsDecide(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "late", h.now().Add(-23*time.Hour))
	h.allowed(bankCloud, text(customer, "just in time"))
	h.forward(time.Hour)
	h.refused("window_closed", bankCloud, text(customer, "too late"))
	h.says(customer, "later still", h.now().Add(-25*time.Hour))
	h.refused("window_closed", bankCloud, text(customer, "too late"))
	h.says(customer, "new", h.now().Add(-time.Hour))
	h.says(customer, "old again", h.now().Add(-30*time.Hour))
	h.allowed(bankCloud, text(customer, "in the window of the newest"))
	h.refused("window_closed", bankOnPrem, text(customer, "the other number has no window"))
	h.restart()
	h.allowed(bankCloud, text(customer, "as before"))
}

// TestWordsKeepTheirOrder: stamps are whole seconds. Of two words in one second
// the one received later counts; an older one undoes nothing. Memory and rows
// agree about it.
func TestWordsKeepTheirOrder(t *testing.T) {
	type word struct {
		text string
		at   time.Duration
	}
	cases := []struct {
		name    string
		words   []word
		stopped bool
	}{
		{"stop, start", []word{{"stop", 0}, {"start", 0}}, false},
		{"start, stop", []word{{"start", 0}, {"stop", 0}}, true},
		{"stop, start, stop", []word{{"stop", 0}, {"start", 0}, {"stop", 0}}, true},
		{"stop, start, stop, start", []word{{"stop", 0}, {"start", 0}, {"stop", 0}, {"start", 0}}, false},
		{"stop, late start", []word{{"stop", 0}, {"start", -time.Second}}, true},
		{"start, late stop", []word{{"start", 0}, {"stop", -time.Second}}, false},
		{"stop, later start", []word{{"stop", 0}, {"start", time.Second}}, false},
		{"stop from the future, start", []word{{"stop", 9000 * time.Hour}, {"start", 9000 * time.Hour}}, false},
		{"stop from the future, start from before", []word{{"stop", 9000 * time.Hour}, {"start", time.Second}}, true},
	}
	h := newHouse(t, options{})
	h.templates()
	who := func(i int, together bool) string {
		return fmt.Sprintf("4917139%v%03d", map[bool]int{true: 25, false: 26}[together], i)
	}
	for i, c := range cases {
		for _, together := range []bool{true, false} {
			h.consent(who(i, together), "utility")
			start := h.now()
			h.forward(time.Minute)
			var items []map[string]any
			for _, w := range c.words {
				items = append(items, h.wrote(who(i, together), w.text, start.Add(w.at)))
			}
			if together {
				h.receive("bank", update(bankCloud, "messages", items...))
				continue
			}
			for _, item := range items {
				h.receive("bank", update(bankCloud, "messages", item))
				h.forward(time.Second)
			}
		}
	}
	for _, when := range []string{"as it runs", "from the rows after a restart"} {
		for i, c := range cases {
			for _, together := range []bool{true, false} {
				if _, p := h.admit(bankCloud, template(who(i, together), "update")); (p != nil) != c.stopped {
					t.Errorf("%s, together %v, %s: want stopped %v, got %+v", c.name, together, when, c.stopped, p)
				}
			}
		}
		h.restart()
	}
}

// TestConcurrentWords: however stops and starts race, memory and rows agree.
func TestConcurrentWords(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	for i := range 25 {
		who := fmt.Sprintf("4917139230%02d", i)
		h.consent(who, "utility")
		var wait sync.WaitGroup
		for range 3 {
			for _, word := range []string{"stop", "start"} {
				raw := update(bankCloud, "messages", h.wrote(who, word, h.now()))
				wait.Go(func() {
					if err := h.gate.Receive(t.Context(), "bank", raw); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
	}
	var before [25]bool
	for round := range 2 {
		for i := range before {
			_, p := h.admit(bankCloud, template(fmt.Sprintf("4917139230%02d", i), "update"))
			if round == 0 {
				before[i] = p != nil
			} else if before[i] != (p != nil) {
				t.Errorf("person %d: stopped %v before the restart, %v after", i, before[i], p != nil)
			}
		}
		h.restart()
	}
}

func TestStopWithoutUsableStampCounts(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	for i, stamp := range []any{nil, "", "soon", "0", "-5", "99999999999999999999", 1.5} {
		who := fmt.Sprintf("49171392700%02d", i)
		h.consent(who, "utility")
		m := h.wrote(who, "STOP", h.now())
		if m["timestamp"] = stamp; stamp == nil {
			delete(m, "timestamp")
		}
		h.receive("bank", update(bankCloud, "messages", m))
		h.refused("opted_out", bankCloud, template(who, "update"))
		h.refused("opted_out", bankCloud, text(who, "no window was opened"))
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

// TestPreferenceStopsMarketing: Meta's own switch means marketing only.
func TestPreferenceStopsMarketing(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	h.consent(customer, "utility")
	h.consent(customer, "marketing")
	prefer := func(value string) {
		h.forward(time.Second)
		h.receive("bank", update(bankCloud, "user_preferences", map[string]any{
			"wa_id": customer, "category": "marketing_messages", "value": value, "timestamp": h.now().Unix(),
		}))
	}
	prefer("stop")
	h.refused("marketing_stopped", bankCloud, template(customer, "offer"))
	h.allowed(bankCloud, template(customer, "update"))
	prefer("resume")
	h.allowed(bankCloud, template(customer, "offer"))
}

// TestPeopleWithoutNumber are known by their user id, and linked when a number
// comes.
func TestPeopleWithoutNumber(t *testing.T) {
	const id = "DE.13491208655302741918"
	h := newHouse(t, options{})
	h.templates()
	m := h.wrote(customer, "hello", h.now())
	delete(m, "from")
	m["from_user_id"] = id
	h.receive("bank", update(bankCloud, "messages", m))
	byID := `{"recipient":"` + id + `","type":"text","text":{"body":"Good day"}}`
	_, body := h.allowed(bankCloud, byID)
	if !strings.Contains(body, `"recipient":"`+id+`"`) {
		t.Errorf("left: %s", body)
	}
	r := h.records(audit.KindAdmission)[0]
	if r.Country != "DE" || !strings.Contains(part(r, audit.PartInput), `"has_user_id":true`) {
		t.Errorf("country %q, input %s", r.Country, part(r, audit.PartInput))
	}
	h.refused("window_closed", bankCloud, text(customer, "who is it?"))
	both := h.wrote(customer, "STOP", h.now())
	both["from_user_id"] = id
	h.receive("bank", update(bankCloud, "messages", both))
	h.consent(customer, "utility")
	h.refused("opted_out", bankCloud, template(customer, "update"))
	h.refused("opted_out", bankCloud, strings.Replace(template(customer, "update"), `"to":"+`+customer+`"`, `"recipient":"`+id+`"`, 1))
	h.restart()
	h.refused("opted_out", bankCloud, template(customer, "update"))
}

// TestNumberForms: the forms of one number are one person for opt-outs, and for
// consent only once upstream proved it (whatsapp.md 7.4).
func TestNumberForms(t *testing.T) {
	for _, c := range []struct{ name, mine, other string }{
		{"Brazil", "5511987654321", "551187654321"},
		{"Mexico", "5215512345678", "525512345678"},
		{"Argentina", "5491123456789", "541123456789"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, options{})
			h.templates()
			h.consent(c.mine, "utility")
			h.allowed(bankCloud, template(c.mine, "update"))
			h.refused("opt_in_missing", bankCloud, template(c.other, "update"))
			h.forward(time.Minute)
			h.says(c.other, "stop", h.now())
			h.refused("opted_out", bankCloud, template(c.mine, "update"))
			h.refused("opted_out", bankCloud, template(c.other, "update"))
			h.restart()
			h.refused("opted_out", bankCloud, template(c.mine, "update"))
			h.forward(time.Minute)
			h.says(c.other, "start", h.now())
			adm, _ := h.allowed(bankCloud, template(c.mine, "update"))
			h.check(h.settleAs(adm, h.wamid(), c.other)) // upstream answers with the other form
			h.flush()
			h.allowed(bankCloud, template(c.other, "update"))
			h.restart()
			h.allowed(bankCloud, template(c.other, "update"))
			subjects := map[audit.SubjectID]bool{}
			for _, r := range h.records(audit.KindAdmission) {
				subjects[r.Subject] = true
			}
			one, _ := h.people.Find("bank", message.Party{Number: c.mine})
			two, _ := h.people.Find("bank", message.Party{Number: c.other})
			if one.Subject != two.Subject || len(one.Family) != 0 {
				t.Errorf("the proven forms are two people: %v", subjects)
			}
		})
	}
}

// TestAnotherTenantsPerson is somebody else, whatever the number.
func TestAnotherTenantsPerson(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "STOP", h.now())
	h.receive("clinic", update(clinicCloud, "messages", h.wrote(customer, "hello", h.now())))
	h.allowed(clinicCloud, text(customer, "Good day"))
	subjects := []audit.SubjectID{}
	for _, r := range h.records(audit.KindInbound) {
		subjects = append(subjects, r.Subject)
	}
	slices.SortFunc(subjects, func(a, b audit.SubjectID) int { return strings.Compare(a.String(), b.String()) })
	if len(slices.Compact(subjects)) != 2 {
		t.Error("two tenants share a subject")
	}
}
