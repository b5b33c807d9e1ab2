package retention

import (
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// revise puts a revision of a message on the shelf, days after it.
func (s *purging) revise(t *testing.T, first *audit.Record, body string) audit.Record {
	t.Helper()
	b := journal.Batch{Records: []audit.Record{audit.NewRevision(first, s.now(), []byte(body))}}
	check(t, s.j.Append(t.Context(), b))
	check(t, s.j.Erase(t.Context(), journal.Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro()},
		Reason: "redaction", Parts: []string{audit.PartBody}, Seqs: []uint64{first.Seq},
	}))
	return b.Records[0]
}

// TestRunTakesRevisions: a revision goes when its message does, however young it
// is itself, and stays where a hold of that time or the floor keeps the message.
func TestRunTakesRevisions(t *testing.T) {
	for _, c := range []struct {
		name   string
		action Action
		scope  func(*audit.Record) Scope
		floor  int
		stays  bool
	}{
		{name: "erased", action: ActionErase},
		{name: "purged", action: ActionPurge},
		{name: "held by its time", action: ActionErase, stays: true, scope: func(r *audit.Record) Scope { return Scope{From: r.Time, Until: r.Time + 1} }},
		{name: "held by its reason", action: ActionErase, stays: true, scope: func(*audit.Record) Scope { return Scope{Reason: "ok"} }},
		{name: "kept by a floor", action: ActionErase, stays: true, floor: 35},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newPurging(t, c.action)
			class := s.policy.Classes[audit.ClassMessages]
			class.Floor, class.FloorBy = c.floor, "a clause"
			s.policy.Classes[audit.ClassMessages] = class
			first := s.send(t, []byte("KOLIBRI said on the first day"))
			s.settle(t, first.ID)
			for range 32 {
				s.forward(24 * time.Hour)
				check(t, s.j.Append(t.Context(), s.note()))
			}
			now := s.revise(t, &first, "[NAME] said on the first day")
			if c.scope != nil {
				s.hold(t, c.scope(&first))
			}
			if _, err := s.runner().Start(t.Context(), "ana"); err != nil {
				t.Fatal(err)
			}
			all, err := s.j.RecordsAt(t.Context(), []uint64{now.Seq})
			check(t, err)
			if gone := all[0].Purged || all[0].Parts[0].Erased; gone == c.stays || all[0].Purged != (c.action == ActionPurge) {
				t.Errorf("the revision: %+v", all[0])
			}
			s.sound(t)
		})
	}
}

// TestRunTakesRevisionsOfPurged: nothing is left of a message whose line went
// before its revision did.
func TestRunTakesRevisionsOfPurged(t *testing.T) {
	s := newPurging(t, ActionPurge)
	first := s.send(t, []byte("KOLIBRI said on the first day"))
	s.settle(t, first.ID)
	for range 40 {
		s.forward(24 * time.Hour)
		check(t, s.j.Append(t.Context(), s.note()))
	}
	now := s.revise(t, &first, "[NAME] said on the first day")
	check(t, s.j.Erase(t.Context(), journal.Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro()},
		Reason: "retention", Parts: []string{audit.PartRecord}, Seqs: []uint64{first.Seq},
	}))
	if _, err := s.runner().Start(t.Context(), "ana"); err != nil {
		t.Fatal(err)
	}
	all, err := s.j.RecordsAt(t.Context(), []uint64{now.Seq})
	check(t, err)
	if !all[0].Purged {
		t.Errorf("the revision outlived what it revises: %+v", all[0])
	}
	s.sound(t)
}
