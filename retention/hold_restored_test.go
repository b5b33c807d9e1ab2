package retention

import (
	"errors"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// TestNothingGoesAfterARestoration: a store that lacks holds erases nothing, also
// when it is opened again, until somebody said that they are whole.
func TestNothingGoesAfterARestoration(t *testing.T) {
	s := newPurging(t, ActionPurge)
	check(t, s.j.Append(t.Context(), journal.Batch{Settings: []journal.Setting{HoldsUnknown(s.now())}}))
	var err error
	s.Holds, err = LoadHolds(t.Context(), s.Holds.cfg)
	check(t, err)
	texts := s.fillDays(t, 3, 4)
	step := func(func(Item) []Hold) error { t.Error("a step ran"); return nil }
	if err := s.Guard(t.Context(), step); !errors.Is(err, ErrRestored) {
		t.Error(err)
	}
	size := s.j.Head().Size
	if _, err := s.runner().Start(t.Context(), "system"); !errors.Is(err, ErrRestored) || s.j.Head().Size != size {
		t.Errorf("a run: %v", err)
	}
	if n := s.onDisk(t, texts...); n != len(texts) {
		t.Errorf("%d of %d texts are left", n, len(texts))
	}
	r := audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindHold, Time: s.now().UnixMicro(), Actor: "ann", Type: "complete"}
	check(t, s.Complete(t.Context(), journal.Batch{Records: []audit.Record{r}}))
	again, err := LoadHolds(t.Context(), s.Holds.cfg)
	if err != nil || again.Known() != nil || s.Known() != nil {
		t.Errorf("%v, %v, %v", err, again.Known(), s.Known())
	}
}
