package journal

import (
	"slices"
	"testing"

	"postern/audit"
)

// TestAgedFacts: those about persons come once each, over more than one page,
// with number and app of what proves them, and go only as they were read.
func TestAgedFacts(t *testing.T) {
	j := open(t, config(t.TempDir()))
	now := j.cfg.Now().UnixMicro()
	sent := appendOne(t, j, admission(j.cfg.Now(), audit.NewSubjectID()))
	b := Batch{Facts: []Fact{{Tenant: "bank", Kind: "account", Key: "1", Value: []byte("{}"), Time: now}}}
	for range agedRowsPage + 10 {
		who := audit.NewSubjectID()
		b.Facts = append(b.Facts, Fact{Tenant: "bank", Subject: who, Kind: "consent", Key: "general", Value: []byte("{}"), Time: now, Record: sent.ID},
			Fact{Tenant: "bank", Subject: who, Kind: "window", Key: "1", Value: []byte("{}"), Time: now + 1, Until: now + 2})
	}
	if err := j.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	for before, want := range map[int64]int{now: 0, now + 1: agedRowsPage + 10, now + 2: 2 * (agedRowsPage + 10)} {
		seen := map[audit.SubjectID]int{}
		n := 0
		err := j.Reader().AgedFacts(t.Context(), before, func(f *AgedFact) error {
			n++
			seen[f.Subject]++
			if f.Kind == "consent" && (f.App != sent.App || f.Number != sent.Number) || f.Kind == "window" && f.App != "" {
				t.Errorf("%+v", f)
			}
			return nil
		})
		if err != nil || n != want || want > 0 && len(seen) != agedRowsPage+10 {
			t.Errorf("before %d: %d facts of %d persons, want %d (%v)", before, n, len(seen), want, err)
		}
	}
	takeFacts(t, j, b.Facts)
}

// takeFacts takes most of the facts, of which one was written again meanwhile.
func takeFacts(t *testing.T, j *Journal, all []Fact) {
	t.Helper()
	goes := slices.Clone(all[1 : 3*mostRows])
	again := goes[0]
	again.Time++
	if err := j.Append(t.Context(), Batch{Facts: []Fact{again}}); err != nil {
		t.Fatal(err)
	}
	heard := 0
	e := Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(j.cfg.Now()), Kind: audit.KindRetention, Time: j.cfg.Now().UnixMicro(), Type: "beside"},
		Facts:  goes, Tally: "run", Dropped: func(some []Fact) { heard += len(some) },
	}
	for range 2 { // as after a crash
		if err := j.Erase(t.Context(), e); err != nil {
			t.Fatal(err)
		}
		e.Record.ID = audit.NewID(j.cfg.Now())
	}
	told, err := j.Tallies(t.Context(), "run")
	if err != nil || heard != len(goes)-1 || told[" facts"] != int64(heard) {
		t.Errorf("%d of %d went, counted %v (%v)", heard, len(goes), told, err)
	}
	if left, err := j.FactsOf(t.Context(), again.Subject); err != nil || len(left) != 1 || left[0].Time != again.Time {
		t.Errorf("what was written again: %+v (%v)", left, err)
	}
	if left, err := j.FactsOf(t.Context(), goes[3].Subject); err != nil || len(left) != 0 {
		t.Errorf("what went: %+v (%v)", left, err)
	}
}
