package retention

import (
	"context"
	"reflect"
	"slices"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// told puts on record that somebody was told now of what ends within the days.
func (s *shelf) told(t *testing.T, who audit.SubjectID, class string, days int) {
	t.Helper()
	row, err := Notice{Told: s.now().UnixMicro(), Until: s.now().AddDate(0, 0, days).UnixMicro(), Record: audit.NewID(s.now())}.Row(who, class)
	check(t, err)
	check(t, s.j.Append(t.Context(), journal.Batch{Settings: []journal.Setting{row}}))
}

// known makes persons of subjects, who can be told.
func (s *shelf) known(t *testing.T, who ...audit.SubjectID) {
	t.Helper()
	for _, id := range who {
		check(t, s.j.Append(t.Context(), journal.Batch{Subjects: []journal.Subject{{ID: id, Tenant: "bank", Identifiers: []byte("SEALED"), Created: s.now().UnixMicro()}}}))
	}
}

// noticed is a policy whose messages go after ten days, two days after notice.
func noticed(clock Clock) Policy {
	return shelfPolicy(map[string]Class{"messages": {Days: 10, Clock: clock, Action: ActionPurge, NoticeHours: 48}})
}

// TestPlanKeepsWhoWasNotTold: rows of a person go with the end of the hours after
// the notice, and of nobody who could be told at once.
func TestPlanKeepsWhoWasNotTold(t *testing.T) {
	s := newShelf(t)
	ann, bob, nobody := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	s.known(t, ann, bob)
	for _, who := range []audit.SubjectID{ann, ann, bob, nobody} {
		sent := s.message(t, who, "")
		s.put(t, audit.Record{Kind: audit.KindSettle, Ref: sent.Row, Result: "accepted"})
	}
	p := noticed(ClockRecord)
	state := func(when string, due, notGiven, running int, tell ...audit.SubjectID) {
		t.Helper()
		got := s.plan(t, p, s.source())
		kept, dueNow := map[string]int{}, 0
		for _, k := range got.Kept {
			if k.By != KeptByNotice {
				t.Errorf("%s: kept by %s", when, k.By)
			}
			kept[k.Name] += k.Count
		}
		for _, d := range got.Due {
			dueNow += d.Count
		}
		if dueNow != due || kept[noticeNotGiven] != notGiven || kept[noticeRunning] != running {
			t.Errorf("%s: %d due, kept %v; want %d, %d, %d", when, dueNow, kept, due, notGiven, running)
		}
		var named []audit.SubjectID
		for _, u := range got.Untold {
			named = append(named, u.Subjects...)
			if u.Persons != len(u.Subjects) || u.Hours != 48 || u.Class != "messages" || u.Tenant != "bank" || u.More || u.Overdue > 0 != (notGiven > 0) {
				t.Errorf("%s: %+v", when, u)
			}
		}
		for _, id := range tell {
			if !slices.Contains(named, id) {
				t.Errorf("%s: somebody is not named", when)
			}
		}
		if len(named) != len(tell) {
			t.Errorf("%s: %d persons named, want %d", when, len(named), len(tell))
		}
	}
	state("new", 0, 0, 0)
	s.days(t, 6)
	state("four days before", 0, 0, 0)
	s.days(t, 2)
	state("within two days and one", 0, 0, 0, ann, bob)
	s.told(t, ann, "messages", 5)
	state("one was told", 0, 0, 0, bob)
	s.days(t, 3)
	state("over", 2+4, 2, 0, bob)
	s.told(t, bob, "messages", 5)
	state("told late", 2+4, 0, 2)
	s.forward(48*time.Hour - time.Microsecond)
	state("before the hours are over", 2+4, 0, 2)
	s.forward(time.Microsecond)
	state("to the hour", 8, 0, 0)
}

// TestNoticeIsLostWithContact: whoever makes contact has to be told again, and
// what came after a notice it does not cover.
func TestNoticeIsLostWithContact(t *testing.T) {
	s := newShelf(t)
	ann := audit.NewSubjectID()
	s.known(t, ann)
	write := func() {
		t.Helper()
		sent := s.message(t, ann, "")
		s.put(t, audit.Record{Kind: audit.KindSettle, Ref: sent.Row, Result: "accepted"})
	}
	write()
	s.days(t, 8)
	s.told(t, ann, "messages", 5)
	s.days(t, 1)
	write()
	s.days(t, 10)
	s.forward(time.Second)
	for clock, want := range map[Clock][2]int{ClockRecord: {2, 2}, ClockContact: {0, 4}} {
		got := s.plan(t, noticed(clock), s.source())
		due, kept := 0, 0
		for _, d := range got.Due {
			due += d.Count
		}
		for _, k := range got.Kept {
			kept += k.Count
		}
		if due != want[0] || kept != want[1] || len(got.Untold) != 1 || got.Untold[0].Overdue != 1 {
			t.Errorf("clock %s: %d due, %d kept, want %v: %+v", clock, due, kept, want, got)
		}
	}
}

// TestWhoIsHeldIsNotTold: what stays anyway nobody is told of, and each subject
// of a person counts once.
func TestWhoIsHeldIsNotTold(t *testing.T) {
	s := newShelf(t)
	ann, alias, bob := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	s.known(t, ann, bob)
	for _, who := range []audit.SubjectID{ann, alias, bob} {
		sent := s.message(t, who, "")
		s.put(t, audit.Record{Kind: audit.KindSettle, Ref: sent.Row, Result: "accepted"})
	}
	s.hold(t, Scope{Tenant: "bank", Subjects: []audit.SubjectID{bob}})
	s.days(t, 11)
	src := s.source()
	src.Same = func(id audit.SubjectID) []audit.SubjectID {
		if id == alias || id == ann {
			return []audit.SubjectID{ann, alias}
		}
		return []audit.SubjectID{id}
	}
	p := noticed(ClockRecord)
	all, refused, err := p.Untold(t.Context(), s.Holds, s.now(), time.Time{}, src)
	check(t, err)
	want := []audit.SubjectID{ann}
	if refused != "" || len(all) != 1 || !reflect.DeepEqual(all[0].Subjects, want) || all[0].Overdue != 1 || all[0].Rows != 4 {
		t.Errorf("%+v %s", all, refused)
	}
	s.told(t, ann, "messages", 5)
	if got := s.plan(t, p, src); len(got.Untold) != 1 || got.Untold[0].Rows != 2 {
		t.Errorf("what is under the other subject was not announced: %+v", got.Untold)
	}
}

// TestRunKeepsWhoWasNotTold: a run leaves what was not announced, a crash within
// it changes nothing of that, and notices that are over are dropped.
func TestRunKeepsWhoWasNotTold(t *testing.T) {
	s := newPurging(t, ActionPurge)
	c := s.policy.Classes[audit.ClassMessages]
	c.NoticeHours = 48
	s.policy.Classes[audit.ClassMessages] = c
	s.known(t, s.subject)
	texts := s.fillDays(t, 3, 10)
	if got := s.run(t); counted(&got, audit.ClassMessages) != 0 || s.onDisk(t, texts...) != len(texts) || !slices.Contains(got.Stay, Stays{Why: KeptByNotice, Count: 60}) {
		t.Fatalf("nobody was told: %+v", got)
	}
	s.faults["begun"] = 0
	if _, err := s.runner().Start(t.Context(), "ann"); err == nil {
		t.Fatal("no crash")
	}
	s.told(t, s.subject, audit.ClassMessages, 5) // after the run that was cut off began
	s.forward(49 * time.Hour)
	if got := s.run(t); counted(&got, audit.ClassMessages) != 0 {
		t.Fatalf("the run that goes on is of before the notice: %+v", got)
	}
	if got := s.run(t); counted(&got, audit.ClassMessages) != 60 || s.onDisk(t, texts...) != 0 {
		t.Fatalf("told: %+v", got)
	}
	if n, err := NoticeOf(t.Context(), s.j, s.subject, audit.ClassMessages); err != nil || n.Told == 0 {
		t.Errorf("the notice is gone: %v", err)
	}
	check(t, DropNotices(t.Context(), s.j, s.now().AddDate(2, 0, 0)))
	if n, err := NoticeOf(t.Context(), s.j, s.subject, audit.ClassMessages); err != nil || n.Told != 0 {
		t.Errorf("the notice stays for ever: %v", err)
	}
}

// TestRunDropsOldNotices: a run takes away notices that nothing needs any more.
func TestRunDropsOldNotices(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.fillDays(t, 1, 1)
	ann, bob := audit.NewSubjectID(), audit.NewSubjectID()
	s.told(t, ann, audit.ClassMessages, -400)
	s.told(t, bob, audit.ClassMessages, -300)
	s.run(t)
	for id, want := range map[audit.SubjectID]bool{ann: false, bob: true} {
		if n, err := NoticeOf(t.Context(), s.j, id, audit.ClassMessages); err != nil || (n.Told != 0) != want {
			t.Errorf("a notice is there: %v, want %v (%v)", n.Told != 0, want, err)
		}
	}
}

// TestUntoldIsBounded: more persons than are told apart are said to be there.
func TestUntoldIsBounded(t *testing.T) {
	u := untold{}
	c := Class{NoticeHours: 1}
	for range maxUntold + 2 {
		u.add(Item{Tenant: "bank", Class: "messages"}, c, Fate{tell: audit.NewSubjectID()}, time.Unix(0, 0))
	}
	if got := u.list(); len(got) != 1 || got[0].Persons != maxUntold || !got[0].More || got[0].Rows != maxUntold+2 {
		t.Errorf("%d persons, more %v", got[0].Persons, got[0].More)
	}
}

// TestObstacles: what would have a run refused comes with the remedy.
func TestObstacles(t *testing.T) {
	s := newShelf(t)
	p := shelfPolicy(map[string]Class{"messages": {Days: 2, Clock: ClockRecord, Action: ActionPurge}})
	what := func() (out []string) {
		t.Helper()
		all, err := Obstacles(context.Background(), p, s.Holds, s.now(), s.source())
		check(t, err)
		for _, o := range all {
			if out = append(out, o.What); o.Text == "" || o.Remedy == "" || o.Refuses != (o.What != ObstacleFollower) {
				t.Errorf("%+v", o)
			}
		}
		return out
	}
	s.days(t, 1)
	f, err := s.j.Follow(t.Context(), "clickhouse")
	check(t, err)
	check(t, f.Commit(t.Context(), 0))
	if got := what(); len(got) != 0 {
		t.Errorf("at first: %v", got)
	}
	s.days(t, 2)
	s.forward(time.Hour)
	if got := what(); !slices.Equal(got, []string{ObstacleFollower}) {
		t.Errorf("a follower behind: %v", got)
	}
	check(t, s.j.Append(t.Context(), journal.Batch{Settings: []journal.Setting{HoldsUnknown(s.now())}}))
	s.again(t)
	s.forward(20 * 24 * time.Hour)
	if got := what(); !slices.Equal(got, []string{ObstacleRestored, ObstacleClock, ObstacleFollower}) {
		t.Errorf("restored, at a standstill: %v", got)
	}
}

// TestHoldsThatNobodyApproved end on record once, are shown for a while, and hold
// nothing.
func TestHoldsThatNobodyApproved(t *testing.T) {
	s := newShelf(t)
	ann := audit.NewSubjectID()
	it := s.message(t, ann, "")
	asked, err := s.Place(t.Context(), Hold{
		ID: audit.NewID(s.now()), Matter: "CASE-1", Actor: "ann", Scope: Scope{Subjects: []audit.SubjectID{ann}}, Expires: s.now().Add(time.Hour).UnixMicro(),
	}, s.placed)
	check(t, err)
	if err := s.Expire(t.Context(), asked, s.note()); err == nil || len(s.Unapproved()) != 0 {
		t.Errorf("one in force ends: %v", err)
	}
	s.forward(2 * time.Hour)
	s.hold(t, Scope{Number: "1"}) // another change does not take it away before it is on record
	if all := s.Unapproved(); len(all) != 1 || all[0].Ended != 0 {
		t.Fatalf("%+v", all)
	}
	check(t, s.Expire(t.Context(), asked, s.note()))
	s.again(t)
	all := s.Unapproved()
	if len(all) != 1 || all[0].Ended == 0 || len(s.Holding(it)) != 0 {
		t.Errorf("%+v", all)
	}
	if err := s.Expire(t.Context(), all[0], s.note()); err == nil {
		t.Error("it ends twice")
	}
	s.forward(-3 * time.Hour)
	if len(s.Holding(it)) != 0 {
		t.Error("a clock set back has it in force again")
	}
	s.forward(40 * 24 * time.Hour)
	if len(s.Unapproved()) != 0 {
		t.Error("it is shown for ever")
	}
}

// TestToldDayByDay: whoever is told again each day, since more of theirs comes to
// its end each day, was told of the older rows long enough ago.
func TestToldDayByDay(t *testing.T) {
	s := newShelf(t)
	ann := audit.NewSubjectID()
	s.known(t, ann)
	p := noticed(ClockRecord)
	c := p.Classes["messages"]
	for range 14 {
		sent := s.message(t, ann, "")
		s.put(t, audit.Record{Kind: audit.KindSettle, Ref: sent.Row, Result: "accepted"})
		s.days(t, 1)
		if u, _, err := p.Untold(t.Context(), s.Holds, s.now(), time.Time{}, s.source()); err != nil || len(u) > 0 {
			check(t, err)
			was, err := NoticeOf(t.Context(), s.j, ann, "messages")
			check(t, err)
			n := Notice{Told: s.now().UnixMicro(), Until: u[0].Until, Record: audit.NewID(s.now())}
			row, err := n.With(was, c.NoticeHours, s.now()).Row(ann, "messages")
			check(t, err)
			check(t, s.j.Append(t.Context(), journal.Batch{Settings: []journal.Setting{row}}))
		}
	}
	got := s.plan(t, p, s.source())
	if len(got.Due) == 0 || len(got.Kept) != 0 || len(got.Untold) != 0 {
		t.Errorf("%+v", got)
	}
	n, err := NoticeOf(t.Context(), s.j, ann, "messages")
	check(t, err)
	if len(n.Earlier) == 0 || len(n.Earlier) > 3 {
		t.Errorf("%d notices from before are kept", len(n.Earlier))
	}
}

// TestNoticesFromBefore are kept while they end sooner for some row, and not more
// than a bound: the oldest, so that rows go in the end.
func TestNoticesFromBefore(t *testing.T) {
	start := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	at := func(days int) int64 { return start.AddDate(0, 0, days).UnixMicro() }
	var n Notice
	for day := range 2 * maxEarlier {
		n = Notice{Told: at(day), Until: at(day + 100)}.With(n, 90*24, start.AddDate(0, 0, day))
	}
	if len(n.Earlier) != maxEarlier || n.Earlier[0].Told != at(0) || n.Told != at(2*maxEarlier-1) {
		t.Errorf("%d are kept, the first of %d", len(n.Earlier), n.Earlier[0].Told)
	}
	for _, c := range []struct {
		start, due int
		told       int
		ok         bool
	}{{-5, 90, 0, true}, {-5, 101, 1, true}, {3, 90, 3, true}, {-5, 150, 2*maxEarlier - 1, true}, {90, 100, 0, false}, {-5, 200, 0, false}} {
		told, ok := n.covers(at(c.start), at(c.due))
		if ok != c.ok || ok && told != at(c.told) {
			t.Errorf("a row from day %d to %d: %v, told on day %d", c.start, c.due, ok, (told-at(0))/days(1))
		}
	}
	n = Notice{Told: at(200), Until: at(300)}.With(n, 90*24, start.AddDate(0, 0, 200))
	if len(n.Earlier) != 1 || n.Earlier[0].Until != at(2*maxEarlier+99) {
		t.Errorf("what ends no row sooner is kept: %+v", n.Earlier)
	}
	for _, c := range []struct{ days, want int }{{365, 300}, {30, 230}} { // the policy has fewer days since
		if got := n.Reaches(c.days); got != at(c.want) {
			t.Errorf("with %d days it reaches day %d, want %d", c.days, (got-at(0))/days(1), c.want)
		}
	}
}
