package catalog_test

import (
	"slices"
	"testing"

	"postern/policy/pii/catalog"
)

func TestTypesNamesEveryRowsType(t *testing.T) {
	types := catalog.Types()
	for _, r := range catalog.Rows() {
		if !slices.Contains(types, r.Type) {
			t.Errorf("%s: Types lacks %s", r.Name, r.Type)
		}
	}
	if len(slices.Compact(types)) != len(catalog.Types()) {
		t.Error("a type is listed twice")
	}
}
