package keeping

import (
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/retention"
)

// known are the consents and opt-outs that a person's subject has.
func (a archive) known(t *testing.T, who admin.Who) (kinds []string) {
	t.Helper()
	var out admin.Known
	a.Admin(t, "consent.show", who, &out)
	for _, f := range out.Facts {
		kinds = append(kinds, f.Kind+"/"+f.Key)
	}
	return kinds
}

func ofFacts(p retention.Plan) (due, held int) {
	for _, d := range p.Due {
		if d.Store == retention.StoreFacts {
			due += d.Count
		}
	}
	for _, k := range p.Kept {
		if k.Store == retention.StoreFacts && k.By == retention.KeptByHold {
			held += k.Count
		}
	}
	return due, held
}

// TestFactsGoByAge: consents that ended and windows that closed go when the days
// of class consent are over, on record; consents that hold, opt-outs and what a
// hold covers stay, in memory as in the store, over a restart.
func TestFactsGoByAge(t *testing.T) {
	a := archive{rig.Start(t, rig.Options{
		Policies: map[string]string{"retention.yaml": "version: 1\nclasses:\n  consent: {days: 30, clock: consent, action: erase}\n"},
		Config:   func(text string) string { return text + "retention: {at: \"off\"}\n" },
	})}
	left, stays, out, held := admin.Who{Number: "+4917139200811"}, admin.Who{Number: "+4917139200812"}, admin.Who{Number: "+4917139200813"}, admin.Who{Number: "+4917139200814"}
	given := a.Clock.Now().UTC().Format(time.RFC3339)
	for _, c := range []struct {
		call string
		in   admin.Consent
	}{
		{"consent.add", admin.Consent{Who: left, Category: "marketing", Source: "web_form", Evidence: "kuckuck-kam", At: given}},
		{"consent.revoke", admin.Consent{Who: left, Category: "marketing", Evidence: "kuckuck-ging"}},
		{"consent.add", admin.Consent{Who: stays, Category: "general", Source: "branch", Evidence: "elster-bleibt"}},
		{"consent.revoke", admin.Consent{Who: stays, Category: "marketing", Evidence: "elster-ging"}},
		{"consent.revoke", admin.Consent{Who: out, Category: "all"}},
		{"consent.revoke", admin.Consent{Who: held, Category: "marketing", Evidence: "haeher-ging"}},
	} {
		a.Admin(t, c.call, c.in, nil)
	}
	a.write(t, "4917139200815", "einmal geschrieben")
	a.Admin(t, "hold.place", admin.HoldPlace{Persons: []admin.Who{held}, Matter: "CASE-2026-0045", Why: "litigation"}, nil)
	for range 5 {
		a.Clock.Forward(8 * 24 * time.Hour)
		a.write(t, "4917139200798", "inzwischen")
	}
	var plan retention.Plan
	a.Admin(t, "retention.plan", admin.RetentionPlan{}, &plan)
	due, kept := ofFacts(plan)
	if due < 2 || kept != 1 {
		t.Fatalf("%d facts due, %d held: %+v", due, kept, plan)
	}
	_, c := a.purge(t)
	gone := int64(0)
	for _, g := range c.Gone {
		if g.Store == retention.StoreFacts && g.Class == audit.ClassConsent {
			gone += g.Count
		}
	}
	if gone != int64(due) {
		t.Errorf("%d facts were due, %d went", due, gone)
	}
	rows := a.SQL(t, "SELECT sum(code) FROM audit WHERE kind = 'retention' AND type = 'beside' AND labels LIKE '%store:facts%class:consent%'")
	if want := strconv.Itoa(due); rows[0][0] != want {
		t.Errorf("on record: %v, want %v", rows, want)
	}
	a.stand(t, left, stays, out, held)
	a.Halt()
	a.Resume(t)
	a.stand(t, left, stays, out, held)
	if _, c = a.purge(t); a.holds(t, "kuckuck-kam", "kuckuck-ging") != 0 || a.holds(t, "elster-bleibt", "haeher-ging") != 2 {
		t.Errorf("what proved the consent that ended stays, or more went: %+v", c.Gone)
	}
	// Nothing is known of it any more: neither in the store nor in memory.
	a.Admin(t, "consent.add", admin.Consent{Who: left, Category: "marketing", Source: "web_form", At: given}, nil)
	if err := a.TryAdmin(t, "consent.add", admin.Consent{Who: held, Category: "marketing", Source: "web_form", At: given}, nil); err == nil {
		t.Error("a consent from before is taken although its end is known")
	}
}

// stand says what each must have.
func (a archive) stand(t *testing.T, left, stays, out, held admin.Who) {
	t.Helper()
	for who, want := range map[admin.Who]string{left: "", stays: "consent/general consent/marketing", out: "optout/all", held: "consent/marketing"} {
		if got := strings.Join(a.known(t, who), " "); got != want {
			t.Errorf("%+v has %q, want %q", who, got, want)
		}
	}
	sent := a.Cloud(t, `{"to":"`+out.Number+`","type":"text","text":{"body":"Hello"}}`)
	why := a.SQL(t, "SELECT reasons FROM audit WHERE kind = 'admission' ORDER BY seq DESC LIMIT 1")
	if sent.Status == http.StatusOK || len(why) != 1 || !strings.Contains(why[0][0], "opted_out") {
		t.Errorf("who opted out is sent to, or for another reason not: %d, %v", sent.Status, why)
	}
}
