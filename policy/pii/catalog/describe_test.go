package catalog_test

import (
	"testing"

	"postern/policy/pii/catalog"
	"postern/policy/pii/check"
)

func TestDescribe(t *testing.T) {
	for name, test := range map[string]struct {
		row                catalog.Row
		evidence, strength string
	}{
		"zero":  {catalog.Row{}, "structure", "with a label"},
		"shape": {catalog.Row{Forms: []catalog.Form{{Shape: "@@####"}}, Labels: []string{"id"}}, "shape, label", "with a label"},
		"check": {
			catalog.Row{Forms: []catalog.Form{{Shape: "####"}, {Shape: "###########", Check: check.CPF, OneIn: 100}}, Countries: []string{"BR"}, Needs: catalog.Prior},
			"shape, check (1 in 100 random values passes), country", "with a label or the country",
		},
		"alone": {catalog.Row{Needs: catalog.Nothing}, "structure", "by itself"},
	} {
		if d := catalog.Describe(test.row); d.Evidence != test.evidence || d.Strength != test.strength {
			t.Errorf("%s: %q, %q", name, d.Evidence, d.Strength)
		}
	}
}
