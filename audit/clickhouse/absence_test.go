package clickhouse

import (
	"context"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
)

// TestAbsence follows an erasure: what is left is named until nothing is.
func TestAbsence(t *testing.T) {
	ctx := context.Background()
	e := chtest.Start(t)
	s := store(t, e)
	j := openJournal(t, t.TempDir())
	for i := range 30 {
		appendRecords(t, j, received(i, 8))
	}
	h, stop := shipping(t, s, j, ShipConfig{})
	shipped(t, h, j)
	for _, parts := range [][]string{{audit.PartBody}, {audit.PartRecord}} {
		gone := audit.NewErasure("request", parts, span(3, 6))
		record := j.Head().Size
		before, err := s.Absence(ctx, "test-chain", gone, record, h.follower.Cursor(), time.Now())
		if err != nil || before.Passed || before.Rows != 3 || before.Gone() {
			t.Fatalf("before %v: %+v, %v", parts, before, err)
		}
		erase(t, j, parts, span(3, 6)...)
		shipped(t, h, j)
		after, err := s.Absence(ctx, "test-chain", gone, record, h.follower.Cursor(), time.Now())
		if err != nil || !after.Passed || after.Rows != 0 || len(after.Mutations)+len(after.Detached) != 0 {
			t.Fatalf("after %v: %+v, %v", parts, after, err)
		}
		if len(after.Replaced) == 0 || after.Gone() || after.Until.Before(time.Now()) {
			t.Errorf("the parts from before are not named, or for how long: %+v", after)
		}
	}
	stop()
	absence := func() (Absence, error) {
		return s.Absence(ctx, "test-chain", audit.NewErasure("request", []string{audit.PartBody}, []uint64{3}), 30, 31, time.Now())
	}
	e.Query(t, "SYSTEM STOP MERGES "+s.local("records"))
	e.Query(t, "ALTER TABLE "+s.local("records")+" DELETE WHERE seq = 7 SETTINGS mutations_sync = 0")
	after, err := absence()
	if err != nil || after.Gone() || len(after.Mutations) == 0 {
		t.Errorf("an unfinished mutation is not named: %+v, %v", after, err)
	}
	e.Query(t, "SYSTEM START MERGES "+s.local("records"))
	await(t, "the mutation", func() bool { after, err = absence(); return err == nil && len(after.Mutations) == 0 })
	e.Query(t, "ALTER TABLE "+s.local("records")+" DETACH PARTITION ('messages', 202608)")
	after, err = absence()
	if err != nil || after.Gone() || len(after.Detached) == 0 {
		t.Errorf("a detached part is not named: %+v, %v", after, err)
	}
	e.Query(t, "ALTER TABLE "+s.local("records")+" DROP DETACHED PARTITION ALL SETTINGS allow_drop_detached = 1")
}
