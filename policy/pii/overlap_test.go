package pii

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"postern/policy/pii/catalog"
)

// span is a finding for tests of what overlaps.
func span(t Type, l Level, start, end int) Finding {
	return Finding{Type: t, Entity: string(t), Level: l, Start: start, End: end}
}

// TestStronger holds the order in which findings give way to each other.
func TestStronger(t *testing.T) {
	for name, c := range map[string]struct{ wins, loses Finding }{
		"certain before longer":              {span("A", Certain, 2, 5), span("B", Likely, 0, 9)},
		"longer before its type":             {span(Phone, Likely, 0, 9), span(Email, Likely, 0, 5)},
		"type before place":                  {span(IBAN, Likely, 2, 7), span(CreditCard, Likely, 0, 5)},
		"a card before a phone":              {span(CreditCard, Likely, 2, 7), span(Phone, Likely, 0, 5)},
		"an id before a phone":               {span(catalog.NationalID, Likely, 2, 7), span(Phone, Likely, 0, 5)},
		"track data before an address":       {span(TrackData, Likely, 2, 7), span(Email, Likely, 0, 5)},
		"a phone before what has no rank":    {span(Phone, Likely, 2, 7), span("A", Likely, 0, 5)},
		"the first of equals":                {span("A", Likely, 0, 5), span("B", Likely, 2, 7)},
		"likely data before words":           {span("A", Likely, 0, 3), span(catalog.Term, Certain, 0, 9)},
		"words before what is possible":      {span(catalog.Term, Possible, 0, 3), span("A", Possible, 0, 9)},
		"a card before its part":             {span(CreditCard, Likely, 0, 19), span(Phone, Certain, 5, 14)},
		"a card before a part at its start":  {span(CreditCard, Likely, 0, 19), span(Phone, Certain, 0, 9)},
		"a card before a part at its end":    {span(CreditCard, Likely, 0, 19), span(Phone, Certain, 10, 19)},
		"certain before a card it is not of": {span(Phone, Certain, 10, 20), span(CreditCard, Likely, 0, 19)},
		"certain before a possible card":     {span(Phone, Certain, 5, 14), span(CreditCard, Possible, 0, 19)},
		"certain before a card as long":      {span(Phone, Certain, 0, 19), span(CreditCard, Likely, 0, 19)},
		"an account in a card":               {span(IBAN, Certain, 0, 9), span(CreditCard, Likely, 0, 19)},
		"a card in a card":                   {span(CreditCard, Certain, 0, 9), span(CreditCard, Likely, 0, 19)},
		"what begins before a card":          {span(Phone, Certain, 0, 9), span(CreditCard, Likely, 1, 19)},
		"a part of what is no card":          {span(Phone, Certain, 5, 14), span(IBAN, Likely, 0, 19)},
	} {
		if !stronger(c.wins, c.loses) || stronger(c.loses, c.wins) {
			t.Errorf("%s: %v against %v", name, c.wins, c.loses)
		}
	}
	same := span("A", Likely, 0, 5)
	if stronger(same, same) {
		t.Error("a finding is stronger than itself")
	}
}

// TestResolveTellsWhatLost: entities of the very same place are kept, two of them, each
// once; of words also those that overlap.
func TestResolveTellsWhatLost(t *testing.T) {
	named := func(f Finding, entity string) Finding { f.Entity = entity; return f }
	base := span("A", Certain, 0, 5)
	got := resolve([]Finding{
		base, named(span("A", Likely, 0, 5), "B"), named(span("A", Likely, 0, 5), "A"), named(span("A", Likely, 0, 5), "B"), named(span("A", Likely, 0, 5), "C"),
		named(span("A", Likely, 0, 5), "D"), named(span("A", Likely, 0, 4), "E"), named(span("A", Likely, 1, 5), "F"),
	}, 0)
	if len(got) != 1 || got[0].Entity != "A" || !slices.Equal(got[0].Also(), []string{"B", "C"}) {
		t.Errorf("%v, also %v", got, got[0].Also())
	}
	got = resolve([]Finding{named(span(catalog.Term, Likely, 0, 9), "ONE"), named(span(catalog.Term, Likely, 4, 12), "TWO"), span("A", Possible, 2, 3), named(span(catalog.Term, Likely, 12, 14), "THREE")}, 0)
	if len(got) != 2 || !slices.Equal(got[0].Also(), []string{"TWO"}) || len(got[1].Also()) != 0 {
		t.Errorf("%v, also %v", got, got[0].Also())
	}
	for _, other := range []Finding{span("B", Likely, 1, 5), span("B", Likely, 0, 4), span(catalog.Term, Possible, 1, 3), span(catalog.Term, Likely, 1, 9)} {
		if got := resolve([]Finding{base, other}, 0); len(got) != 1 || got[0] != base {
			t.Errorf("beside %v: %v, also %v", other, got, got[0].Also())
		}
	}
	if blob, err := got[0].MarshalJSON(); err != nil || !strings.HasSuffix(string(blob), `"reasons":[],"also":["TWO"]}`) {
		t.Errorf("%s, %v", blob, err)
	}
	if blob, err := base.MarshalJSON(); err != nil || strings.Contains(string(blob), "also") {
		t.Errorf("%s, %v", blob, err)
	}
	got = resolve([]Finding{named(span(catalog.Term, Likely, 0, 9), "ONE"), span("A", Likely, 0, 9)}, 0)
	if len(got) != 1 || got[0].Entity != "A" {
		t.Errorf("%v", got)
	}
}

// TestResolveLeavesNothingDouble: whatever is found, in whatever order, what remains is
// ordered, free of overlap and the same; nothing that overlaps none of it is lost, and
// what stands before base stays as it is.
func TestResolveLeavesNothingDouble(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same sets each time
	types := []Type{"A", "B", Phone, CreditCard, IBAN, catalog.Term}
	for range 3000 {
		set := make([]Finding, 1+rnd.IntN(12))
		for i := range set {
			start := rnd.IntN(40)
			set[i] = span(types[rnd.IntN(len(types))], Level(rnd.IntN(3)), start, start+1+rnd.IntN(12))
		}
		callers := span("OURS", Certain, 0, 40)
		got := resolve(append([]Finding{callers}, set...), 1)
		if got[0] != callers {
			t.Fatalf("the caller's became %v", got[0])
		}
		got = got[1:]
		for i := 1; i < len(got); i++ {
			if got[i].Start < got[i-1].End {
				t.Fatalf("%v of %v", got, set)
			}
		}
		for _, f := range set {
			if !slices.ContainsFunc(got, func(k Finding) bool { return f.Start < k.End && k.Start < f.End }) {
				t.Fatalf("%v is lost: %v of %v", f, got, set)
			}
		}
		if best := slices.MinFunc(set, func(a, b Finding) int { return order3(stronger(a, b), stronger(b, a)) }); !slices.ContainsFunc(got, best.same) {
			if !slices.ContainsFunc(set, func(f Finding) bool { return stronger(f, best) }) {
				t.Fatalf("%v, than which none is stronger, is lost: %v of %v", best, got, set)
			}
		}
		rnd.Shuffle(len(set), func(i, k int) { set[i], set[k] = set[k], set[i] })
		if again := resolve(slices.Clone(got), 0); !slices.Equal(again, got) {
			t.Fatalf("%v, again %v", got, again)
		}
	}
}

// order3 is a comparison of two answers.
func order3(before, behind bool) int {
	switch {
	case before:
		return -1
	case behind:
		return 1
	}
	return 0
}

// TestLongChainsEnd: findings that overlap in a chain without end are weighed in pieces,
// and still nothing overlaps and nothing is left open.
func TestLongChainsEnd(t *testing.T) {
	var set []Finding
	for i := range 1000 {
		set = append(set, span("A", Likely, 3*i, 3*i+5))
	}
	got := resolve(set, 0)
	for i := 1; i < len(got); i++ {
		if gap := got[i].Start - got[i-1].End; gap < 0 || gap > 5 {
			t.Fatalf("%v behind %v", got[i], got[i-1])
		}
	}
	if len(got) < 400 {
		t.Errorf("%d of 1000 left", len(got))
	}
}
