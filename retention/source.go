package retention

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// JournalSource is the Source over a journal.
type JournalSource struct {
	Journal *journal.Journal
	// Consents reports whether a fact of kind consent gives one, which then holds
	// until Until, or takes it back.
	Consents func(journal.Fact) (given bool, err error)
	// Ended is when a fact ended or will, microseconds, 0 for one that holds; nil:
	// no fact ever ends.
	Ended func(journal.Fact) (at int64, err error)
	// Open are persons whose data stays as it is meanwhile: with a request that is
	// not answered, or restricted, with the word for it; nil: nobody takes requests.
	Open func(context.Context) (map[audit.SubjectID]string, error)
	// Same are all subjects that are one person; nil: each is one.
	Same func(audit.SubjectID) []audit.SubjectID
	// Cold reports whether cold storage is configured; nil: it is not.
	Cold func() bool
}

func (s JournalSource) same(id audit.SubjectID) []audit.SubjectID {
	if s.Same == nil {
		return []audit.SubjectID{id}
	}
	return s.Same(id)
}

// State implements Source.
func (s JournalSource) State(ctx context.Context, now time.Time) (State, error) {
	out, err := s.standing(ctx, now)
	if err != nil {
		return State{}, err
	}
	out.Unsettled, out.Cold = s.Journal.LowestOpen(), s.Cold != nil && s.Cold()
	if out.InForce, err = s.Journal.InForce(ctx, now.UnixMicro()); err != nil {
		return State{}, err
	}
	if s.Open != nil {
		out.Open, err = s.open(ctx)
	}
	return out, err
}

// standing is what State says of the clock and of followers.
func (s JournalSource) standing(ctx context.Context, now time.Time) (State, error) {
	out, err := clockState(ctx, s.Journal, now)
	if err != nil {
		return State{}, err
	}
	out.Passed, out.Behind = map[string]uint64{}, map[string]int64{}
	cursors, err := s.Journal.Followers(ctx)
	if err != nil {
		return State{}, err
	}
	for _, c := range cursors {
		out.Passed[c.Name] = c.Next
		next, err := s.Journal.RecordsAt(ctx, []uint64{c.Next})
		if err != nil {
			return State{}, err
		}
		if len(next) > 0 {
			out.Behind[c.Name] = next[0].Time
		}
	}
	return out, nil
}

// open are the persons that Open names, under each of their subjects.
func (s JournalSource) open(ctx context.Context) (map[audit.SubjectID]string, error) {
	asked, err := s.Open(ctx)
	out := make(map[audit.SubjectID]string, len(asked))
	for _, id := range slices.SortedFunc(maps.Keys(asked), func(a, b audit.SubjectID) int { return bytes.Compare(a[:], b[:]) }) {
		for _, one := range s.same(id) {
			out[one] = asked[id]
		}
	}
	return out, err
}

// Items implements Source.
func (s JournalSource) Items(ctx context.Context, from uint64, before int64, fn func(Item) error) error {
	r := s.Journal.Reader()
	if err := r.Aged(ctx, from, before, func(a *journal.Aged) error { return fn(recordItem(a)) }); err != nil {
		return err
	}
	if err := r.AgedMedia(ctx, before, func(a *journal.Aged) error { return fn(rowItem(a, StoreMedia)) }); err != nil {
		return err
	}
	if err := r.AgedDeliveries(ctx, before, func(a *journal.Aged) error { return fn(rowItem(a, StoreDeliveries)) }); err != nil {
		return err
	}
	if err := s.endedFacts(ctx, before, fn); err != nil {
		return err
	}
	return s.persons(ctx, before, fn)
}

// recordItem is a record with what it takes over from the one it belongs to: an
// outcome is kept as long as what it is the outcome of, and about whom it is.
func recordItem(a *journal.Aged) Item {
	it := ItemOf(&a.Record)
	it.Bare = !a.Content && !(a.Detail && a.Record.Kind == audit.KindConsent)
	p := &a.Parent
	if p.Version == 0 {
		return it
	}
	outcome := it.Class == audit.ClassMessages || it.Kind == audit.KindRevision
	if p.Purged {
		it.Orphan = outcome
		return it
	}
	of := ItemOf(p)
	it.Of = &of
	if outcome && it.Kind != audit.KindRevision { // which has the class of what it revises on record
		it.Class = of.Class
	}
	if it.Subject.IsZero() {
		it.Subject = p.Subject
	}
	it.App, it.Number = cmp.Or(it.App, p.App), cmp.Or(it.Number, p.Number)
	if len(it.Reasons) == 0 {
		it.Reasons = p.Reasons
	}
	return it
}

// ItemUnder is ItemOf with what a record takes over from the one it refers to.
func ItemUnder(r, of *audit.Record) Item {
	return recordItem(&journal.Aged{Record: *r, Parent: *of, Content: true})
}

func rowItem(a *journal.Aged, store Store) Item {
	it := ItemOf(&a.Record)
	it.Store, it.Seq, it.Row = store, a.Seq, a.Row
	return it
}

// Start implements Source.
func (s JournalSource) Start(ctx context.Context, it Item, clock Clock, now time.Time) (int64, error) {
	if it.Subject.IsZero() {
		return it.Time, nil
	}
	switch clock {
	case ClockContact:
		return s.lastContact(ctx, it)
	case ClockConsent:
		return s.consentEnd(ctx, it, now)
	}
	return it.Time, nil
}

// lastContact is the newest record about the person, under whichever subject.
func (s JournalSource) lastContact(ctx context.Context, it Item) (int64, error) {
	newest := it.Time
	for _, id := range s.same(it.Subject) {
		at, err := s.Journal.Reader().LastContact(ctx, id)
		if err != nil {
			return 0, err
		}
		newest = max(newest, at)
	}
	return newest, nil
}

// consentEnd is the latest end of the person's consents, or 0 while one holds.
func (s JournalSource) consentEnd(ctx context.Context, it Item, now time.Time) (int64, error) {
	if s.Consents == nil {
		return 0, errors.New("nobody says what a consent is")
	}
	var all []journal.Fact
	for _, id := range s.same(it.Subject) {
		some, err := s.Journal.FactsOf(ctx, id)
		if err != nil {
			return 0, err
		}
		all = append(all, some...)
	}
	end := it.Time
	for _, f := range all {
		if f.Kind != factConsent {
			continue
		}
		given, err := s.Consents(f)
		switch {
		case err != nil:
			return 0, fmt.Errorf("read a consent: %w", err)
		case !given:
			end = max(end, f.Time)
		case f.Until == 0 || f.Until > now.UnixMicro():
			return 0, nil
		default:
			end = max(end, f.Until)
		}
	}
	return end, nil
}

// Preview is a source for a plan of another time than now: the clock that it is
// asked with is the caller's, and not held against the trail. Nothing may be
// erased by it.
type Preview struct{ Source }

// State implements Source.
func (p Preview) State(ctx context.Context, now time.Time) (State, error) {
	s, err := p.Source.State(ctx, now)
	s.Newest, s.Before, s.Unsettled = 0, 0, math.MaxUint64
	return s, err
}
