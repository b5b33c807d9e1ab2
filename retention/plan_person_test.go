package retention

import (
	"context"
	"errors"
	"slices"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// found makes a person who is found by something, with the key of that.
func (s *shelf) found(t *testing.T, id audit.SubjectID) {
	t.Helper()
	check(t, s.j.Append(t.Context(), journal.Batch{
		Subjects: []journal.Subject{{
			ID: id, Tenant: "bank", Identifiers: []byte("SEALED"), Created: s.now().UnixMicro(),
			Index: []journal.IndexEntry{{Epoch: 1, Hash: [16]byte(id), Kind: "number", From: s.now().UnixMicro()}},
		}},
		DataKeys: []journal.DataKey{{Subject: id, Class: "subject", Month: s.now().Format("2006-01"), Wrapped: []byte("WRAPPED")}},
	}))
}

// personsDue are how many persons a plan lets go, and what keeps others.
func (s *shelf) personsDue(t *testing.T, p Policy, src Source) (due int, kept map[string]int) {
	t.Helper()
	got, kept := s.plan(t, p, src), map[string]int{}
	for _, d := range got.Due {
		if d.Store == StorePersons {
			due += d.Count
		}
	}
	for _, k := range got.Kept {
		if k.Store == StorePersons {
			kept[k.By] += k.Count
		}
	}
	return due, kept
}

// TestPlanOfPersons: a person goes when nothing is left of them but records that
// no class keeps longer, counted from the newest, unless something keeps one.
func TestPlanOfPersons(t *testing.T) {
	s := newShelf(t)
	empty, spoke, knows, files, asks, held, told := audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID(), audit.NewSubjectID()
	for _, id := range []audit.SubjectID{empty, spoke, knows, files, asks, held, told} {
		s.found(t, id)
	}
	s.message(t, spoke, "") // has content
	s.know(t, knows, "zone", "", "Europe/Berlin", 0)
	check(t, s.j.Append(t.Context(), journal.Batch{DataKeys: []journal.DataKey{{Subject: files, Class: "media", Month: s.now().Format("2006-01"), Wrapped: []byte("W")}}}))
	q := Request{ID: audit.NewID(s.now()), Tenant: "bank", Subject: asks, Type: RequestErasure}
	row, err := q.Row()
	check(t, err)
	check(t, s.j.Append(t.Context(), journal.Batch{Settings: []journal.Setting{row}}))
	s.days(t, 5)
	s.put(t, audit.Record{Kind: audit.KindRead, Subject: empty, App: "loans"}, audit.Record{Kind: audit.KindRead, Subject: held, App: "cards"})
	s.hold(t, Scope{App: "cards"})
	policy := func(messages Class) Policy {
		return shelfPolicy(map[string]Class{"messages": messages, "consent": {Days: 10, Clock: ClockRecord, Action: ActionErase}})
	}
	erased := Class{Days: 8, Clock: ClockRecord, Action: ActionErase}
	want := func(when string, p Policy, due, holds int) {
		t.Helper()
		if got, kept := s.personsDue(t, p, s.source()); got != due || kept[KeptByHold] != holds || len(kept) > min(holds, 1) {
			t.Errorf("%s: %d persons are due, kept %v; want %d and %d", when, got, kept, due, holds)
		}
	}
	s.days(t, 6)
	want("after the days since they were made", policy(erased), 1, 0) // told
	s.days(t, 5)
	want("after the days since the newest record", policy(erased), 2, 1)
	want("records that are kept for ever", policy(Class{}), 1, 0)
	want("records that are kept longer", policy(Class{Days: 100, Clock: ClockRecord, Action: ActionPurge}), 1, 0)
	p := policy(erased)
	c := p.Classes["consent"]
	c.NoticeHours = 48
	p.Classes["consent"] = c
	if _, kept := s.personsDue(t, p, s.source()); kept[KeptByNotice] != 2 {
		t.Errorf("with a notice kept %v", kept)
	}
}

// TestRunTakesPersons: past a crash between record and destruction each is counted
// once; one who made contact meanwhile stays.
func TestRunTakesPersons(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.policy.Classes[audit.ClassConsent] = Class{Days: 30, Action: ActionPurge, Clock: ClockRecord}
	var all []audit.SubjectID
	for range 12 {
		all = append(all, audit.NewSubjectID())
		s.found(t, all[len(all)-1])
	}
	s.days(t, 31)
	back, gone := all[3], []audit.SubjectID{}
	fails := 1
	s.cfg.Vacate = func(_ context.Context, look func() ([]audit.SubjectID, error), take func([]audit.SubjectID) error) error {
		if fails > 0 {
			fails--
			s.put(t, audit.Record{Kind: audit.KindRead, Subject: back, App: "loans"})
			return errCrash
		}
		ids, err := look()
		if err != nil || len(ids) == 0 {
			return err
		}
		gone = append(gone, ids...)
		return take(ids)
	}
	if _, err := s.runner().Start(t.Context(), "system"); !errors.Is(err, errCrash) {
		t.Fatal(err)
	}
	c, err := s.runner().Start(t.Context(), "system")
	check(t, err)
	n := int64(0)
	for _, g := range c.Gone {
		if g.Store == StorePersons {
			n += g.Count
		}
	}
	if n != 11 || len(gone) != 11 || slices.Contains(gone, back) {
		t.Errorf("%d persons are certified, %d gone", n, len(gone))
	}
	for _, id := range all {
		row, err := s.j.Subject(t.Context(), id)
		check(t, err)
		keys, err := s.j.KeysOf(t.Context(), id)
		check(t, err)
		if left := len(row.Index) + len(row.Identifiers) + len(keys); left > 0 != (id == back) {
			t.Errorf("of a person %d things are left", left)
		}
	}
}
