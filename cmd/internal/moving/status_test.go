package moving

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestStatus asks how numbers stand: one that works, then everything that can be
// missing, each with whose it is to mend.
func TestStatus(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	id := r.Env["POSTERN_PHONE_ID"]
	if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`); a.Status != http.StatusOK {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
	r.Hooks.With(t, `"delivered"`)
	rig.Await(t, "the send on record", func() bool { return one(t, r, id).LastOut > 0 })
	s := one(t, r, id)
	if s.Tenant != "demo" || s.App != "cloud-demo" || s.Dialect != "cloud" || !s.Keys || !s.Webhook || s.LastHook == 0 || s.LastIn != 0 || s.Approved == 0 {
		t.Errorf("here: %+v", s)
	}
	if want := (admin.NumberAtMeta{
		Told: true, Status: "CONNECTED", Verification: "VERIFIED", Name: "APPROVED", Quality: "GREEN", Throughput: "STANDARD", Limit: "TIER_100K",
		Sending: "AVAILABLE", PIN: "off", Subscribed: "yes", Override: "none", Storage: "default",
	}); s.Meta != want {
		t.Errorf("at Meta: %+v", s.Meta)
	}
	wants(t, s, "operator: Two-step verification is off")

	var all []admin.NumberStatus
	r.Admin(t, "number.status", admin.NumbersAsked{}, &all)
	if len(all) != 3 {
		t.Errorf("%d numbers", len(all))
	}
	if err := r.TryAdmin(t, "number.status", admin.NumbersAsked{Number: "1"}, nil); err == nil || !strings.Contains(err.Error(), "no such number") {
		t.Errorf("unknown number: %v", err)
	}

	r.Sim.SetRegistration(id, true, true)
	wants(t, one(t, r, id), "operator: The number is not registered", "operator: Meta wants a code", "operator: Two-step")
	r.Sim.SetRegistration(id, false, false)
	unsubscribed(t, r)
	wants(t, one(t, r, id), "operator: Two-step", "operator: The app of the token is not subscribed")
	_, err := r.Sim.AddFault(sim.Fault{Action: sim.ActionCut, Method: "GET"})
	if err != nil {
		t.Fatal(err)
	}
	if s = one(t, r, id); s.Meta != (admin.NumberAtMeta{}) || s.App == "" {
		t.Errorf("while Meta is away: %+v", s)
	}
	wants(t, s, "operator: Meta did not say")
}

// one is how a number stands.
func one(t *testing.T, r *rig.Rig, id string) admin.NumberStatus {
	t.Helper()
	var all []admin.NumberStatus
	r.Admin(t, "number.status", admin.NumbersAsked{Number: id}, &all)
	if len(all) != 1 || all[0].Number != id {
		t.Fatalf("asked about %s: %+v", id, all)
	}
	return all[0]
}

// wants holds what is missing against the beginnings of sentences, in any order.
func wants(t *testing.T, s admin.NumberStatus, begins ...string) {
	t.Helper()
	for _, n := range s.Needs {
		said := n.Who + ": " + n.What
		if !slices.ContainsFunc(begins, func(b string) bool { return strings.HasPrefix(said, b) }) {
			t.Errorf("also missing: %s", said)
		}
	}
	if len(s.Needs) != len(begins) {
		t.Errorf("%d things are missing, want %q: %+v", len(s.Needs), begins, s.Needs)
	}
}

// unsubscribed takes Meta's app off the account.
func unsubscribed(t *testing.T, r *rig.Rig) {
	t.Helper()
	a := r.At(t, http.MethodDelete, r.Env["METASIM_GRAPH_URL"]+"/v25.0/"+r.Env["POSTERN_WABA_ID"]+"/subscribed_apps", "", "Authorization: Bearer "+r.Secret(t, "meta-token"))
	if a.Status != http.StatusOK {
		t.Fatalf("unsubscribe: %d %s", a.Status, a.Body)
	}
}
