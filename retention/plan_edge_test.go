package retention

import (
	"reflect"
	"testing"
	"time"

	"postern/audit"
)

// edge is a judge on the fiftieth day.
func edge(p Policy) judge {
	return judge{now: days(50), ahead: func(Class) time.Time { return time.UnixMicro(days(50)) }, state: State{Unsettled: 9}, p: p}
}

// TestDaysAreWhole: days are over a microsecond after their end, by the record's
// own time and by the start of the clock; a floor ends with its last microsecond.
func TestDaysAreWhole(t *testing.T) {
	c := Class{Days: 30, Floor: 30, FloorBy: "own", Clock: ClockRecord, Action: ActionPurge}
	j := edge(shelfPolicy(map[string]Class{"messages": c}))
	at := func(ago int64) Item {
		return Item{Store: StoreRecords, Class: "messages", Kind: audit.KindAdmission, Time: days(50) - ago, Start: days(50) - ago}
	}
	for ago, want := range map[int64]Action{days(30) - 1: "", days(30): "", days(30) + 1: ActionPurge} {
		it := at(ago)
		if f := j.fate(it, c); f.Action != want || j.over(it, c) != (want != "") || len(f.Kept) != 0 {
			t.Errorf("%d microseconds: %+v", ago, f)
		}
		it.Time = 0
		if f := j.fate(it, c); f.Action != want {
			t.Errorf("%d microseconds since the last contact: %+v", ago, f)
		}
	}
	for ago, want := range map[int64]bool{days(30) - 1: true, days(30): false} {
		if _, kept := j.p.Floor(at(ago), time.UnixMicro(j.now)); kept != want {
			t.Errorf("a floor after %d microseconds: %t", ago, kept)
		}
	}
}

// TestProofLasts: what was erased, held, certified and decided by which rules stays
// on record, whatever the days.
func TestProofLasts(t *testing.T) {
	c := Class{Days: 5, Clock: ClockRecord, Action: ActionPurge}
	j := edge(shelfPolicy(map[string]Class{"audit": c}))
	for kind, want := range map[audit.Kind][]Keeper{
		audit.KindErasure: {{By: KeptByProof, Name: "erasure"}}, audit.KindHold: {{By: KeptByProof, Name: "hold"}},
		audit.KindConfig: {{By: KeptByProof, Name: "config"}}, audit.KindRetention: {{By: KeptByProof, Name: "retention"}},
		audit.KindTrailRead: nil,
	} {
		if f := j.fate(Item{Store: StoreRecords, Class: "audit", Kind: kind, Time: 1, Start: 1}, c); !reflect.DeepEqual(f.Kept, want) || (f.Action == "") != (want != nil) {
			t.Errorf("%s: %+v", kind, f)
		}
	}
}

// TestPlanCountsByTheRowsOwnDay, in UTC wherever the gateway stands, whatever the
// days count from; by class, then by day.
func TestPlanCountsByTheRowsOwnDay(t *testing.T) {
	was := time.Local
	time.Local = time.FixedZone("UTC+14", 14*3600)
	t.Cleanup(func() { time.Local = was })
	s := newShelf(t)
	s.forward(8 * time.Hour) // the third here is the fourth there
	ann := audit.NewSubjectID()
	for range 2 {
		s.message(t, ann, "")
		s.put(t, audit.Record{Kind: audit.KindManage, Type: "profile"})
		s.forward(24 * time.Hour)
	}
	s.days(t, 9)
	got := s.plan(t, shelfPolicy(map[string]Class{
		"messages": {Days: 5, Clock: ClockContact, Action: ActionPurge}, "audit": {Days: 8, Clock: ClockRecord, Action: ActionPurge},
	}), s.source())
	want := []Due{
		{"audit", StoreRecords, ActionPurge, "2026-11-03", 1}, {"audit", StoreRecords, ActionPurge, "2026-11-04", 1},
		{"messages", StoreRecords, ActionPurge, "2026-11-03", 1}, {"messages", StoreRecords, ActionPurge, "2026-11-04", 1},
	}
	if !reflect.DeepEqual(got.Due, want) {
		t.Errorf("got %+v, want %+v", got.Due, want)
	}
	if d := day(time.Date(2026, 11, 3, 17, 0, 0, 0, time.UTC).UnixMicro()); d != "2026-11-03" {
		t.Errorf("a step of %s", d)
	}
}
