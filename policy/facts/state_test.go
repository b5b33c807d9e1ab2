package facts_test

import (
	"errors"
	"reflect"
	"sync"
	"testing"
	"time"

	"postern/policy"
	"postern/policy/facts"
)

var (
	base  = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	anna  = facts.Person{Tenant: "bank", Subject: facts.Subject{1}}
	other = facts.Person{Tenant: "bank", Subject: facts.Subject{2}}
	web   = facts.Ledger{Scope: "offers", Source: "web_form"}
)

const number = "106540352242922"

func hours(n float64) time.Time { return base.Add(time.Duration(n * float64(time.Hour))) }

// with applies rows to a new state.
func with(t *testing.T, rows ...facts.Row) *facts.State {
	t.Helper()
	s := facts.New()
	for _, r := range rows {
		if err := s.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// ask looks up marketing facts of a person at base.
func ask(s *facts.State, p facts.Person) policy.Facts {
	return s.Lookup(facts.Query{Tenant: p.Tenant, Number: number, Subject: p.Subject, Category: "marketing", Now: base.Unix()})
}

func TestNobodyHasNothingInTheirFavour(t *testing.T) {
	want := policy.Facts{Identity: "ok", Account: "ok", Residency: policy.Residency{Kind: policy.ResidencyUnknown}}
	if got := ask(facts.New(), anna); !reflect.DeepEqual(got, want) {
		t.Errorf("facts of an unknown person: %+v", got)
	}
	s := with(t, facts.ConsentGiven(anna, "marketing", web, hours(-1), time.Time{}), facts.WindowOpened(anna, number, hours(-1)))
	if got := ask(s, facts.Person{Tenant: "hospital", Subject: anna.Subject}); !reflect.DeepEqual(got, want) {
		t.Errorf("facts of another tenant show: %+v", got)
	}
}

func TestConsent(t *testing.T) {
	given := facts.ConsentGiven(anna, "marketing", web, hours(-10), hours(100))
	if c := ask(with(t, given), anna).Consent["marketing"]; !c.Given || c.Source != "web_form" || c.Scope != "offers" || c.At != hours(-10).Unix() || c.Expires != hours(100).Unix() || c.Suspended {
		t.Errorf("consent: %+v", c)
	}
	for name, c := range map[string]struct {
		rows []facts.Row
		want bool
	}{
		"revoked later":             {[]facts.Row{given, facts.ConsentRevoked(anna, "marketing", web, hours(-5))}, false},
		"revoked earlier":           {[]facts.Row{given, facts.ConsentRevoked(anna, "marketing", web, hours(-20))}, true},
		"revoked at the same time":  {[]facts.Row{given, facts.ConsentRevoked(anna, "marketing", web, hours(-10))}, false},
		"other category":            {[]facts.Row{facts.ConsentGiven(anna, "utility", web, hours(-5), time.Time{})}, false},
		"deleted":                   {[]facts.Row{given, {Tenant: "bank", Subject: anna.Subject, Kind: facts.KindConsent, Key: "marketing"}}, false},
		"given again, out of order": {[]facts.Row{facts.ConsentRevoked(anna, "marketing", web, hours(-5)), given}, false},
	} {
		if got := ask(with(t, c.rows...), anna).Consent["marketing"].Given; got != c.want {
			t.Errorf("%s: given %v, want %v", name, got, c.want)
		}
	}
	general := facts.ConsentGiven(anna, policy.CategoryGeneral, web, hours(-5), time.Time{})
	if !ask(with(t, general), anna).Consent[policy.CategoryGeneral].Given {
		t.Error("a general consent is not looked up")
	}
}

func TestOptOut(t *testing.T) {
	stop, start := facts.OptOut(anna, facts.ScopeAll, "word", hours(-2)), facts.OptIn(anna, facts.ScopeAll, "word", hours(-1))
	for name, c := range map[string]struct {
		rows           []facts.Row
		all, marketing bool
	}{
		"stop":                     {[]facts.Row{stop}, true, false},
		"stop, start":              {[]facts.Row{stop, start}, false, false},
		"start came late":          {[]facts.Row{facts.OptOut(anna, facts.ScopeAll, "word", hours(-0.5)), start}, true, false},
		"same moment":              {[]facts.Row{start, facts.OptOut(anna, facts.ScopeAll, "word", hours(-1))}, true, false},
		"marketing":                {[]facts.Row{facts.OptOut(anna, facts.ScopeMarketing, "meta", hours(-2))}, false, true},
		"start leaves Meta's stop": {[]facts.Row{facts.OptOut(anna, facts.ScopeMarketing, "meta", hours(-2)), start}, false, true},
		"consent undoes no stop":   {[]facts.Row{stop, facts.ConsentGiven(anna, "marketing", web, hours(-1), time.Time{})}, true, false},
	} {
		if got := ask(with(t, c.rows...), anna).OptOut; got.All != c.all || got.Marketing != c.marketing {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWindow(t *testing.T) {
	for name, c := range map[string]struct {
		at   time.Time
		open bool
	}{
		"fresh":            {hours(-1), true},
		"last second":      {base.Add(-24*time.Hour + time.Second), true},
		"a day old":        {base.Add(-24 * time.Hour), false},
		"old":              {hours(-25), false},
		"upstream's clock": {base.Add(4 * time.Minute), true},
		"far future":       {hours(5), false},
	} {
		w := ask(with(t, facts.WindowOpened(anna, number, c.at)), anna).Window
		if w.Open != c.open {
			t.Errorf("%s: %+v", name, w)
		}
	}
	s := with(t, facts.WindowOpened(anna, number, hours(-1)), facts.WindowOpened(anna, number, hours(-30)))
	if w := ask(s, anna).Window; !w.Open || w.Expires != hours(23).Unix() {
		t.Errorf("a late old message moved the window: %+v", w)
	}
	if ask(with(t, facts.WindowOpened(anna, "999", hours(-1))), anna).Window.Open {
		t.Error("a message to another number opened the window")
	}
}

func TestIdentityInterval(t *testing.T) {
	given, stop := facts.ConsentGiven(anna, "marketing", web, hours(-10), time.Time{}), facts.OptOut(anna, facts.ScopeAll, "word", hours(-9))
	changed := facts.IdentityChanged(anna, "meta", hours(-5))
	for name, c := range map[string]struct {
		rows      []facts.Row
		identity  string
		suspended bool
	}{
		"changed":             {[]facts.Row{given, stop, changed}, "changed", true},
		"confirmed":           {[]facts.Row{given, stop, changed, facts.IdentityConfirmed(anna, "call", hours(-4))}, "ok", false},
		"somebody else":       {[]facts.Row{given, stop, changed, facts.IntervalBegun(anna, "call", hours(-4))}, "ok", true},
		"somebody else asked": {[]facts.Row{stop, facts.IntervalBegun(anna, "call", hours(-4)), facts.ConsentGiven(anna, "marketing", web, hours(-3), time.Time{})}, "ok", false},
	} {
		f := ask(with(t, c.rows...), anna)
		if f.Identity != c.identity || f.Consent["marketing"].Suspended != c.suspended || !f.OptOut.All {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestLinkedSubjects(t *testing.T) {
	rows := []facts.Row{
		facts.ConsentGiven(anna, "marketing", web, hours(-10), time.Time{}), facts.WindowOpened(anna, number, hours(-1)),
		facts.OptOut(other, facts.ScopeMarketing, "meta", hours(-3)),
	}
	s := with(t, rows...)
	s.Link("bank", anna.Subject, other.Subject, false)
	if f := ask(s, anna); !f.OptOut.Marketing || !f.Consent["marketing"].Given {
		t.Errorf("same form: %+v", f)
	}
	if f := ask(s, other); f.Consent["marketing"].Given || f.Window.Open {
		t.Errorf("consent or window passed to a form that is not proven: %+v", f)
	}
	s.Link("bank", other.Subject, anna.Subject, true)
	if f := ask(s, other); !f.Consent["marketing"].Given || !f.Window.Open || !f.OptOut.Marketing {
		t.Errorf("proven: %+v", f)
	}
	for _, r := range []facts.Row{facts.ConsentRevoked(other, "marketing", web, hours(-1)), facts.IdentityChanged(other, "meta", hours(-1))} {
		if err := s.Apply(r); err != nil {
			t.Fatal(err)
		}
	}
	if f := ask(s, anna); f.Consent["marketing"].Given || f.Identity != "changed" {
		t.Errorf("the stricter fact does not win: %+v", f)
	}
}

func TestStale(t *testing.T) {
	s := with(t, facts.OptOut(anna, facts.ScopeAll, "word", hours(-1)), facts.WindowOpened(anna, number, hours(-1)),
		facts.ConsentGiven(anna, "marketing", web, hours(-1), time.Time{}), facts.IdentityChanged(anna, "meta", hours(-1)),
		facts.AccountState("bank", number, true, hours(-1)), approved().Row("bank", hours(-1)))
	for _, at := range []struct {
		when time.Time
		want bool
	}{{hours(-2), true}, {hours(0), false}} {
		for _, r := range []facts.Row{
			facts.OptIn(anna, facts.ScopeAll, "word", at.when), facts.WindowOpened(anna, number, at.when),
			facts.ConsentRevoked(anna, "marketing", web, at.when), facts.IdentityConfirmed(anna, "call", at.when),
			facts.AccountState("bank", number, false, at.when), approved().Row("bank", at.when),
		} {
			if s.Stale(r) != at.want {
				t.Errorf("%s at %v: stale %v, want %v", r.Kind, at.when, !at.want, at.want)
			}
		}
	}
	if !s.Stale(facts.OptIn(anna, facts.ScopeAll, "word", hours(-1))) || s.Stale(facts.OptOut(anna, facts.ScopeAll, "word", hours(-1))) {
		t.Error("of the same moment the stricter fact does not win")
	}
	if s.Stale(facts.OptOut(other, facts.ScopeAll, "word", hours(-100))) {
		t.Error("the first fact of a person is stale")
	}
}

func TestAccountAndZone(t *testing.T) {
	s := with(t, facts.AccountState("bank", number, true, base), facts.ZoneKnown(anna, "Asia/Tokyo", base))
	if ask(s, anna).Account != "restricted" || ask(s, other).Account != "restricted" {
		t.Error("a restricted number is not restricted for everybody")
	}
	if s.Zone("bank", anna.Subject) != "Asia/Tokyo" || s.Zone("bank", other.Subject) != "" {
		t.Error("zones are mixed up")
	}
	if err := s.Apply(facts.ZoneKnown(anna, "Mars/Olympus", base)); err == nil {
		t.Error("a zone that does not exist was taken")
	}
}

func TestDamagedRowsChangeNothing(t *testing.T) {
	s := with(t, facts.OptOut(anna, facts.ScopeAll, "word", base))
	for _, r := range []facts.Row{
		{Tenant: "bank", Subject: anna.Subject, Kind: "optout", Key: "all", Value: []byte(`{"state":"maybe"}`), Time: hours(1).UnixMicro()},
		{Tenant: "bank", Subject: anna.Subject, Kind: "optout", Key: "all", Value: []byte(`secret`), Time: hours(1).UnixMicro()},
		{Tenant: "bank", Subject: anna.Subject, Kind: "optout", Key: "some", Value: []byte(`{"state":"in"}`), Time: hours(1).UnixMicro()},
		{Tenant: "bank", Subject: anna.Subject, Kind: "mood", Value: []byte(`{}`)},
		{Tenant: "bank", Kind: "template", Key: "no-slashes", Value: []byte(`{}`)},
		{Tenant: "bank", Kind: "template", Key: "1/a/en", Value: []byte(`{"components":7}`)},
		{Tenant: "bank", Kind: "account", Key: number, Value: []byte(`{"state":"fine"}`)},
		{Tenant: "bank", Subject: anna.Subject, Kind: "identity", Value: []byte(`{"state":"?"}`)},
	} {
		if err := s.Apply(r); !errors.Is(err, facts.ErrRow) {
			t.Errorf("%s %s: error %v", r.Kind, r.Key, err)
		}
	}
	if f := ask(s, anna); !f.OptOut.All || f.Identity != "ok" || f.Account != "ok" {
		t.Errorf("a damaged row changed the facts: %+v", f)
	}
}

func TestConcurrentUse(t *testing.T) {
	s := facts.New()
	var wg sync.WaitGroup
	for g := range 4 {
		wg.Go(func() {
			for i := range 500 {
				p := facts.Person{Tenant: "bank", Subject: facts.Subject{byte(i), byte(g)}}
				if err := s.Apply(facts.WindowOpened(p, number, base)); err != nil {
					t.Error(err)
				}
				if !ask(s, p).Window.Open {
					t.Error("a window that was applied is not open")
				}
			}
		})
	}
	wg.Wait()
}
