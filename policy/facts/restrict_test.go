package facts_test

import (
	"testing"
	"time"

	"postern/policy/facts"
)

func TestRestriction(t *testing.T) {
	s, at := facts.New(), time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	p, other := facts.Person{Tenant: "bank", Subject: facts.Subject{1}}, facts.Person{Tenant: "bank", Subject: facts.Subject{2}}
	restricted := func(who facts.Person) bool {
		t.Helper()
		is := s.Lookup(facts.Query{Tenant: "bank", Number: "1", Subject: who.Subject, Category: "utility", Now: at.Unix()}).Restricted
		if s.Restricted("bank", who.Subject) != is || s.Restricted("shop", who.Subject) {
			t.Error("asked for it alone, it stands otherwise")
		}
		return is
	}
	apply := func(r facts.Row) {
		t.Helper()
		if s.Stale(r) {
			return
		}
		if err := s.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	apply(facts.Restricted(p, "disputed", at))
	apply(facts.Freed(p, "corrected", at.Add(-time.Second)))
	apply(facts.Freed(p, "corrected", at)) // of one moment the stricter counts
	if !restricted(p) || restricted(other) {
		t.Errorf("restricted %v, somebody else %v", restricted(p), restricted(other))
	}
	s.Link("bank", p.Subject, other.Subject, false)
	if restricted(other) {
		t.Error("who has another form of the number is restricted, too")
	}
	s.Link("bank", p.Subject, other.Subject, true)
	if !restricted(other) {
		t.Error("the same person under another subject is not restricted")
	}
	apply(facts.Freed(p, "corrected", at.Add(time.Second)))
	if restricted(p) || restricted(other) {
		t.Error("still restricted")
	}
	bad := facts.Restricted(p, "disputed", at.Add(time.Hour))
	bad.Value = []byte(`{"state":"perhaps"}`)
	if err := s.Apply(bad); err == nil {
		t.Error("a state nobody knows is taken")
	}
}
