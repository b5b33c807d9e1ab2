package main

import (
	"errors"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// TestReplayBehindPurged finds where a time begins though records were purged
// there, which have no time of their own any more.
func TestReplayBehindPurged(t *testing.T) {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	from := now
	j, err := journal.Open(t.Context(), journal.Config{Path: t.TempDir(), Chain: "test", Now: func() time.Time { return now }, MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}()
	note := func() audit.Record {
		return audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindStatus, Time: now.UnixMicro()}
	}
	const before, all = 10, 20
	for i := range all {
		now = from.AddDate(0, 0, 2*(i-before))
		if err := j.Append(t.Context(), journal.Batch{Records: []audit.Record{note()}}); err != nil {
			t.Fatal(err)
		}
	}
	erasure := note()
	erasure.Kind = audit.KindErasure
	err = j.Erase(t.Context(), journal.Erase{Record: erasure, Reason: "retention", Parts: []string{audit.PartRecord}, Seqs: []uint64{2, before, 13, 15}})
	r, open := journal.OpenReader(t.Context(), j.Path())
	if err := errors.Join(err, open); err != nil {
		t.Fatal(err)
	}
	tr := &trail{Reader: r}
	start, end, err := seqRange(t.Context(), tr, from)
	if err := errors.Join(err, tr.close()); err != nil || start != before || end != all+1 {
		t.Errorf("from %d to %d, want from %d to %d (%v)", start, end, before, all+1, err)
	}
}
