package retention

import (
	"context"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// BenchmarkPlan plans over a million records, all of them due, half of them
// outcomes, under one hold.
func BenchmarkPlan(b *testing.B) {
	now := time.Now
	j, err := journal.Open(context.Background(), journal.Config{Path: b.TempDir(), Chain: "bench", Now: now, MinFree: -1})
	check(b, err)
	defer func() { check(b, j.Close()) }()
	holds, err := LoadHolds(b.Context(), HoldsConfig{Journal: j, Now: now})
	check(b, err)
	held := audit.NewSubjectID()
	_, err = holds.Place(b.Context(), Hold{ID: audit.NewID(now()), Matter: "CASE", Scope: Scope{Subjects: []audit.SubjectID{held}}}, func(Hold) (journal.Batch, error) { return journal.Batch{}, nil })
	check(b, err)
	const n = 1_000_000
	for range n / 2000 {
		batch := journal.Batch{Records: make([]audit.Record, 0, 2000)}
		for range 1000 {
			r := audit.Record{
				Version: audit.Version, ID: audit.NewID(now()), Kind: audit.KindAdmission, Time: now().UnixMicro(), Tenant: "bank", App: "loans",
				Number: "106540352242922", Subject: audit.NewSubjectID(), Type: "text", Reasons: []string{"ok"}, Retention: "messages",
				Parts: []audit.Part{audit.NewPart(audit.PartBody, make([]byte, 200)), audit.NewPart(audit.PartInput, make([]byte, 600))},
			}
			batch.Records = append(batch.Records, r, audit.Record{
				Version: audit.Version, ID: audit.NewID(now()), Kind: audit.KindSettle, Time: now().UnixMicro(), Ref: r.ID, Tenant: "bank", Result: "accepted",
			})
		}
		check(b, j.Append(b.Context(), batch))
	}
	p := Policy{Version: 1, Classes: map[string]Class{"messages": {Days: 5, Clock: ClockRecord, Action: ActionPurge}}}
	for b.Loop() {
		plan, err := MakePlan(b.Context(), p, holds, now().Add(6*24*time.Hour), JournalSource{Journal: j})
		check(b, err)
		total := 0
		for _, d := range plan.Due {
			total += d.Count
		}
		if total != n {
			b.Fatalf("%d due: %+v", total, plan)
		}
	}
}
