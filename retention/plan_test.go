package retention

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// shelfPolicy is a policy over the shelf's records.
func shelfPolicy(classes map[string]Class) Policy {
	return Policy{Version: 1, Classes: classes, Revision: "r1"}
}

func (s *shelf) source() JournalSource {
	given := func(f journal.Fact) bool { return string(f.Value) == "given" }
	return JournalSource{
		Journal: s.j, Consents: func(f journal.Fact) (bool, error) { return given(f), nil },
		Ended: func(f journal.Fact) (int64, error) {
			switch {
			case f.Kind == factConsent && !given(f):
				return f.Time, nil
			case f.Kind == factConsent, f.Kind == factWindow:
				return f.Until, nil
			}
			return 0, nil
		},
	}
}

func (s *shelf) plan(t *testing.T, p Policy, src Source) Plan {
	t.Helper()
	out, err := MakePlan(t.Context(), p, s.Holds, s.now(), src)
	check(t, err)
	return out
}

// put appends records of the shelf's moment.
func (s *shelf) put(t *testing.T, records ...audit.Record) {
	t.Helper()
	for i := range records {
		r := &records[i]
		r.Version, r.Time, r.Tenant = audit.Version, s.now().UnixMicro(), "bank"
		if r.ID.IsZero() {
			r.ID = audit.NewID(s.now())
		}
	}
	check(t, s.j.Append(t.Context(), journal.Batch{Records: records}))
}

// days lets days pass, with a record on each as a running gateway has.
func (s *shelf) days(t *testing.T, n int) {
	t.Helper()
	for range n {
		s.forward(24 * time.Hour)
		s.put(t, audit.Record{Kind: audit.KindLife, Type: "start"})
	}
}

func TestPlanCountsWhatIsDueByDay(t *testing.T) {
	s := newShelf(t)
	ann := audit.NewSubjectID()
	first := s.message(t, ann, "")
	s.put(t, audit.Record{Kind: audit.KindSettle, Ref: first.Row, Result: "accepted"},
		audit.Record{Kind: audit.KindManage, Type: "profile"}, audit.Record{Kind: audit.KindMedia, Type: "image"})
	s.days(t, 1)
	s.message(t, ann, "")
	s.days(t, 29)
	p := shelfPolicy(map[string]Class{
		"messages": {Days: 28, Keep: KeepOriginal, Clock: ClockRecord, Action: ActionPurge},
		"media":    {Days: 3, Keep: KeepOriginal, Clock: ClockRecord, Action: ActionErase}, // has no part to erase
		"audit":    {Keep: KeepRedacted, Clock: ClockRecord, Action: ActionErase},
	})
	got := s.plan(t, p, s.source())
	want := []Due{
		{Class: "messages", Store: StoreRecords, Action: ActionPurge, Day: "2026-11-03", Count: 2},
		{Class: "messages", Store: StoreRecords, Action: ActionPurge, Day: "2026-11-04", Count: 1},
	}
	if !reflect.DeepEqual(got.Due, want) || len(got.Kept) != 0 || got.Refused != "" || got.Revision != "r1" || got.At != s.now().UnixMicro() {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if again := s.plan(t, p, s.source()); !reflect.DeepEqual(again, got) {
		t.Errorf("the same question has another answer: %+v", again)
	}
	if none := s.plan(t, shelfPolicy(map[string]Class{"messages": {Action: ActionPurge}}), s.source()); len(none.Due)+len(none.Kept) != 0 {
		t.Errorf("days 0 is for ever: %+v", none)
	}
}

func TestPlanSaysWhatKeepsARow(t *testing.T) {
	s := newShelf(t)
	ann, bob := audit.NewSubjectID(), audit.NewSubjectID()
	sent := s.message(t, ann, "")
	s.put(t, audit.Record{Kind: audit.KindSettle, Ref: sent.Row, Result: "accepted"})
	s.message(t, bob, "")
	s.put(t, audit.Record{Kind: audit.KindErasure, Parts: []audit.Part{erasureOf(t)}})
	s.hold(t, Scope{Tenant: "bank", Subjects: []audit.SubjectID{ann}})
	f, err := s.j.Follow(t.Context(), "clickhouse")
	check(t, err)
	check(t, f.Commit(t.Context(), 2))
	s.days(t, 20)
	messages := Class{Days: 10, Floor: 10, FloorBy: "own", Clock: ClockRecord, Action: ActionPurge}
	audits := Class{Days: 15, Clock: ClockRecord, Action: ActionPurge}
	src := s.source()
	src.Open = func(context.Context) (map[audit.SubjectID]string, error) {
		return map[audit.SubjectID]string{bob: "export"}, nil
	}
	check(t, f.Commit(t.Context(), 2))
	got := s.plan(t, shelfPolicy(map[string]Class{"messages": messages, "audit": audits}), src)
	want := []Kept{
		{"audit", StoreRecords, KeptByFollower, "clickhouse", 6}, // the erasure, the hold, four days' starts
		{"audit", StoreRecords, KeptByProof, "erasure", 1},
		{"audit", StoreRecords, KeptByProof, "hold", 1},
		{"messages", StoreRecords, KeptByFollower, "clickhouse", 1},
		{"messages", StoreRecords, KeptByHold, "CASE-1", 2}, // with its outcome
		{"messages", StoreRecords, KeptByRequest, "export", 1},
	}
	if !reflect.DeepEqual(got.Kept, want) || len(got.Due) != 0 {
		t.Errorf("got %+v\nand %+v\nwant %+v", got.Kept, got.Due, want)
	}
	messages.Action = ActionErase
	got = s.plan(t, shelfPolicy(map[string]Class{"messages": messages}), s.source())
	if len(got.Due) != 1 || got.Due[0].Count != 1 {
		t.Errorf("parts may go before they are shipped: %+v", got)
	}
}

// TestPlanKeepsWhatHolds: evidence of a consent that holds, and everything from
// an admission without outcome on.
func TestPlanKeepsWhatHolds(t *testing.T) {
	s := newShelf(t)
	ann, id := audit.NewSubjectID(), audit.NewID(s.now())
	s.put(t, audit.Record{ID: id, Kind: audit.KindConsent, Subject: ann, Parts: []audit.Part{audit.NewPart(audit.PartDetail, []byte("{}"))}})
	check(t, s.j.Append(t.Context(), journal.Batch{Facts: []journal.Fact{
		{Tenant: "bank", Subject: ann, Kind: "consent", Key: "marketing", Value: []byte("given"), Time: s.now().UnixMicro(), Record: id},
	}}))
	s.message(t, ann, "")
	s.put(t, audit.Record{Kind: audit.KindAdmission, Effect: audit.EffectAllow, Subject: ann})
	s.days(t, 9)
	p := shelfPolicy(map[string]Class{
		"messages": {Days: 5, Clock: ClockRecord, Action: ActionPurge}, "consent": {Days: 5, Clock: ClockRecord, Action: ActionErase},
	})
	got := s.plan(t, p, s.source())
	kept := []Kept{{"consent", StoreRecords, keptByFact, "consent", 1}, {"messages", StoreRecords, keptByOutcome, "", 1}}
	due := []Due{{"messages", StoreRecords, ActionPurge, "2026-11-03", 1}}
	if !reflect.DeepEqual(got.Kept, kept) || !reflect.DeepEqual(got.Due, due) {
		t.Errorf("got %+v", got)
	}
}

func erasureOf(t *testing.T) audit.Part {
	t.Helper()
	detail, err := audit.NewErasure("test", []string{audit.PartBody}, []uint64{0}).Encode()
	check(t, err)
	return audit.NewPart(audit.PartDetail, detail)
}

func TestOutcomesGoWithWhatTheyBelongTo(t *testing.T) {
	s := newShelf(t)
	sent := s.message(t, audit.NewSubjectID(), "")
	s.put(t, audit.Record{Kind: audit.KindSettle, Ref: sent.Row, Result: "accepted"},
		audit.Record{Kind: audit.KindDelivery, Ref: sent.Row, Result: "delivered"})
	check(t, s.j.Erase(t.Context(), journal.Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro()},
		Reason: "retention", Parts: []string{audit.PartRecord}, Seqs: []uint64{sent.Seq},
	}))
	s.days(t, 5)
	got := s.plan(t, shelfPolicy(map[string]Class{
		"messages": {Clock: ClockRecord, Action: ActionErase}, "deliveries": {Days: 4, Clock: ClockRecord, Action: ActionErase},
	}), s.source())
	if want := []Due{{"messages", StoreRecords, ActionPurge, "2026-11-03", 1}}; !reflect.DeepEqual(got.Due, want) {
		t.Errorf("got %+v, want %+v", got.Due, want)
	}
}

// TestOutcomesFollowToCold: the outcome of a message that has moved to cold
// storage moves there, too.
func TestOutcomesFollowToCold(t *testing.T) {
	j := judge{now: days(50), ahead: func(Class) time.Time { return time.UnixMicro(days(50)) }, state: State{Cold: true, Unsettled: 9}, p: shelfPolicy(nil)}
	orphan := Item{Store: StoreRecords, Class: "messages", Kind: audit.KindStatus, Orphan: true}
	for class, want := range map[Class]Action{
		{Days: 90, Action: ActionCold}: ActionCold, {Days: 90, Action: ActionPurge}: ActionPurge, {Action: ActionErase}: ActionPurge,
	} {
		if f := j.fate(orphan, class); f.Action != want {
			t.Errorf("%+v: %+v", class, f)
		}
	}
}

// TestPlanWithoutColdStorage: what is to move there stays, and the plan says so.
func TestPlanWithoutColdStorage(t *testing.T) {
	s := newShelf(t)
	sent := s.message(t, audit.NewSubjectID(), "")
	s.put(t, audit.Record{Kind: audit.KindSettle, Ref: sent.Row, Result: "accepted"})
	s.days(t, 5)
	p := shelfPolicy(map[string]Class{"messages": {Days: 4, Clock: ClockRecord, Action: ActionCold}})
	if got := s.plan(t, p, s.source()); len(got.Due) != 0 || !reflect.DeepEqual(got.Kept, []Kept{{"messages", StoreRecords, keptByCold, "", 2}}) {
		t.Errorf("without: %+v", got)
	}
	src := s.source()
	src.Cold = func() bool { return true }
	if got := s.plan(t, p, src); len(got.Kept) != 0 || len(got.Due) != 1 || got.Due[0].Action != ActionCold || got.Due[0].Count != 2 {
		t.Errorf("with: %+v", got)
	}
}

// TestPersonsOfSeveralSubjects: what is known under one subject counts for the
// records under the others.
func TestPersonsOfSeveralSubjects(t *testing.T) {
	s := newShelf(t)
	old, now, stranger := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	s.message(t, old, "")
	s.put(t, audit.Record{Kind: audit.KindConsent, Subject: old, Parts: []audit.Part{audit.NewPart(audit.PartDetail, []byte("{}"))}})
	s.message(t, stranger, "")
	s.days(t, 5)
	s.message(t, now, "")
	check(t, s.j.Append(t.Context(), journal.Batch{Facts: []journal.Fact{
		{Tenant: "bank", Subject: now, Kind: "consent", Key: "marketing", Value: []byte("given"), Time: s.now().UnixMicro()},
	}}))
	s.days(t, 4)
	src := s.source()
	src.Same = func(id audit.SubjectID) []audit.SubjectID {
		if id == old || id == now {
			return []audit.SubjectID{now, old}
		}
		return []audit.SubjectID{id}
	}
	plan := func(messages Clock) Plan {
		return s.plan(t, shelfPolicy(map[string]Class{
			"messages": {Days: 8, Clock: messages, Action: ActionErase}, "consent": {Days: 8, Clock: ClockConsent, Action: ActionErase},
		}), src)
	}
	if got := plan(ClockContact); len(got.Due) != 1 || got.Due[0].Count != 1 || got.Due[0].Class != "messages" {
		t.Errorf("by contact and consent: %+v", got.Due)
	}
	src.Open = func(context.Context) (map[audit.SubjectID]string, error) {
		return map[audit.SubjectID]string{now: "access"}, nil
	}
	if got := plan(ClockRecord); len(got.Due) != 1 || got.Due[0].Count != 1 || !reflect.DeepEqual(got.Kept, []Kept{{"messages", StoreRecords, KeptByRequest, "access", 1}}) {
		t.Errorf("with an open request: %+v", got)
	}
}

func TestClocksOfPersons(t *testing.T) {
	s := newShelf(t)
	quiet, busy, given, revoked := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	s.message(t, quiet, "")
	s.message(t, busy, "")
	consent := func(id audit.SubjectID) audit.Record {
		return audit.Record{Kind: audit.KindConsent, Subject: id, Parts: []audit.Part{audit.NewPart(audit.PartDetail, []byte("{}"))}}
	}
	s.put(t, consent(given), consent(revoked))
	s.days(t, 5)
	s.message(t, busy, "")
	check(t, s.j.Append(t.Context(), journal.Batch{Facts: []journal.Fact{
		{Tenant: "bank", Subject: given, Kind: "consent", Key: "marketing", Value: []byte("given"), Time: s.now().UnixMicro()},
		{Tenant: "bank", Subject: revoked, Kind: "consent", Key: "marketing", Value: []byte("no"), Time: s.now().UnixMicro()},
	}}))
	p := shelfPolicy(map[string]Class{
		"messages": {Days: 8, Clock: ClockContact, Action: ActionPurge}, "consent": {Days: 8, Clock: ClockConsent, Action: ActionErase},
	})
	due := func() map[string]int {
		out := map[string]int{}
		for _, d := range s.plan(t, p, s.source()).Due {
			out[d.Class] += d.Count
		}
		return out
	}
	s.days(t, 4) // nine since the beginning, four since busy wrote and revoked took it back
	if got := due(); got["messages"] != 1 || got["consent"] != 0 {
		t.Errorf("after nine days: %v", got)
	}
	s.days(t, 5)
	if got := due(); got["messages"] != 3 || got["consent"] != 2 { // the record and the fact
		t.Errorf("after fourteen days: %v", got)
	}
}

func TestClockThatJumpedPlansNothing(t *testing.T) {
	s := newShelf(t)
	s.message(t, audit.NewSubjectID(), "")
	s.days(t, 3)
	p := shelfPolicy(map[string]Class{"messages": {Days: 2, Clock: ClockRecord, Action: ActionPurge}})
	if got := s.plan(t, p, s.source()); len(got.Due) != 1 {
		t.Fatalf("before the jump: %+v", got)
	}
	refused := func(when, words string) {
		t.Helper()
		if got := s.plan(t, p, s.source()); len(got.Due) != 0 || !strings.Contains(got.Refused, words) {
			t.Errorf("%s: %+v", when, got)
		}
	}
	s.forward(30 * 24 * time.Hour)
	refused("after the jump", "the newest record is of 2026-11-06, more than 10 days before the time of this plan")
	s.put(t, audit.Record{Kind: audit.KindLife, Type: "start"})
	refused("after a start", "before this week the newest record is of 2026-11-06")
	s.days(t, 6)
	refused("six days on", "vouches for the clock")
	s.days(t, 2)
	if got := s.plan(t, p, s.source()); len(got.Due) != 1 || got.Refused != "" {
		t.Errorf("a week on: %+v", got)
	}
	s.forward(-30 * 24 * time.Hour)
	refused("set back", "after the time of this plan")
	if got, err := MakePlan(t.Context(), p, s.Holds, s.now().AddDate(1, 0, 0), Preview{s.source()}); err != nil || len(got.Due) != 1 || got.Refused != "" {
		t.Errorf("somebody asks what would go in a year: %+v %v", got, err)
	}
}

// TestClockThatJumpedOnRecordPlansNothing: a jump of hours shows in no gap.
func TestClockThatJumpedOnRecordPlansNothing(t *testing.T) {
	s := newShelf(t)
	s.message(t, audit.NewSubjectID(), "")
	s.days(t, 3)
	p := shelfPolicy(map[string]Class{"messages": {Days: 2, Clock: ClockRecord, Action: ActionPurge}})
	s.put(t, audit.Record{Kind: audit.KindLife, Type: "clock_jump", Code: 30})
	s.put(t, audit.Record{Kind: audit.KindLife, Type: "clock_jump", Code: -7200})
	if got := s.plan(t, p, s.source()); len(got.Due) != 1 {
		t.Fatalf("a correction: %+v", got)
	}
	s.put(t, audit.Record{Kind: audit.KindLife, Type: "clock_jump", Code: 7200})
	if got := s.plan(t, p, s.source()); len(got.Due) != 0 || !strings.Contains(got.Refused, "jumped ahead") {
		t.Errorf("two hours ahead: %+v", got)
	}
	s.days(t, 8)
	if got := s.plan(t, p, s.source()); len(got.Due) != 1 || got.Refused != "" {
		t.Errorf("a week on: %+v", got)
	}
}
