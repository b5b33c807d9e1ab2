package retention

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// know puts a fact on the shelf, with a record that proves it.
func (s *shelf) know(t *testing.T, who audit.SubjectID, kind, key, value string, lasts time.Duration) journal.Fact {
	t.Helper()
	f := journal.Fact{Tenant: "bank", Subject: who, Kind: kind, Key: key, Value: []byte(value), Time: s.now().UnixMicro(), Record: audit.NewID(s.now())}
	if lasts > 0 {
		f.Until = s.now().Add(lasts).UnixMicro()
	}
	s.put(t, audit.Record{ID: f.Record, Kind: audit.KindConsent, Subject: who, Number: "106540352242922"})
	check(t, s.j.Append(t.Context(), journal.Batch{Facts: []journal.Fact{f}}))
	return f
}

// factsDue plans with a class consent and gives what is due of facts, and what
// keeps others.
func (s *shelf) factsDue(t *testing.T, c Class, src Source) (due int, kept map[string]int) {
	t.Helper()
	plan := s.plan(t, shelfPolicy(map[string]Class{audit.ClassConsent: c}), src)
	for _, d := range plan.Due {
		if d.Store == StoreFacts {
			due += d.Count
		}
	}
	kept = map[string]int{}
	for _, k := range plan.Kept {
		if k.Store == StoreFacts {
			kept[k.By] += k.Count
		}
	}
	return due, kept
}

// TestPlanOfFacts: a consent that ended is due when the days since its end are
// over, and never while another one of the same person holds.
func TestPlanOfFacts(t *testing.T) {
	s := newShelf(t)
	ann, alias, bob, eve := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	s.know(t, alias, factConsent, "general", "given", 0) // ann's, too
	s.know(t, ann, factConsent, "marketing", "revoked", 0)
	s.know(t, bob, factConsent, "marketing", "given", 20*24*time.Hour)
	s.know(t, bob, factWindow, "106540352242922", "open", 24*time.Hour)
	s.know(t, eve, factConsent, "marketing", "given", 0)
	s.know(t, eve, "optout", "all", "out", 0)
	s.know(t, eve, "zone", "", "Europe/Berlin", 0)
	src := s.source()
	src.Same = func(id audit.SubjectID) []audit.SubjectID {
		if id == alias || id == ann {
			return []audit.SubjectID{ann, alias}
		}
		return []audit.SubjectID{id}
	}
	expect := func(when string, clock Clock, want int) {
		t.Helper()
		for _, action := range []Action{ActionErase, ActionPurge, ActionCold} {
			if due, kept := s.factsDue(t, Class{Days: 10, Clock: clock, Action: action}, src); due != want || len(kept) != 0 {
				t.Errorf("%s, clock %s, %s: %d due, kept %v, want %d", when, clock, action, due, kept, want)
			}
		}
	}
	s.days(t, 10)
	expect("the tenth day", ClockRecord, 0)
	s.days(t, 2)
	expect("the window is over", ClockRecord, 1)
	expect("the window is over, a consent holds", ClockConsent, 0)
	s.days(t, 17)
	expect("nine days after the end", ClockConsent, 0)
	s.days(t, 2)
	expect("eleven days after the end", ClockRecord, 2)
	expect("eleven days after the end", ClockConsent, 2)
	s.know(t, alias, factConsent, "general", "revoked", 0)
	expect("the alias's was taken back just now", ClockConsent, 2)
	s.days(t, 11)
	expect("both of ann's are over", ClockConsent, 4)
	expect("both of ann's are over", ClockRecord, 4)
	src.Ended = nil
	expect("nobody says what ended", ClockRecord, 0)
}

// TestWhatKeepsAFact: holds, by what it spans and by its record, floors, open
// requests and notices.
func TestWhatKeepsAFact(t *testing.T) {
	s := newShelf(t)
	ann := audit.NewSubjectID()
	s.know(t, ann, factConsent, "marketing", "given", 5*24*time.Hour)
	given := s.now()
	s.days(t, 30)
	class := Class{Days: 10, Clock: ClockConsent, Action: ActionErase}
	src := s.source()
	keeps := func(why string, c Class, src Source, by string) {
		t.Helper()
		due, kept := s.factsDue(t, c, src)
		if want := map[string]int{by: 1}; by != "" && (due != 0 || !reflect.DeepEqual(kept, want)) || by == "" && (due != 1 || len(kept) != 0) {
			t.Errorf("%s: %d due, kept %v", why, due, kept)
		}
	}
	keeps("nothing", class, src, "")
	floor, noticed, asked := class, class, src
	floor.Floor, floor.FloorBy = 26, "own"
	keeps("a floor from its end on", floor, src, KeptByFloor)
	floor.Floor = 24
	keeps("a floor that is over", floor, src, "")
	noticed.NoticeHours = 48
	keeps("nobody to tell", noticed, src, "")
	s.known(t, ann)
	keeps("a notice", noticed, src, KeptByNotice)
	asked.Open = func(context.Context) (map[audit.SubjectID]string, error) {
		return map[audit.SubjectID]string{ann: "access"}, nil
	}
	keeps("a request", class, asked, KeptByRequest)
	hold := func(why string, sc Scope, by string) {
		t.Helper()
		h := s.hold(t, sc)
		keeps(why, class, src, by)
		check(t, s.Lift(t.Context(), h.ID, s.note()))
	}
	hold("another person's", Scope{Subjects: []audit.SubjectID{audit.NewSubjectID()}}, "")
	hold("the person's", Scope{Subjects: []audit.SubjectID{ann}}, KeptByHold)
	hold("the number of its record", Scope{Number: "106540352242922"}, KeptByHold)
	hold("a time in which it held", Scope{From: given.AddDate(0, 0, 1).UnixMicro(), Until: given.AddDate(0, 0, 2).UnixMicro()}, KeptByHold)
	hold("the time after", Scope{From: given.AddDate(0, 0, 6).UnixMicro()}, "")
	hold("the time before", Scope{From: 1, Until: given.UnixMicro()}, "")
}

// TestRunTakesFacts: on record first, over a crash in between, counted once; what
// was written again meanwhile stays.
func TestRunTakesFacts(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.policy.Classes[audit.ClassConsent] = Class{Days: 30, Action: ActionErase, Clock: ClockConsent}
	bob, eve := audit.NewSubjectID(), audit.NewSubjectID()
	s.know(t, s.subject, factConsent, "marketing", "KOLIBRI-REVOKED", 0)
	out := s.know(t, s.subject, "optout", "all", "out", 0)
	s.know(t, bob, factConsent, "marketing", "revoked", 0)
	eves := s.know(t, eve, factConsent, "marketing", "revoked", 0)
	s.know(t, eve, factWindow, "106540352242922", "open", 24*time.Hour)
	s.fillDays(t, 1, 1)
	var lapsed []journal.Fact
	s.cfg.Lapsed = func(all []journal.Fact) { lapsed = append(lapsed, all...) }
	crash := true
	s.erased = func(e journal.Erase) error {
		if len(e.Facts) == 0 || !crash {
			return nil
		}
		crash = false
		return errCrash
	}
	if _, err := s.runner().Start(t.Context(), "ann"); !errors.Is(err, errCrash) || len(lapsed) != 0 {
		t.Fatalf("did not stop: %v, %d facts", err, len(lapsed))
	}
	s.again(t)
	s.erased = func(e journal.Erase) error { // on record, and not yet taken
		if len(e.Facts) > 0 && e.Facts[0].Kind == factConsent {
			again := eves
			again.Time = s.now().UnixMicro()
			check(t, s.j.Append(t.Context(), journal.Batch{Facts: []journal.Fact{again}}))
		}
		return nil
	}
	c := s.run(t)
	if n := factsGone(&c); n != 3 || len(lapsed) != 3 {
		t.Errorf("%d facts counted, %d went: %+v", n, len(lapsed), c.Gone)
	}
	for who, want := range map[audit.SubjectID]int{s.subject: 1, bob: 0, eve: 1} {
		left, err := s.j.FactsOf(t.Context(), who)
		if check(t, err); len(left) != want {
			t.Errorf("left: %+v, want %d", left, want)
		}
	}
	if left, err := s.j.FactsOf(t.Context(), s.subject); err != nil || len(left) != 1 || left[0].Record != out.Record {
		t.Errorf("the opt-out: %+v (%v)", left, err)
	}
	if s.onDisk(t, []byte("KOLIBRI-REVOKED")) != 0 {
		t.Error("a fact that went is in the store's files")
	}
	s.sound(t)
	if c = s.run(t); factsGone(&c) != 0 {
		t.Errorf("they go twice: %+v", c.Gone)
	}
}

// TestConsentGivenDuringARun keeps what was taken back before: an older consent
// under another of the person's ids may be the one that was given.
func TestConsentGivenDuringARun(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.policy.Classes[audit.ClassConsent] = Class{Days: 30, Action: ActionErase, Clock: ClockConsent}
	s.know(t, s.subject, factConsent, "marketing", "revoked", 0)
	s.fillDays(t, 1, 1)
	r := s.runner()
	r.cfg.Source = &lateConsent{Source: r.cfg.Source, give: func() { s.know(t, s.subject, factConsent, "general", "given", 0) }}
	c, err := r.Start(t.Context(), "ann")
	if check(t, err); factsGone(&c) != 0 {
		t.Errorf("gone: %+v", c.Gone)
	}
}

// lateConsent is a source of somebody who gives a consent after a plan was made.
type lateConsent struct {
	Source
	give    func()
	planned bool
}

func (l *lateConsent) Start(ctx context.Context, it Item, clock Clock, now time.Time) (int64, error) {
	if it.Store == StoreFacts {
		if l.planned {
			l.give()
		}
		l.planned = true
	}
	return l.Source.Start(ctx, it, clock, now)
}

func factsGone(c *Certificate) (n int64) {
	for _, g := range c.Gone {
		if g.Store == StoreFacts {
			n += g.Count
		}
	}
	return n
}
