package facts_test

import (
	"reflect"
	"testing"
	"time"

	"postern/policy"
	"postern/policy/facts"
)

// FuzzRow: a stored row that cannot be read changes nothing, and one that can
// never lets two readings in a row differ.
func FuzzRow(f *testing.F) {
	at := hours(-1)
	for _, r := range []facts.Row{
		facts.ConsentGiven(anna, "marketing", web, at, hours(9)), facts.OptOut(anna, facts.ScopeAll, "stop", at),
		facts.WindowOpened(anna, number, at), facts.IdentityChanged(anna, "system", at), facts.ZoneKnown(anna, "Europe/Berlin", at),
		facts.AccountState(anna.Tenant, number, true, at),
		facts.ResidencyKnown(anna.Tenant, number, policy.Residency{Kind: policy.ResidencyLocal, Region: "CH"}, at),
		facts.Template{WABA: "1", Name: "hello", Language: "de", Status: "APPROVED", Category: "UTILITY", Components: []byte(`[]`)}.Row(anna.Tenant, at),
	} {
		f.Add(r.Kind, r.Key, r.Value, r.Time, r.Until)
	}
	f.Add(facts.KindConsent, "marketing", []byte(`{"given":true,"given":false}`), int64(1), int64(2))
	f.Add("unknown", "", []byte(nil), int64(0), int64(-1))
	f.Fuzz(func(t *testing.T, kind, key string, value []byte, at, until int64) {
		s := with(t, facts.OptOut(anna, facts.ScopeMarketing, "stop", hours(-2)))
		before := ask(s, anna)
		row := facts.Row{Tenant: anna.Tenant, Subject: anna.Subject, Kind: kind, Key: key, Value: value, Time: at, Until: until}
		err := s.Apply(row)
		after := ask(s, anna)
		if err != nil && !reflect.DeepEqual(before, after) {
			t.Fatalf("refused (%v) and applied: %+v", err, after)
		}
		if err == nil {
			checkSame(t, s, row, after)
		}
	})
}

// checkSame applies a row again: a repeat, as after a restart, changes nothing.
func checkSame(t *testing.T, s *facts.State, row facts.Row, was policy.Facts) {
	t.Helper()
	if err := s.Apply(row); err != nil {
		t.Fatalf("taken once, refused again: %v", err)
	}
	if is := ask(s, anna); !reflect.DeepEqual(was, is) {
		t.Fatalf("a repeat changes the facts from %+v to %+v", was, is)
	}
	s.Stale(row)
	for _, at := range []time.Time{base, base.AddDate(50, 0, 0)} {
		s.Lookup(facts.Query{Tenant: row.Tenant, Number: row.Key, Subject: row.Subject, Category: row.Key, Now: at.Unix()})
	}
}
