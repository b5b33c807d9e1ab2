package retention

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// shelf is a journal with holds over it, at a clock of its own.
type shelf struct {
	*Holds
	j    *journal.Journal
	dir  string
	mu   sync.Mutex
	time time.Time
	root map[audit.SubjectID]audit.SubjectID

	erased func(journal.Erase) error // hears of erasures on record; nil: nobody does
}

func newShelf(t *testing.T) *shelf {
	t.Helper()
	s := &shelf{dir: t.TempDir(), time: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC), root: map[audit.SubjectID]audit.SubjectID{}}
	s.open(t)
	t.Cleanup(func() { check(t, s.j.Close()) })
	return s
}

func (s *shelf) open(t *testing.T) {
	t.Helper()
	var err error
	s.j, err = journal.Open(context.Background(), journal.Config{Path: s.dir, Chain: "test", Now: s.now, MinFree: -1, Erased: s.noted})
	check(t, err)
	s.Holds, err = LoadHolds(t.Context(), HoldsConfig{Journal: s.j, Now: s.now, Root: func(id audit.SubjectID) audit.SubjectID {
		if r, known := s.root[id]; known {
			return r
		}
		return id
	}})
	check(t, err)
}

// noted hears of erasures on record, of which nothing is overwritten yet.
func (s *shelf) noted(_ audit.Record, e journal.Erase) error {
	if s.erased == nil {
		return nil
	}
	return s.erased(e)
}

func (s *shelf) again(t *testing.T) {
	t.Helper()
	check(t, s.j.Close())
	s.open(t)
}

func (s *shelf) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.time
}

func (s *shelf) forward(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.time = s.time.Add(d)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// message puts a record on the shelf and gives it as an item.
func (s *shelf) message(t *testing.T, subject audit.SubjectID, result string) Item {
	t.Helper()
	r := audit.Record{
		Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindAdmission, Time: s.now().UnixMicro(), Tenant: "bank", App: "loans",
		Number: "106540352242922", Subject: subject, Type: "text", Result: result, Reasons: []string{"ok"},
		Parts: []audit.Part{audit.NewPart(audit.PartBody, []byte("a body"))},
	}
	b := journal.Batch{Records: []audit.Record{r}}
	check(t, s.j.Append(t.Context(), b))
	return ItemOf(&b.Records[0])
}

// hold places one and gives it.
func (s *shelf) hold(t *testing.T, scope Scope) Hold {
	t.Helper()
	h, err := s.Place(t.Context(), Hold{ID: audit.NewID(s.now()), Matter: "CASE-1", Why: "litigation", Actor: "ann", Scope: scope, Placed: s.now().UnixMicro()}, s.placed)
	check(t, err)
	return h
}

func (s *shelf) placed(Hold) (journal.Batch, error) { return s.note(), nil }

func (s *shelf) note() journal.Batch {
	return journal.Batch{Records: []audit.Record{{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindHold, Time: s.now().UnixMicro(), Type: "placed"}}}
}

// keeps wants the item to be held or not, also after a restart.
func (s *shelf) keeps(t *testing.T, what string, it Item, want bool) {
	t.Helper()
	for _, when := range []string{"", " after a restart"} {
		check(t, s.Guard(t.Context(), func(held func(Item) []Hold) error {
			if got := len(held(it)) > 0; got != want {
				t.Errorf("%s%s: held %v", what, when, got)
			}
			return nil
		}))
		s.again(t)
	}
}

func TestHoldsOutliveRestarts(t *testing.T) {
	s := newShelf(t)
	ann, alias := audit.NewSubjectID(), audit.NewSubjectID()
	was, other := s.message(t, ann, ""), s.message(t, audit.NewSubjectID(), "")
	h := s.hold(t, Scope{Tenant: "bank", Subjects: []audit.SubjectID{ann}})
	s.keeps(t, "a record of before", was, true)
	s.keeps(t, "somebody else's", other, false)
	s.keeps(t, "a record to come", s.message(t, ann, ""), true)
	under := s.message(t, alias, "")
	s.keeps(t, "before they are one", under, false)
	s.root[alias] = ann
	s.keeps(t, "under an alias", under, true)
	delete(s.root, alias)
	s.root[ann] = alias
	s.keeps(t, "linked the other way", under, true)
	s.keeps(t, "a webhook of theirs", Item{Store: StoreDeliveries, Tenant: "bank", Subject: ann}, true)
	check(t, s.Lift(t.Context(), h.ID, s.note()))
	s.keeps(t, "lifted", was, false)
	if err := s.Lift(t.Context(), h.ID, s.note()); !errors.Is(err, ErrNoHold) {
		t.Errorf("lifted twice: %v", err)
	}
}

func TestHoldsRefuse(t *testing.T) {
	s := newShelf(t)
	for name, c := range map[string]struct {
		scope Scope
		words string
	}{
		"empty":           {Scope{}, "it is empty"},
		"tenant alone":    {Scope{Tenant: "bank"}, "it is empty"},
		"backwards":       {Scope{From: 9, Until: 8}, "ends before"},
		"nobody":          {Scope{Subjects: []audit.SubjectID{{}}}, "no id"},
		"no question":     {Scope{Query: "DELETE FROM audit"}, "its query"},
		"no column":       {Scope{Query: "SELECT id FROM audit"}, "seq"},
		"another table":   {Scope{Query: "SELECT seq FROM records"}, "its query"},
		"text for places": {Scope{Query: "SELECT 'x' AS seq FROM audit"}, "column seq"},
		"two statements":  {Scope{Query: "SELECT seq FROM audit; SELECT 1"}, "its query"},
	} {
		s.message(t, audit.NewSubjectID(), "")
		_, err := s.Place(t.Context(), Hold{ID: audit.NewID(s.now()), Scope: c.scope}, s.placed)
		if !errors.Is(err, ErrScope) || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if len(s.List()) != 0 {
		t.Error("something was placed")
	}
}

// TestQueriesAreAskedAgain: what a question matches later is held, what matched
// once stays so.
func TestQueriesAreAskedAgain(t *testing.T) {
	s := newShelf(t)
	failed, fine := s.message(t, audit.NewSubjectID(), "failed"), s.message(t, audit.NewSubjectID(), "accepted")
	h := s.hold(t, Scope{Query: "SELECT seq FROM audit WHERE result = 'failed' AND body <> '' -- of this year\n;"})
	if !slices.Equal(h.Scope.Seqs, runs(failed.Seq, failed.Seq)) {
		t.Errorf("matched %v", h.Scope.Seqs)
	}
	later := s.message(t, audit.NewSubjectID(), "failed")
	s.keeps(t, "matched when placed", failed, true)
	s.keeps(t, "matched since", later, true)
	s.keeps(t, "not matched", fine, false)
	s.keeps(t, "a webhook of a matched record", Item{Store: StoreDeliveries, Row: later.Row}, true)
	s.keeps(t, "a webhook of another", Item{Store: StoreDeliveries, Row: fine.Row}, false)
	s.keeps(t, "a webhook nobody knows of", Item{Store: StoreDeliveries, Row: audit.NewID(s.now())}, true)
	check(t, s.j.Erase(t.Context(), journal.Erase{
		Record: audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro()},
		Reason: "test", Parts: []string{audit.PartBody}, Seqs: []uint64{failed.Seq},
	}))
	s.keeps(t, "matched once", failed, true)
}

// TestSlowQueriesAndPersons: one that takes long is left alone for a while, but
// not before a person's records go, which may be new.
func TestSlowQueriesAndPersons(t *testing.T) {
	s := newShelf(t)
	h := s.hold(t, Scope{Query: "SELECT seq FROM audit WHERE result = 'failed'"})
	s.asked[h.ID] = asked{at: s.now(), took: time.Minute}
	it := s.message(t, audit.NewSubjectID(), "failed")
	held := 0
	step := func(keeps func(Item) []Hold) error { held = len(keeps(it)); return nil }
	if check(t, s.Guard(t.Context(), step)); held != 0 {
		t.Error("a slow query is asked before every step")
	}
	if check(t, s.GuardPerson(t.Context(), step)); held != 1 {
		t.Error("what a query matches since does not keep a person's record")
	}
}

// TestHeldAppGetsANumber: what it receives there is held, after it lost it, too.
func TestHeldAppGetsANumber(t *testing.T) {
	s := newShelf(t)
	s.hold(t, Scope{App: "loans", AppNumbers: []string{"1"}})
	received := Item{Store: StoreRecords, Seq: 7, Kind: audit.KindInbound, Tenant: "bank", Number: "2", Time: s.now().UnixMicro()}
	s.keeps(t, "on a number of nobody", received, false)
	s.cfg.Numbers = func(app string) []string { return map[string][]string{"loans": {"2"}}[app] }
	check(t, s.Guard(t.Context(), func(func(Item) []Hold) error { return nil }))
	s.keeps(t, "on a number it got", received, true)
	received.Number = "1"
	s.keeps(t, "on the number it had", received, true)
}

// TestOutcomesAreHeld: what became of a held message is held with it.
func TestOutcomesAreHeld(t *testing.T) {
	s := newShelf(t)
	ann := audit.NewSubjectID()
	in := s.message(t, ann, "")
	s.forward(time.Hour)
	until := s.now().UnixMicro()
	out := s.message(t, ann, "")
	outcome := func(of Item) Item {
		b := journal.Batch{Records: []audit.Record{{
			Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindStatus, Time: s.now().UnixMicro(), Tenant: "bank", App: "loans",
			Number: "106540352242922", Subject: ann, Ref: of.Row, Type: "read",
		}}}
		check(t, s.j.Append(t.Context(), b))
		return ItemOf(&b.Records[0])
	}
	for _, scope := range []Scope{
		{Subjects: []audit.SubjectID{ann}, Until: until}, {Reason: "ok", Until: until}, {Query: "SELECT seq FROM audit WHERE id = '" + in.Row.String() + "'"},
	} {
		h := s.hold(t, scope)
		s.keeps(t, "the outcome of what is held", outcome(in), true)
		s.keeps(t, "the outcome of another", outcome(out), false)
		s.keeps(t, "the outcome of nothing", outcome(Item{Row: audit.NewID(s.now())}), false)
		check(t, s.Lift(t.Context(), h.ID, s.note()))
	}
}

// TestAskedHoldsEnd: what nobody approves holds until its time is over.
func TestAskedHoldsEnd(t *testing.T) {
	s := newShelf(t)
	it := s.message(t, audit.NewSubjectID(), "")
	ask := func(app string) Hold {
		h, err := s.Place(t.Context(), Hold{
			ID: audit.NewID(s.now()), Scope: Scope{App: app}, Expires: s.now().Add(time.Hour).UnixMicro(),
		}, s.placed)
		check(t, err)
		return h
	}
	h := ask("loans")
	s.keeps(t, "asked", it, true)
	s.forward(59 * time.Minute)
	h.Expires = 0
	h, err := s.Place(t.Context(), h, s.placed)
	check(t, err)
	s.forward(time.Hour)
	s.keeps(t, "approved", it, true)
	check(t, s.Lift(t.Context(), h.ID, s.note()))
	h = ask("loans")
	s.forward(time.Hour)
	s.keeps(t, "over", it, false)
	if _, err := s.Get(h.ID); !errors.Is(err, ErrNoHold) {
		t.Errorf("over: %v", err)
	}
	check(t, s.Expire(t.Context(), h, s.note()))
	s.forward(endedShown + time.Hour)
	s.hold(t, Scope{App: "cards"})
	rows, err := s.j.Settings(t.Context(), scopeHold)
	check(t, err)
	if len(rows) != 1 {
		t.Errorf("%d rows are left", len(rows))
	}
}

// TestLastMoment places holds while somebody erases in steps: once Place has
// returned, nothing of the person goes.
func TestLastMoment(t *testing.T) {
	s := newShelf(t)
	people := make([]audit.SubjectID, 8)
	var items []Item
	for i := range people {
		people[i] = audit.NewSubjectID()
	}
	for i := range 160 {
		items = append(items, s.message(t, people[i%len(people)], ""))
	}
	var held [8]atomic.Bool // Place has returned
	var wait sync.WaitGroup
	done := make(chan error, 1)
	started, placed := make(chan struct{}), make(chan struct{})
	go func() {
		var err error
		for i := 0; i < len(items) && err == nil; i += 8 {
			if i == len(items)-8 {
				<-placed // what a hold covers by then has to be there below
			}
			err = s.step(t.Context(), items[i:i+8], people, &held)
			if i == 40 {
				close(started)
			}
		}
		done <- err
	}()
	<-started
	for i, p := range people[:4] {
		wait.Go(func() {
			if _, err := s.Place(context.Background(), Hold{ID: audit.NewID(s.now()), Scope: Scope{Subjects: []audit.SubjectID{p}}}, s.placed); err != nil {
				t.Error(err)
			}
			held[i].Store(true)
		})
	}
	wait.Wait()
	close(placed)
	check(t, <-done)
	for _, it := range items[len(items)-8:] {
		r, err := s.j.Record(t.Context(), it.Row)
		check(t, err)
		if len(s.Holding(it)) == 0 != r.Parts[0].Erased {
			t.Errorf("record %d: erased %v", it.Seq, r.Parts[0].Erased)
		}
	}
}

// step erases what nothing holds, as a purge does. What was placed before it
// began must not be among it.
func (s *shelf) step(ctx context.Context, items []Item, people []audit.SubjectID, placed *[8]atomic.Bool) error {
	return s.Guard(ctx, func(held func(Item) []Hold) error {
		var seqs []uint64
		for _, it := range items {
			if len(held(it)) > 0 {
				continue
			}
			for i, p := range people {
				if it.Subject == p && placed[i].Load() {
					return errors.New("a record goes that a hold covers")
				}
			}
			seqs = append(seqs, it.Seq)
		}
		if len(seqs) == 0 {
			return nil
		}
		err := s.j.Erase(ctx, journal.Erase{
			Record: audit.Record{Version: audit.Version, ID: audit.NewID(s.now()), Kind: audit.KindErasure, Time: s.now().UnixMicro()},
			Reason: "retention", Parts: []string{audit.PartBody}, Seqs: seqs,
		})
		for _, it := range items { // nothing may have come to be held while it was erased
			if n := len(held(it)); n > 0 && slices.Contains(seqs, it.Seq) {
				return errors.New("a hold was placed within a step")
			}
		}
		return err
	})
}
