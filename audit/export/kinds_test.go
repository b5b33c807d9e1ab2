package export_test

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"postern/audit/export"
)

// TestKindsAreThoseOfTheView: a filter may name each kind that is documented.
func TestKindsAreThoseOfTheView(t *testing.T) {
	page, err := os.ReadFile("../VIEW.md")
	if err != nil {
		t.Fatal(err)
	}
	_, row, _ := strings.Cut(string(page), "| `kind` | text | what the record is about: ")
	row, _, found := strings.Cut(row, "; `purged`")
	var want []string
	for _, m := range regexp.MustCompile("`([a-z_]+)`").FindAllStringSubmatch(row, -1) {
		want = append(want, m[1])
	}
	got := export.Kinds()
	slices.Sort(got)
	slices.Sort(want)
	if !found || !slices.Equal(got, want) {
		t.Errorf("kinds %v, documented %v", got, want)
	}
}
