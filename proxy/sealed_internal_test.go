package proxy

import (
	"slices"
	"testing"
	"time"
)

// TestSealedInTheNextMonth: a record of the last moment of a month may have
// been sealed under the key of the next.
func TestSealedInTheNextMonth(t *testing.T) {
	for at, want := range map[time.Time][]string{
		time.Date(2026, 11, 30, 23, 59, 59, 999_999_000, time.UTC): {"2026-11", "2026-12"},
		time.Date(2026, 12, 31, 23, 59, 30, 0, time.UTC):           {"2026-12", "2027-01"},
		time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC):               {"2026-11"},
		time.Date(2026, 11, 30, 23, 58, 59, 0, time.UTC):           {"2026-11"},
	} {
		if got := sealedIn(at.UnixMicro()); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", at, got, want)
		}
	}
}
