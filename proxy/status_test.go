package proxy_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy"
	"postern/proxy/dialect"
)

func (h *house) settleAs(adm *proxy.Admission, wamid, waID string) error {
	return h.gate.Settle(h.t.Context(), adm, proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: wamid, WaID: waID}})
}

// TestStatusFindsItsSend by what travelled with it or by its message id, at
// once and after a restart, whatever the order.
func TestStatusFindsItsSend(t *testing.T) {
	h := newHouse(t, options{})
	adm, _ := h.allowed(bankCloud, h.opened())
	opaque := adm.ID.String()
	states := func(s ...string) {
		t.Helper()
		for _, state := range s {
			h.receive("bank", update(bankCloud, "statuses", h.status("wamid.a", state, opaque, h.now().Add(-2*time.Hour))))
		}
	}
	states("read") // before the answer, and before "sent"
	h.check(h.gate.Settle(t.Context(), adm, proxy.Outcome{Result: proxy.Accepted, Sent: dialect.Sent{ID: "wamid.a"}}))
	states("sent", "read", "delivered")
	h.restart()
	h.receive("bank", update(bankCloud, "statuses", h.status("wamid.a", "failed", "", h.now())))
	recs := h.records(audit.KindStatus)
	got := make([]string, len(recs))
	for i, r := range recs {
		got[i] = r.Result
		if r.Ref != adm.ID || r.App != "loans" || r.Subject.IsZero() {
			t.Errorf("status %s: ref %s app %s", r.Result, r.Ref, r.App)
		}
	}
	if strings.Join(got, " ") != "read sent delivered failed" {
		t.Errorf("states on record: %v", got)
	}
	if h.alarmed("unmatched_send") != 0 {
		t.Error("a status of our own send was called unmatched")
	}
	for _, hook := range h.hooks()[1:] {
		if strings.Contains(hook, opaque) || !strings.Contains(hook, "wamid.a") {
			t.Errorf("the app got %s", hook)
		}
	}
}

// TestClientsOwnCallbackData comes back to the client, after a restart too.
func TestClientsOwnCallbackData(t *testing.T) {
	h := newHouse(t, options{})
	h.opened()
	body := strings.Replace(text(customer, "Good day"), `"type"`, `"biz_opaque_callback_data":"order-77","type"`, 1)
	adm := h.sent(bankCloud, body, "wamid.a")
	for i, state := range []string{"sent", "delivered"} {
		h.receive("bank", update(bankCloud, "statuses", h.status("wamid.a", state, adm.ID.String(), h.now())))
		if hook := h.hooks()[1]; !strings.Contains(hook, `"biz_opaque_callback_data":"order-77"`) {
			t.Errorf("status %d: the app got %s", i, hook)
		}
		h.restart()
	}
}

// TestSentRoundTheGate raises the alarm: no admission, another tenant's, or
// another number's.
func TestSentRoundTheGate(t *testing.T) {
	h := newHouse(t, options{})
	adm := h.sent(bankCloud, h.opened(), "wamid.a")
	before := len(h.hooks())
	for _, c := range []struct {
		name, tenant string
		raw          []byte
	}{
		{"unknown", "bank", update(bankCloud, "statuses", h.status("wamid.x", "sent", "", h.now()))},
		{"made up", "bank", update(bankCloud, "statuses", h.status("wamid.y", "sent", audit.NewID(h.now()).String(), h.now()))},
		{"another tenant", "clinic", update(clinicCloud, "statuses", h.status("wamid.z", "sent", adm.ID.String(), h.now()))},
		{"another tenant by id", "clinic", update(clinicCloud, "statuses", h.status("wamid.a", "sent", "", h.now()))},
		{"another number", "bank", update(bankOnPrem, "statuses", h.status("wamid.v", "sent", adm.ID.String(), h.now()))},
		{"an echo", "bank", update(bankCloud, "message_echoes", map[string]any{
			"id": "wamid.e", "from": "493023125001", "to": customer, "timestamp": "1", "type": "text", "text": map[string]any{"body": "psst"},
		})},
	} {
		was := h.alarmed("unmatched_send")
		h.receive(c.tenant, c.raw)
		if h.alarmed("unmatched_send") != was+1 {
			t.Errorf("%s: no alarm", c.name)
		}
	}
	if n := len(h.records(audit.KindUnmatchedSend)); n != 6 {
		t.Errorf("%d records", n)
	}
	if n := len(h.hooks()); n != before {
		t.Errorf("%d unmatched statuses were relayed", n-before)
	}
}

// TestStatusOfAPurgedSend is no alarm, by what travelled with it or by its
// message id, and names nobody, unless the person stops. It stays its tenant's.
func TestStatusOfAPurgedSend(t *testing.T) {
	h := newHouse(t, options{})
	adm := h.sent(bankCloud, h.opened(), "wamid.a")
	h.flush()
	before, err := h.journal.Record(t.Context(), adm.ID)
	h.check(err)
	h.check(h.journal.Erase(t.Context(), journal.Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(h.now()), Kind: audit.KindErasure, Time: h.now().UnixMicro(), Actor: "system"},
		Reason: "retention", Parts: []string{audit.PartRecord}, Seqs: []uint64{before.Seq},
	}))
	h.restart()
	hooks := len(h.hooks())
	for _, state := range []string{"sent", "delivered", "read"} {
		h.receive("bank", update(bankCloud, "statuses", h.status("wamid.a", state, adm.ID.String(), h.now())))
	}
	stopped := h.status("wamid.a", "failed", "", h.now())
	stopped["errors"] = []any{map[string]any{"code": 131050, "title": "stopped"}}
	h.receive("bank", update(bankCloud, "statuses", stopped))
	recs := h.records(audit.KindStatus)
	for i, r := range recs {
		last := i == len(recs)-1
		if r.Ref != adm.ID || r.App != "loans" || r.Subject.IsZero() == last || slices.Contains(r.Labels, "opt_out") != last {
			t.Errorf("status %s: ref %s app %s labels %v", r.Result, r.Ref, r.App, r.Labels)
		}
	}
	if len(recs) != 4 || len(h.hooks()) != hooks+4 || h.alarmed("unmatched_send") != 0 {
		t.Errorf("%d states on record, %d told, %d alarms", len(recs), len(h.hooks())-hooks, h.alarmed("unmatched_send"))
	}
	h.receive("clinic", update(clinicCloud, "statuses", h.status("wamid.c", "sent", adm.ID.String(), h.now())))
	h.receive("clinic", update(clinicCloud, "statuses", h.status("wamid.a", "sent", "", h.now())))
	h.receive("bank", update(bankOnPrem, "statuses", h.status("wamid.o", "sent", adm.ID.String(), h.now())))
	if h.alarmed("unmatched_send") != 3 {
		t.Errorf("%d alarms for another tenant's or number's", h.alarmed("unmatched_send"))
	}
}

// TestUnknownBecomesFailed by webhook after the time set, once.
func TestUnknownBecomesFailed(t *testing.T) {
	for _, number := range []string{bankCloud, bankOnPrem} {
		t.Run(string(accounts[number].Dialect), func(t *testing.T) {
			h := newHouse(t, options{})
			h.receive("bank", update(number, "messages", h.wrote(customer, "hi", h.now())))
			adm, _ := h.allowed(number, text(customer, "Good day"))
			h.check(h.gate.Settle(t.Context(), adm, proxy.Outcome{Result: proxy.Unknown}))
			h.flush()
			h.forward(30 * time.Second)
			h.sweep(t, 0)
			h.restart()
			if n, err := h.gate.Recover(t.Context()); err != nil || n != 0 {
				t.Fatal(n, err)
			}
			h.forward(time.Minute)
			h.sweep(t, 1)
			h.sweep(t, 0)
			hooks := h.hooks()
			last := hooks[len(hooks)-1]
			if len(hooks) != 2 || !strings.Contains(last, `"status":"failed"`) || !strings.Contains(last, dialect.OpaqueID(adm.ID)) || strings.Contains(last, adm.ID.String()) {
				t.Errorf("delivered %v", hooks)
			}
			h.restart()
			_, err := h.gate.Recover(t.Context())
			h.check(err)
			h.forward(time.Hour)
			h.sweep(t, 0)
		})
	}
}

func (h *house) sweep(t *testing.T, want int) {
	t.Helper()
	n, err := h.gate.Sweep(t.Context())
	h.check(err)
	if n != want {
		t.Fatalf("sweep gave up %d sends, want %d", n, want)
	}
}

// TestUnknownIsResolvedByItsStatus, whether it comes before or after the
// outcome was called unknown, and over a restart.
func TestUnknownIsResolvedByItsStatus(t *testing.T) {
	for _, c := range []string{"status first", "outcome first", "status, then a crash"} {
		t.Run(c, func(t *testing.T) {
			h := newHouse(t, options{})
			h.receive("bank", update(bankOnPrem, "messages", h.wrote(customer, "hi", h.now())))
			adm, _ := h.allowed(bankOnPrem, text(customer, "Good day"))
			unknown := func() {
				h.check(h.gate.Settle(t.Context(), adm, proxy.Outcome{Result: proxy.Unknown}))
				h.flush()
			}
			status := func() {
				h.receive("bank", update(bankOnPrem, "statuses", h.status("wamid.a", "delivered", adm.ID.String(), h.now())))
			}
			switch c {
			case "status first":
				status()
				unknown()
			case "outcome first":
				unknown()
				status()
			default:
				status()
				h.restart()
				if n, err := h.gate.Recover(t.Context()); err != nil || n != 1 {
					t.Fatal(n, err)
				}
			}
			h.forward(time.Hour)
			if _, err := h.gate.Sweep(t.Context()); err != nil {
				t.Fatal(err)
			}
			h.sweep(t, 0)
			want := []string{"unknown", "accepted"}
			if c == "outcome first" { // its status is the outcome
				want = want[:1]
			}
			if got := h.settled(); !slices.Equal(got, want) {
				t.Errorf("settled as %v, want %v", got, want)
			}
			if holds(h.hooks(), `"failed"`) {
				t.Errorf("a delivered message was called failed: %v", h.hooks())
			}
			// Its id is known by now: a quoted reply finds it.
			reply := h.wrote(customer, "thanks", h.now())
			reply["context"] = map[string]any{"from": "493023125002", "id": "wamid.a"}
			h.receive("bank", update(bankOnPrem, "messages", reply))
			if !holds(h.hooks(), "thanks", dialect.OpaqueID(adm.ID)) {
				t.Errorf("the reply lost what it quotes: %v", h.hooks())
			}
		})
	}
}

// settled are the outcomes on record, in order.
func (h *house) settled() []string {
	var out []string
	for _, r := range h.records(audit.KindSettle) {
		out = append(out, r.Result)
	}
	return out
}

// TestLostOutcomeIsUnknown: an admission whose outcome was never recorded does
// not stay open while the process lives.
func TestLostOutcomeIsUnknown(t *testing.T) {
	h := newHouse(t, options{})
	h.allowed(bankCloud, h.opened())
	h.forward(90 * time.Second)
	h.sweep(t, 0)
	if n := len(h.records(audit.KindSettle)); n != 0 {
		t.Fatalf("settled %d too early", n)
	}
	h.forward(time.Minute)
	h.sweep(t, 0)
	if recs := h.records(audit.KindSettle); len(recs) != 1 || recs[0].Result != "unknown" {
		t.Errorf("settled %+v", recs)
	}
	h.forward(2 * time.Minute)
	h.sweep(t, 1)
}

// TestOutcomesOnRecord: each result is recorded beside its admission.
func TestOutcomesOnRecord(t *testing.T) {
	h := newHouse(t, options{})
	h.opened()
	for _, o := range []proxy.Outcome{
		{Result: proxy.Accepted, Sent: dialect.Sent{ID: "wamid.a"}},
		{Result: proxy.Refused, Upstream: &dialect.UpstreamError{Code: 131047}},
		{Result: proxy.NotSent}, {Result: proxy.Unknown},
	} {
		adm, _ := h.allowed(bankCloud, text(customer, "Good day"))
		h.check(h.gate.Settle(t.Context(), adm, o))
		recs := h.records(audit.KindSettle)
		r := recs[len(recs)-1]
		if r.Ref != adm.ID || r.Result != string(o.Result) || o.Upstream != nil && r.Code != 131047 || (len(r.MessageID) > 0) != (o.Sent.ID != "") {
			t.Errorf("%s: %+v", o.Result, r)
		}
	}
	if open := h.journal.OpenAdmissions(1 << 62); len(open) != 0 {
		t.Errorf("%d admissions are open", len(open))
	}
}

// TestStoppedAtMeta: a failed status with Meta's word for it is an opt-out.
func TestStoppedAtMeta(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	h.consent(customer, "marketing")
	adm := h.sent(bankCloud, template(customer, "offer"), "wamid.a")
	s := h.status("wamid.a", "failed", adm.ID.String(), h.now())
	s["errors"] = []any{map[string]any{"code": 131050, "title": "stopped"}}
	h.receive("bank", update(bankCloud, "statuses", s))
	h.refused("marketing_stopped", bankCloud, template(customer, "offer"))
}

// TestMarkRead: one's own inbound message is about its person; one from before
// the gateway stood is about nobody; another tenant's is nobody's either.
func TestMarkRead(t *testing.T) {
	h := newHouse(t, options{})
	m := h.wrote(customer, "hello", h.now())
	h.receive("bank", update(bankCloud, "messages", m))
	who := h.records(audit.KindInbound)[0].Subject
	read := func(id string) string { return `{"status":"read","message_id":"` + id + `"}` }
	for _, c := range []struct {
		id      string
		subject audit.SubjectID
	}{{m["id"].(string), who}, {"wamid.before", audit.SubjectID{}}} {
		_, body := h.allowed(bankCloud, read(c.id))
		if !strings.Contains(body, c.id) {
			t.Errorf("left: %s", body)
		}
		recs := h.records(audit.KindRead)
		r := recs[len(recs)-1]
		if r.Subject != c.subject || strings.Contains(part(r, audit.PartBody), c.id) || (h.original(r) != "") != !c.subject.IsZero() {
			t.Errorf("marked %s: subject %s, body %s", c.id, r.Subject, part(r, audit.PartBody))
		}
	}
	for _, id := range []string{"wamid.before", dialect.OpaqueInboundID(audit.NewID(h.now()))} {
		msg, p := dialect.DecodeRead(dialect.OnPrem, "application/json", id, []byte(`{"status":"read"}`))
		if p != nil {
			t.Fatal(p)
		}
		adm, _, p := h.gate.Admit(t.Context(), proxy.Request{Caller: callerOf(bankOnPrem), Number: bankOnPrem, Message: msg, Raw: []byte(`{"status":"read"}`)})
		if adm != nil || p == nil || p.Kind != dialect.NotFound {
			t.Errorf("an id that was never given: %+v", p)
		}
	}
}
