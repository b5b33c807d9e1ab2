package pii_test

import (
	"slices"
	"testing"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// TestExamplesOfTheCatalogue scans the example of every row, as a person of its country would
// write it: a value of its type has to be found there.
func TestExamplesOfTheCatalogue(t *testing.T) {
	s := scanner(t)
	for _, r := range catalog.Rows() {
		var hint pii.Hint
		if len(r.Countries) > 0 {
			hint.PeerCountry = r.Countries[0]
		}
		got := s.Scan(r.Example, hint, nil)
		if !slices.ContainsFunc(got, func(f pii.Finding) bool { return f.Type == r.Type && f.Level >= pii.Likely }) {
			t.Errorf("%s: nothing of its type is found in its example: %v, %q", r.Name, got, r.Example)
		}
	}
}
