package proxy_test

import (
	"testing"
	"testing/fstest"

	"postern/audit"
	"postern/policies"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/dialect"
)

// TestCallsAreKnownToPolicy: compliance can close every call that an endpoint
// makes, by its name.
func TestCallsAreKnownToPolicy(t *testing.T) {
	for _, e := range dialect.Endpoints() {
		if e.Call == "" {
			continue
		}
		settings := fstest.MapFS{"settings.yaml": {Data: []byte("management: {deny: [" + e.Call + "]}\n")}}
		if _, err := policy.Load(t.Context(), policies.Files, settings); err != nil {
			t.Errorf("%s %s: %v", e.Method, e.Path, err)
		}
	}
}

// TestCrashedMoveForgetsPlace: after a crash nobody knows what became of a call
// that may have changed where a number's messages rest, so that is unknown, too.
func TestCrashedMoveForgetsPlace(t *testing.T) {
	h := newHouse(t, options{})
	swiss, unknown := policy.Residency{Kind: policy.ResidencyLocal, Region: "CH"}, policy.Residency{Kind: policy.ResidencyUnknown}
	for _, c := range []struct {
		name string
		want policy.Residency
	}{{"profile/post", swiss}, {"register/register", unknown}, {"number/settings", unknown}, {"move/register", unknown}} {
		h.learn(h.facts.NewResidency("bank", bankCloud, swiss, h.now()))
		adm, p := h.gate.AdmitCall(t.Context(), proxy.CallRequest{
			Caller: h.request(bankCloud, text(customer, "x")).Caller, Number: bankCloud, Kind: audit.KindManage, Call: dialect.CallProfile, Name: c.name,
		})
		if p != nil || !adm.Take() {
			t.Fatal(p)
		}
		h.restart()
		if n, err := h.gate.Recover(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		h.restart() // it is a fact of the store
		if got := h.facts.Lookup(facts.Query{Tenant: "bank", Number: bankCloud}).Residency; got != c.want {
			t.Errorf("%s: %+v", c.name, got)
		}
	}
}
