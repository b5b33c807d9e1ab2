package retention

import (
	"context"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
)

// TestWhatAStepLeaves: what has come to keep a record since the plan looked at it
// keeps it at the step, too, and is counted.
func TestWhatAStepLeaves(t *testing.T) {
	id := audit.NewID(time.Unix(1, 0))
	consent := audit.Record{ID: id, Kind: audit.KindConsent, Parts: []audit.Part{audit.NewPart(audit.PartDetail, []byte("{}"))}}
	for name, c := range map[string]struct {
		rec    audit.Record
		action Action
		why    string // empty: it goes
	}{
		"a message":                  {audit.Record{Kind: audit.KindInbound}, ActionPurge, ""},
		"proof of a fact":            {audit.Record{ID: id, Kind: audit.KindInbound}, ActionPurge, keptByFact},
		"a consent that holds":       {consent, ActionErase, keptByFact},
		"an erasure":                 {audit.Record{Kind: audit.KindErasure}, ActionPurge, KeptByProof},
		"an open admission":          {audit.Record{Kind: audit.KindAdmission, Seq: 7}, ActionPurge, keptByOutcome},
		"before an open admission":   {audit.Record{Kind: audit.KindAdmission, Seq: 6}, ActionPurge, ""},
		"what was not shipped":       {audit.Record{Kind: audit.KindInbound, Seq: 5}, ActionPurge, KeptByFollower},
		"to move, without a storage": {audit.Record{Kind: audit.KindInbound}, ActionCold, keptByCold},
	} {
		s := steps{inForce: map[audit.ID]bool{id: true}, kept: map[string]int64{}}
		open, unshipped := uint64(7), uint64(9)
		if c.why == KeptByFollower {
			unshipped = 5
		}
		stays := s.stays(&c.rec, batchKey{action: c.action}, open, unshipped)
		if stays != (c.why != "") || c.why != "" && (s.kept[c.why] != 1 || len(s.kept) != 1) {
			t.Errorf("%s: stays %t, counted %v", name, stays, s.kept)
		}
	}
}

// TestStepsAreBounded: however much is due of one day, a step takes some hundred
// records, whether they go or move, and leaves the writer to others after each.
func TestStepsAreBounded(t *testing.T) {
	for _, action := range []Action{ActionPurge, ActionCold} {
		s := newPurging(t, action)
		place := folderOf(t)
		s.cfg.Cold = func() (blob.Bucket, error) { return place, nil }
		var many journal.Batch
		for range stepRows + 1 {
			many.Records = append(many.Records, audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindManage, Time: s.now().UnixMicro(), Tenant: "bank", Type: "profile"})
		}
		check(t, s.j.Append(t.Context(), many))
		s.fillDays(t, 0, 0)
		r, pauses := s.runner(), 0
		r.cfg.Pause = func(context.Context, time.Duration) error { pauses++; return nil }
		c, err := r.Start(t.Context(), "ann")
		check(t, err)
		steps := 0
		check(t, s.j.Records(t.Context(), 0, func(rec *audit.Record) error {
			if rec.Kind != audit.KindErasure {
				return nil
			}
			e, err := audit.DecodeErasure(rec.Parts[0].Body)
			n := uint64(0)
			for _, of := range e.Ranges {
				n += of.Last - of.First + 1
			}
			if steps++; n > stepRows {
				t.Errorf("%s: a step of %d records", action, n)
			}
			return err
		}))
		if counted(&c, audit.ClassAudit) <= stepRows || steps < 2 || pauses < steps {
			t.Errorf("%s: %d records went in %d steps, with %d pauses", action, counted(&c, audit.ClassAudit), steps, pauses)
		}
	}
}

// TestRunLeavesNothingBeside: with the last record that has them go the names that
// records share, and whoever uses data keys hears of those that went.
func TestRunLeavesNothingBeside(t *testing.T) {
	s := newPurging(t, ActionPurge)
	check(t, s.j.Append(t.Context(), journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindInbound, Time: s.now().UnixMicro(), Tenant: "bank", App: "app-of-kolibri", Number: "1", Type: "text",
	}}}))
	s.fillDays(t, 1, 1)
	if s.onDisk(t, []byte("app-of-kolibri")) == 0 {
		t.Fatal("nothing is in the file before: the test looks in the wrong place")
	}
	var heard []journal.DataKey
	s.cfg.Forget = func(some []journal.DataKey) { heard = append(heard, some...) }
	c := s.run(t)
	if n := s.onDisk(t, []byte("app-of-kolibri")); n != 0 {
		t.Error("the name of an app is in the file of which no record is left")
	}
	if int64(len(heard)) != c.Keys || c.Keys == 0 || heard[0].Subject != s.subject {
		t.Errorf("%d keys went, heard of %+v", c.Keys, heard)
	}
}
