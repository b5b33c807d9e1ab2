package retention

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// empties takes a message's words, so that a question about them matches it no more.
func (s *shelf) empties(t *testing.T, of ...Item) {
	t.Helper()
	e := journal.Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro()},
		Reason: "test", Parts: []string{audit.PartBody},
	}
	for _, it := range of {
		e.Seqs = append(e.Seqs, it.Seq)
	}
	check(t, s.j.Erase(t.Context(), e))
}

// TestMatchedOnceStaysMatched, also where the question matches others since, and
// where the hold was approved as it stood before.
func TestMatchedOnceStaysMatched(t *testing.T) {
	s := newShelf(t)
	first := s.message(t, audit.NewSubjectID(), "failed")
	asked, err := s.Place(t.Context(), Hold{
		ID: audit.NewID(s.now()), Scope: Scope{Query: "SELECT seq FROM audit WHERE result = 'failed' AND body <> ''"}, Expires: s.now().Add(time.Hour).UnixMicro(),
	}, s.placed)
	check(t, err)
	s.empties(t, first)
	second := s.message(t, audit.NewSubjectID(), "failed")
	s.keeps(t, "matched before another", first, true)
	s.keeps(t, "matched since", second, true)
	s.empties(t, second)
	asked.Expires = 0
	_, err = s.Place(t.Context(), asked, s.placed)
	check(t, err)
	s.keeps(t, "matched before it was approved", second, true)
	s.keeps(t, "matched when it was asked for", first, true)
}

// TestHoldsAreBounded: every row that would go is compared with all of them.
func TestHoldsAreBounded(t *testing.T) {
	s := newShelf(t)
	kept := s.hold(t, Scope{App: "loans"})
	all := []Hold{kept}
	for len(all) < maxHolds {
		all = append(all, Hold{ID: audit.NewID(s.now()), Scope: Scope{App: "loans"}})
	}
	s.set(all)
	if _, err := s.Place(t.Context(), Hold{ID: audit.NewID(s.now()), Scope: Scope{App: "cards"}}, s.placed); !errors.Is(err, ErrHoldFull) {
		t.Errorf("one more: %v", err)
	}
	if _, err := s.Place(t.Context(), kept, s.placed); err != nil {
		t.Errorf("one of them in another state: %v", err)
	}
	check(t, s.Lift(t.Context(), kept.ID, s.note()))
	s.hold(t, Scope{App: "cards"})
}

// TestQueriesOfTooManyRuns are refused; a hold that comes to cover so many lets
// nothing go, and keeps what it had.
func TestQueriesOfTooManyRuns(t *testing.T) {
	s := newShelf(t)
	it := s.message(t, audit.NewSubjectID(), "failed")
	const many = "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 2 FROM n WHERE i < 100002) SELECT i AS seq FROM n"
	if _, err := s.Place(t.Context(), Hold{ID: audit.NewID(s.now()), Scope: Scope{Query: many}}, s.placed); !errors.Is(err, ErrScope) || !strings.Contains(err.Error(), "more than 50000 runs") {
		t.Errorf("placed: %v", err)
	}
	h := s.hold(t, Scope{Query: "SELECT seq FROM audit WHERE result = 'failed'"})
	var found []audit.SeqRange
	for i := range uint64(maxRanges) {
		found = append(found, audit.SeqRange{First: 1000 + 2*i, Last: 1000 + 2*i})
	}
	if err := s.widen(t.Context(), h.ID, found); !errors.Is(err, ErrScope) || !strings.Contains(err.Error(), "by number, app or time") {
		t.Errorf("grown: %v", err)
	}
	s.keeps(t, "what it matched", it, true)
}

// TestDamagedHoldOpensNothing: nobody knows what it held.
func TestDamagedHoldOpensNothing(t *testing.T) {
	s := newShelf(t)
	h := s.hold(t, Scope{App: "loans"})
	for name, value := range map[string]string{
		"cut": `{"id"`, "of another id": `{"id":"` + strings.Repeat("0", 31) + `1","scope":{"app":"loans"}}`, "without a scope": `{"id":"` + h.ID.String() + `"}`,
	} {
		row := journal.Setting{Scope: scopeHold, Key: h.ID.String(), Value: []byte(value), Time: s.now().UnixMicro()}
		check(t, s.j.Append(t.Context(), journal.Batch{Settings: []journal.Setting{row}}))
		if _, err := LoadHolds(t.Context(), HoldsConfig{Journal: s.j, Now: s.now}); err == nil || !strings.Contains(err.Error(), "nothing may be erased") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWhatCanNotBeLookedUpIsHeld: a status whose own record, or that of the message
// it is of, can not be read.
func TestWhatCanNotBeLookedUpIsHeld(t *testing.T) {
	s := newShelf(t)
	s.hold(t, Scope{Until: s.now().UnixMicro()})
	s.forward(time.Hour)
	of := audit.NewID(s.now())
	status := Item{Store: StoreRecords, Row: audit.NewID(s.now()), Kind: audit.KindStatus, Time: s.now().UnixMicro()}
	away := errors.New("the disk is away")
	for name, c := range map[string]struct {
		own, message error
		held         int
	}{
		"its own record": {own: away, held: 1}, "the message's": {message: away, held: 1}, "a message that was never here": {message: journal.ErrNotFound},
	} {
		s.find = func(id audit.ID) (audit.Record, error) {
			if id == of {
				return audit.Record{}, c.message
			}
			return audit.Record{Ref: of}, c.own
		}
		check(t, s.Guard(context.Background(), func(held func(Item) []Hold) error {
			if got := len(held(status)); got != c.held {
				t.Errorf("%s: %d holds", name, got)
			}
			return nil
		}))
	}
}

// TestRevisionsAreHeld: what a record that is held says now is held with it.
func TestRevisionsAreHeld(t *testing.T) {
	s := newShelf(t)
	in := s.message(t, audit.NewSubjectID(), "")
	s.forward(time.Hour)
	s.hold(t, Scope{Until: s.now().UnixMicro()})
	out := s.message(t, audit.NewSubjectID(), "")
	for name, c := range map[string]struct {
		of   Item
		want bool
	}{"of what is held": {in, true}, "of another": {out, false}} {
		r := audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindRevision, Time: s.now().UnixMicro(), Tenant: "bank", Subject: c.of.Subject, Ref: c.of.Row}
		b := journal.Batch{Records: []audit.Record{r}}
		check(t, s.j.Append(t.Context(), b))
		s.keeps(t, "a revision "+name, ItemOf(&b.Records[0]), c.want)
	}
}
