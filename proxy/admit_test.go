package proxy_test

import (
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/message"
)

const customer = "491713920001"

func TestAdmissionIsTakenOnceAndZeroGivesNothing(t *testing.T) {
	var zero proxy.Admission
	if _, ok := zero.Take(); ok || zero.Granted() {
		t.Error("the zero admission permits a send")
	}
	if _, ok := (*proxy.Admission)(nil).Take(); ok {
		t.Error("no admission permits a send")
	}
	h := newHouse(t, options{})
	if err := h.gate.Settle(t.Context(), &zero, proxy.Outcome{Result: proxy.Accepted}); err == nil {
		t.Error("the zero admission was settled")
	}
	h.says(customer, "hello", h.now())
	adm, body := h.allowed(bankCloud, text(customer, "Good day"))
	if !strings.Contains(body, adm.ID.String()) || !strings.Contains(body, "Good day") {
		t.Errorf("body to send: %s", body)
	}
	if again, ok := adm.Take(); ok || again != nil {
		t.Error("the admission was taken twice")
	}
	h.check(h.gate.Settle(t.Context(), adm, proxy.Outcome{Result: proxy.Accepted}))
	if err := h.gate.Settle(t.Context(), adm, proxy.Outcome{Result: proxy.Refused}); err == nil {
		t.Error("the admission was settled twice")
	}
	if n := len(h.records(audit.KindSettle)); n != 1 {
		t.Errorf("%d settle records", n)
	}
}

func TestNoRecordNoAdmission(t *testing.T) {
	var broken atomic.Bool
	h := newHouse(t, options{hook: func(s journal.Step) error {
		if broken.Load() && (s == journal.StepWrite || s == journal.StepRecover) {
			return errInjected
		}
		return nil
	}})
	h.says(customer, "hello", h.now())
	broken.Store(true)
	adm, p := h.admit(bankCloud, text(customer, "Good day"))
	if adm != nil || p == nil || p.Kind != dialect.RecordingDown {
		t.Fatalf("admitted without record: %v %+v", adm.Granted(), p)
	}
	broken.Store(false)
	await(t, "the journal", func() bool { return h.journal.Err() == nil })
	if n := len(h.records(audit.KindAdmission)); n != 0 {
		t.Errorf("%d admissions on record", n)
	}
	h.allowed(bankCloud, text(customer, "Good day"))
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	late := time.After(time.Minute)
	for !ok() {
		select {
		case <-tick.C:
		case <-late:
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func TestForeignNumberAndUnknownAccount(t *testing.T) {
	h := newHouse(t, options{})
	req := h.request(bankCloud, text(customer, "hello"))
	req.Number = clinicCloud
	for _, number := range []string{clinicCloud, "1"} {
		req.Number = number
		adm, _, p := h.gate.Admit(t.Context(), req)
		if adm != nil || p == nil || p.Kind != dialect.Forbidden {
			t.Errorf("number %s: %+v", number, p)
		}
	}
}

// queued is how many callers wait for the journal: those that stand still in
// Append, which they do once they are in its queue.
func queued() int {
	buf := make([]byte, 1<<20)
	n := 0
	for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
		head, _, _ := strings.Cut(stack, "\n")
		stands := strings.Contains(head, "[select") || strings.Contains(head, "[chan receive")
		if stands && strings.Contains(stack, "journal.(*Journal).Append(") {
			n++
		}
	}
	return n
}

// gateOf holds the journal's writer between two transactions until told.
type gateOf struct {
	armed   atomic.Bool
	reached chan struct{}
	release chan struct{}
}

func newGateOf() *gateOf {
	return &gateOf{reached: make(chan struct{}, 1), release: make(chan struct{})}
}

func (g *gateOf) step(s journal.Step) error {
	if s == journal.StepBegin && g.armed.CompareAndSwap(true, false) {
		g.reached <- struct{}{}
		<-g.release
	}
	return nil
}

// TestStopWinsOverWaitingSend lets many sends decide while the writer stands,
// commits a stop before them, and wants each decided again.
func TestStopWinsOverWaitingSend(t *testing.T) {
	const rounds, sends = 20, 8
	hold := newGateOf()
	h := newHouse(t, options{hook: hold.step})
	h.templates()
	for i := range rounds {
		to := fmt.Sprintf("4917139210%02d", i)
		h.consent(to, "marketing")
		hold.armed.Store(true)
		var first, stop, rest sync.WaitGroup
		first.Go(h.flush) // its transaction is held while the others queue up
		<-hold.reached
		stopAt := h.now()
		raw := update(bankCloud, "messages", h.wrote(to, "STOP", stopAt))
		stop.Go(func() {
			if err := h.gate.Receive(t.Context(), "bank", raw); err != nil {
				t.Error(err)
			}
		})
		var allowed, refused atomic.Int64
		for range sends {
			req := h.request(bankCloud, template(to, "offer"))
			rest.Go(func() {
				adm, _, p := h.gate.Admit(t.Context(), req)
				switch {
				case adm.Granted():
					allowed.Add(1)
				case p != nil && p.Reason == "opted_out":
					refused.Add(1)
				default:
					t.Errorf("neither allowed nor refused: %+v", p)
				}
			})
		}
		hold.release <- struct{}{}
		first.Wait()
		stop.Wait()
		rest.Wait()
		if allowed.Load()+refused.Load() != sends {
			t.Errorf("%d allowed, %d refused", allowed.Load(), refused.Load())
		}
	}
	// The trail itself proves it: no admission of a person follows the stop.
	stopped := map[audit.SubjectID]bool{}
	after, before := 0, 0
	h.check(h.journal.Records(t.Context(), 0, func(r *audit.Record) error {
		switch {
		case r.Kind == audit.KindInbound:
			stopped[r.Subject] = true
		case r.Kind == audit.KindAdmission && r.Effect == audit.EffectAllow && stopped[r.Subject]:
			t.Errorf("record %d admits a send after the stop", r.Seq)
		case r.Kind == audit.KindAdmission && stopped[r.Subject]:
			after++
		case r.Kind == audit.KindAdmission:
			before++
		}
		return nil
	}))
	if after == 0 {
		t.Error("no send was decided after a stop: the test raced nothing")
	}
	t.Logf("%d sends before their stop, %d after", before, after)
}

// TestDecidedSendMeetsCommittedChange is the same in one fixed order: the send
// is decided, waits, and the change is committed before it.
func TestDecidedSendMeetsCommittedChange(t *testing.T) {
	for _, c := range []struct {
		name, reason string
		change       func(h *house, p facts.Person, at time.Time) facts.Row
	}{
		{"stop", "opted_out", func(_ *house, p facts.Person, at time.Time) facts.Row {
			return facts.OptOut(p, facts.ScopeAll, "word", at)
		}},
		{"marketing stopped at Meta", "marketing_stopped", func(_ *house, p facts.Person, at time.Time) facts.Row {
			return facts.OptOut(p, facts.ScopeMarketing, "meta", at)
		}},
		{"consent revoked", "opt_in_missing", func(_ *house, p facts.Person, at time.Time) facts.Row {
			return facts.ConsentRevoked(p, "marketing", facts.Ledger{Source: "operator"}, at)
		}},
		{"identity changed", "identity_changed", func(_ *house, p facts.Person, at time.Time) facts.Row {
			return facts.IdentityChanged(p, "meta", at)
		}},
		{"processing restricted", "processing_restricted", func(_ *house, p facts.Person, at time.Time) facts.Row {
			return facts.Restricted(p, "disputed", at)
		}},
		{"account restricted", "account_restricted", func(_ *house, _ facts.Person, at time.Time) facts.Row {
			return facts.AccountState("bank", bankCloud, true, at)
		}},
	} {
		for _, together := range []bool{true, false} {
			t.Run(fmt.Sprintf("%s together %v", c.name, together), func(t *testing.T) {
				decidedThenChanged(t, c.reason, together, c.change)
			})
		}
	}
}

func decidedThenChanged(t *testing.T, reason string, together bool, change func(*house, facts.Person, time.Time) facts.Row) {
	hold := newGateOf()
	h := newHouse(t, options{hook: hold.step})
	h.templates()
	h.consent(customer, "marketing")
	who := h.person("bank", message.Party{Number: customer})
	var wait sync.WaitGroup
	hold.armed.Store(true)
	wait.Go(h.flush)
	<-hold.reached
	// The change is queued first; the send is decided on what was known before.
	wait.Go(func() { h.learn(change(h, who, h.now())) })
	await(t, "the change in the queue", func() bool { return queued() >= 2 })
	if !together {
		// The change gets a transaction of its own, which is held in its turn.
		hold.armed.Store(true)
		hold.release <- struct{}{}
		<-hold.reached
	}
	var p *dialect.Problem
	req := h.request(bankCloud, template(customer, "offer"))
	wait.Go(func() {
		var adm *proxy.Admission
		if adm, _, p = h.gate.Admit(t.Context(), req); adm.Granted() {
			t.Error("admitted over a committed change")
		}
	})
	waiting := 3
	if !together {
		waiting = 2 // the first one is done
	}
	await(t, "the send in the queue", func() bool { return queued() >= waiting })
	hold.release <- struct{}{}
	wait.Wait()
	if p == nil || p.Reason != reason {
		t.Errorf("refused with %+v, want %s", p, reason)
	}
}

func TestStartAndConsentUndo(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	h.consent(customer, "marketing")
	h.allowed(bankCloud, template(customer, "offer"))
	h.forward(time.Minute)
	h.says(customer, "Stop!", h.now())
	h.refused("opted_out", bankCloud, template(customer, "offer"))
	h.allowed(bankCloud, text(customer, "As you wish.")) // a reply in the open window
	h.refused("opted_out", bankCloud, template(customer, "update"))
	h.forward(time.Minute)
	h.says(customer, "please stop by on Monday", h.now())
	h.says(customer, "START", h.now().Add(-2*time.Minute)) // older than the stop
	h.refused("opted_out", bankCloud, template(customer, "offer"))
	h.says(customer, "start", h.now())
	h.allowed(bankCloud, template(customer, "offer"))
	h.restart()
	h.allowed(bankCloud, template(customer, "offer"))
}

// TestObservedRefusalPasses: a rule in observe mode lets pass and is recorded.
func TestObservedRefusalPasses(t *testing.T) {
	h := newHouse(t, options{settings: "modes: {window_closed: observe until 2027-01-31}\n"})
	h.allowed(bankCloud, text(customer, "out of the blue"))
	recs := h.records(audit.KindAdmission)
	if len(recs) != 1 || recs[0].Effect != audit.EffectAllow || len(recs[0].Observed) != 1 || recs[0].Observed[0] != "window_closed" {
		t.Errorf("recorded %+v", recs)
	}
	h.forward(365 * 24 * time.Hour)
	h.refused("window_closed", bankCloud, text(customer, "out of the blue"))
}

// TestCommitsAreTimed: an admission waits for its record, also one that refuses;
// an outcome is waited for by nobody.
func TestCommitsAreTimed(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "hello", h.now())
	before := h.commits
	h.allowed(bankCloud, text(customer, "hello"))
	h.refused("window_closed", bankCloud, text("491710000077", "hello"))
	if n := h.commits - before; n != 2 {
		t.Errorf("%d commits were timed, want those of two admissions", n)
	}
}

// TestPolicySawWhatLeft: the body that leaves, the findings on record and the
// redacted record are of one message.
func TestPolicySawWhatLeft(t *testing.T) {
	h := newHouse(t, options{settings: `personal_data:
  outbound: {"*": keep, PHONE: mask, EMAIL: redact, CREDIT_CARD: block}
  record: {"*": redact, PHONE: redact, EMAIL: redact}
`})
	h.says(customer, "hello", h.now())
	const body = "Call +49 171 3920002 or write to ana@example.com"
	adm, out := h.allowed(bankCloud, text(customer, body))
	if !adm.Changed || strings.Contains(out, "3920002") || strings.Contains(out, "ana@") || !strings.Contains(out, "[EMAIL_1]") {
		t.Errorf("left: %s", out)
	}
	r := h.records(audit.KindAdmission)[0]
	if !r.Changed || r.Findings != "EMAIL:1,PHONE:1" {
		t.Errorf("changed %v findings %s", r.Changed, r.Findings)
	}
	kept := part(r, audit.PartBody)
	if strings.Contains(kept, "3920002") || strings.Contains(kept, "ana@") || !strings.Contains(kept, "Call [PHONE_1] or write to [EMAIL_1]") {
		t.Errorf("kept: %s", kept)
	}
	if o := h.original(r); !strings.Contains(o, body) {
		t.Errorf("original: %s", o)
	}
	var sent struct {
		Text struct{ Body string } `json:"text"`
	}
	h.check(json.Unmarshal([]byte(out), &sent))
	// Treating what left again changes nothing: nothing stood in a shadow.
	if strings.Contains(sent.Text.Body, "@") {
		t.Errorf("left: %s", sent.Text.Body)
	}
	h.refused("pii", bankCloud, text(customer, "Card 4111 1111 1111 1111"))
}

// TestClearColumnsHoldNoData: what an app may choose freely and a clear column
// or policy's input would show.
func TestClearColumnsHoldNoData(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "hello", h.now())
	h.refused("template", bankCloud, template(customer, "ana.marker@example.com"))
	h.refused("template", bankCloud, template(customer, "+4917139200077"))
	h.allowed(bankCloud, text(customer, "see https://4917139200078.example.com/x and https://u:p@h.example/"))
	for _, r := range h.records(audit.KindAdmission) {
		clear := r.Template + part(r, audit.PartInput)
		for _, marker := range []string{"ana.marker", "17139200077", "17139200078"} {
			if strings.Contains(clear, marker) {
				t.Errorf("record shows %s: %s", marker, clear)
			}
		}
	}
}

// TestNeverStoredOriginal: a message with track data keeps no original.
func TestNeverStoredOriginal(t *testing.T) {
	h := newHouse(t, options{settings: `personal_data: {outbound: {"*": keep, TRACK_DATA: keep, CREDIT_CARD: keep}}` + "\n"})
	h.says(customer, "hello", h.now())
	h.allowed(bankCloud, text(customer, "swipe ;4111111111111111=29121010000000000000?"))
	r := h.records(audit.KindAdmission)[0]
	if !strings.Contains(r.Findings, "TRACK_DATA") || h.original(r) != "" || strings.Contains(part(r, audit.PartBody), "29121010") {
		t.Errorf("findings %s, original %q, body %s", r.Findings, h.original(r), part(r, audit.PartBody))
	}
}
