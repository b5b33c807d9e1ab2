package pii_test

import (
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// examplesMissed is how many examples need a country or share their words with
// something else.
const examplesMissed = 20

// TestExamplesOfTheCatalogue: every row's example is found as its type, from
// likely on, without further hints.
func TestExamplesOfTheCatalogue(t *testing.T) {
	s := scanner(t)
	missed := 0
	for _, r := range catalog.Rows() {
		found := s.Scan(r.Example, pii.Hint{}, nil)
		ok := false
		for _, f := range found {
			ok = ok || f.Type == r.Type && f.Level >= pii.Likely
		}
		if !ok {
			missed++
			t.Logf("%s: %q gives %s", r.Name, r.Example, hits(r.Example, found))
		}
	}
	if missed > examplesMissed {
		t.Errorf("%d of %d missed, %d were", missed, len(catalog.Rows()), examplesMissed)
	}
}
