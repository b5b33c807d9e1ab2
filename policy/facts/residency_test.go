package facts_test

import (
	"errors"
	"testing"
	"time"

	"postern/policy"
	"postern/policy/facts"
)

func TestResidency(t *testing.T) {
	swiss, unknown := policy.Residency{Kind: policy.ResidencyLocal, Region: "CH"}, policy.Residency{Kind: policy.ResidencyUnknown}
	known := func(r policy.Residency, h float64) facts.Row {
		return facts.ResidencyKnown("bank", number, r, hours(h))
	}
	for name, c := range map[string]struct {
		rows  []facts.Row
		want  policy.Residency
		since time.Time
	}{
		"never said":              {nil, unknown, time.Time{}},
		"said":                    {[]facts.Row{known(swiss, -2)}, swiss, hours(-2)},
		"perhaps changed since":   {[]facts.Row{known(swiss, -2), known(unknown, -1)}, unknown, hours(-1)},
		"an answer from before":   {[]facts.Row{known(unknown, -1), known(swiss, -2)}, unknown, hours(-1)},
		"of the same moment":      {[]facts.Row{known(swiss, -2), known(unknown, -2)}, unknown, hours(-2)},
		"in the other order":      {[]facts.Row{known(unknown, -2), known(swiss, -2)}, unknown, hours(-2)},
		"of another tenant's row": {[]facts.Row{facts.ResidencyKnown("hospital", number, swiss, hours(-1))}, unknown, time.Time{}},
	} {
		s := with(t, c.rows...)
		got, since := s.Residency("bank", number)
		if got != c.want || !since.Equal(c.since) || ask(s, anna).Residency != c.want {
			t.Errorf("%s: %+v since %v", name, got, since)
		}
	}
	s := with(t, known(unknown, -1))
	if !s.Stale(known(swiss, -2)) || !s.Stale(known(swiss, -1)) || s.Stale(known(swiss, 0)) {
		t.Error("an answer that is not newer counts")
	}
	if err := s.Apply(facts.Row{Tenant: "bank", Kind: facts.KindResidency, Key: number}); err != nil {
		t.Fatal(err)
	}
	if _, since := s.Residency("bank", number); !since.IsZero() {
		t.Error("a removed row stays")
	}
	for _, value := range []string{`{"kind":"local","region":""}`, `{"kind":"default","region":"DE"}`, `{"kind":"moon","region":""}`, `{`} {
		row := facts.Row{Tenant: "bank", Kind: facts.KindResidency, Key: number, Value: []byte(value)}
		if err := s.Apply(row); !errors.Is(err, facts.ErrRow) {
			t.Errorf("%s: %v", value, err)
		}
	}
}
