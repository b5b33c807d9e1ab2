package facts_test

import (
	"testing"
	"time"

	"postern/policy/facts"
)

// TestIdentity: a confirmation keeps the identity's name and time, also when the
// row alone is read again, and a change within its second counts as later.
func TestIdentity(t *testing.T) {
	p := facts.Person{Tenant: "demo", Subject: facts.Subject{1}}
	at := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	s := facts.New()
	apply := func(r facts.Row) {
		t.Helper()
		if err := s.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	if i := s.Identity("demo", p.Subject); i.Changed || !i.Since.IsZero() || len(i.Open) != 0 {
		t.Errorf("of nobody: %+v", i)
	}
	apply(facts.IdentityNamed(p, "meta", "h1", at))
	was := s.Identity("demo", p.Subject)
	if !was.Changed || was.Hash != "h1" || !was.Since.Equal(at) || len(was.Open) != 1 || was.Open[0] != p.Subject {
		t.Errorf("changed: %+v", was)
	}
	for name, when := range map[string]time.Time{"at once": at.Add(300 * time.Millisecond), "later": at.Add(5*time.Second + 700*time.Millisecond)} {
		row := was.Acknowledged(p, "app", when)
		s = facts.New() // as after a restart
		apply(row)
		if i := s.Identity("demo", p.Subject); i.Changed || i.Hash != "h1" || !i.Since.Equal(at) {
			t.Errorf("confirmed %s: %+v", name, i)
		}
	}
	s = facts.New()
	apply(was.Acknowledged(p, "app", at.Add(5*time.Second+700*time.Millisecond)))
	apply(facts.IdentityNamed(p, "meta", "h2", at.Add(5*time.Second)))
	if i := s.Identity("demo", p.Subject); !i.Changed || i.Hash != "h2" {
		t.Errorf("changed in the second of the confirmation: %+v", i)
	}
}
