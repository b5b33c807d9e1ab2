package facts

import (
	"errors"
	"testing"
	"time"

	"postern/policy"
)

// TestEnded: what ended says when, what holds does not end, and what can not be
// read is no fact that ended.
func TestEnded(t *testing.T) {
	who := Person{Tenant: "bank", Subject: Subject{1}}
	at := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	over := at.AddDate(0, 1, 0)
	for name, c := range map[string]struct {
		row  Row
		want time.Time
	}{
		"a consent without end":     {ConsentGiven(who, "marketing", Ledger{}, at, time.Time{}), time.Time{}},
		"a consent with an end":     {ConsentGiven(who, "marketing", Ledger{}, at, over), over},
		"a consent taken back":      {ConsentRevoked(who, "marketing", Ledger{}, at), at},
		"an opt-out":                {OptOut(who, ScopeAll, "web", at), time.Time{}},
		"an opt-out that is undone": {OptIn(who, ScopeAll, "web", at), at},
		"a window":                  {WindowOpened(who, "1", at), at.Add(24 * time.Hour)},
		"a new owner":               {IntervalBegun(who, "web", at), time.Time{}},
		"a zone":                    {ZoneKnown(who, "Europe/Berlin", at), time.Time{}},
		"a restriction":             {Restricted(who, "web", at), time.Time{}},
		"what restricts no more":    {Freed(who, "web", at), time.Time{}},
		"an account":                {AccountState("bank", "1", false, at), time.Time{}},
	} {
		want := int64(0)
		if !c.want.IsZero() {
			want = c.want.UnixMicro()
		}
		if got, err := Ended(c.row); err != nil || got != want {
			t.Errorf("%s: %d, want %d (%v)", name, got, want, err)
		}
	}
	for _, kind := range []string{KindConsent, KindOptOut} {
		if at, err := Ended(Row{Kind: kind, Value: []byte(`{`), Time: 1}); at != 0 || !errors.Is(err, ErrRow) {
			t.Errorf("%s that can not be read ended at %d: %v", kind, at, err)
		}
	}
}

// TestLapse: a fact that is kept no longer is not known, one that came since is,
// and what others rest on stays.
func TestLapse(t *testing.T) {
	s, who := New(), Person{Tenant: "bank", Subject: Subject{1}}
	at := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	ask := Query{Tenant: "bank", Number: "1", Subject: who.Subject, Category: "marketing", Now: at.Unix()}
	lapse := func(row Row) policy.Facts {
		t.Helper()
		if err := s.Lapse(row); err != nil {
			t.Fatal(err)
		}
		return s.Lookup(ask)
	}
	ended := ConsentRevoked(who, "marketing", Ledger{Source: "web"}, at)
	window, out := WindowOpened(who, "1", at), OptOut(who, ScopeMarketing, "web", at)
	if err := s.Load(func(yield func(Row) bool) { _ = yield(ended) && yield(window) && yield(out) }); err != nil {
		t.Fatal(err)
	}
	if f := s.Lookup(ask); len(f.Consent) != 1 || !f.Window.Open {
		t.Fatalf("before: %+v", f)
	}
	if f := lapse(ended); len(f.Consent) != 0 || !f.OptOut.Marketing || !f.Window.Open {
		t.Errorf("the consent is known, or more went: %+v", f)
	}
	if f := lapse(window); f.Window.Open || f.Window.Expires != 0 || !f.OptOut.Marketing {
		t.Errorf("the window is known, or more went: %+v", f)
	}
	if err := s.Apply(ConsentGiven(who, "marketing", Ledger{}, at.Add(time.Second), time.Time{})); err != nil {
		t.Fatal(err)
	}
	if f := lapse(ended); !f.Consent["marketing"].Given {
		t.Errorf("one that came since went: %+v", f)
	}
	if f := lapse(Row{Tenant: "bank", Subject: Subject{9}, Kind: KindConsent, Key: "never", Value: ended.Value, Time: 1}); !f.Consent["marketing"].Given {
		t.Errorf("another's: %+v", f)
	}
}
