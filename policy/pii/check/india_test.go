package check

import (
	"slices"
	"strings"
	"testing"
)

// The search in the list relies on its order and on lines of five bytes.
func TestIndianBanks(t *testing.T) {
	banks := strings.Split(strings.TrimSuffix(indianBanks, "\n"), "\n")
	if len(banks) < 1000 || !slices.IsSorted(banks) || len(slices.Compact(slices.Clone(banks))) != len(banks) {
		t.Errorf("%d banks are too few, not sorted or repeat", len(banks))
	}
	for _, b := range banks {
		if len(b) != 4 || !letters([]byte(b)) {
			t.Errorf("%q is no bank's code", b)
		}
		if !IFSC([]byte(b + "0000001")) {
			t.Errorf("a branch of %s is not known", b)
		}
	}
}
