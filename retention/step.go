package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
)

// stepRows bounds what one step takes, and with it how long a hold waits to be
// placed. While persons go nobody is looked up, so of these it takes few.
const (
	stepRows    = 500
	stepPersons = 10
)

// coldRows bounds what one object of cold storage holds: it is made in memory.
const coldRows = 2000

// maxTraces bounds the values that are looked for afterwards: of each step some.
const maxTraces = 4096

// Parts that go where the action is erase, ascending.
var (
	contentParts = []string{audit.PartAnswer, audit.PartBody, audit.PartInput, audit.PartOriginal, audit.PartSent}
	consentParts = []string{audit.PartAnswer, audit.PartBody, audit.PartDetail, audit.PartInput, audit.PartOriginal, audit.PartSent}
)

// What keeps a row that the plan would let go.
const (
	keptByOutcome = "outcome"   // an admission at or below it has no outcome yet
	keptByFact    = "fact"      // it proves a consent or an opt-out that holds
	keptByCold    = "cold"      // it is to move to cold storage and none is configured
	keptByAway    = "cold_away" // it is to move there, which did not work: the next run tries again
)

// batchKey is what the items of one step have in common.
type batchKey struct {
	store  Store
	class  string
	action Action
	day    string
}

func (k batchKey) ofRecords() bool { return k.store == StoreRecords || k.store == "" }

// rows bounds what one step takes.
func (k batchKey) rows() int {
	switch {
	case k.store == StoreLost:
		return lostRows
	case k.store == StorePersons:
		return stepPersons
	case k.moves():
		return coldRows
	}
	return stepRows
}

func (k batchKey) moves() bool { return k.action == ActionCold && k.ofRecords() }

// steps collects what is due and takes it in steps of one class and day each.
type steps struct {
	r       *Runner
	run     Run
	p       Policy
	waiting map[batchKey][]Item
	inForce map[audit.ID]bool
	kept    map[string]int64 // by why
	traces  [][]byte         // salts of parts that went: each is nowhere else
	cold    blob.Bucket      // nil where there is none

	coldChecked bool  // cold can be written to
	coldAway    error // it could not: this run leaves it alone
}

func (r *Runner) newSteps(ctx context.Context, run Run, p Policy) (*steps, error) {
	inForce, err := r.cfg.Journal.InForce(ctx, r.cfg.Now().UnixMicro())
	if err != nil {
		return nil, fmt.Errorf("look what holds: %w", err)
	}
	s := &steps{r: r, run: run, p: p, waiting: map[batchKey][]Item{}, inForce: inForce, kept: map[string]int64{}}
	if r.cfg.Cold != nil {
		if s.cold, err = r.cfg.Cold(); err != nil {
			s.away(fmt.Errorf("open cold storage: %w", err))
		}
	}
	return s, nil
}

// take puts an item with those of its class and day.
func (s *steps) take(ctx context.Context, it Item, f Fate) error {
	for _, k := range f.Kept {
		s.kept[k.By]++
	}
	if f.Action == "" {
		return nil
	}
	k := batchKey{it.Store, it.Class, f.Action, day(it.Time)}
	it.rests = nil // looked at again when it goes
	s.waiting[k] = append(s.waiting[k], it)
	if len(s.waiting[k]) < k.rows() {
		return nil
	}
	items := s.waiting[k]
	delete(s.waiting, k)
	return s.step(ctx, k, items)
}

// rest takes what did not fill a step, day by day: what was recorded together
// rests together.
func (s *steps) rest(ctx context.Context) error {
	keys := slices.SortedFunc(maps.Keys(s.waiting), func(a, b batchKey) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.store, b.store), cmp.Compare(a.class, b.class), cmp.Compare(a.action, b.action))
	})
	for _, k := range keys {
		items := s.waiting[k]
		delete(s.waiting, k)
		if err := s.step(ctx, k, items); err != nil {
			return err
		}
	}
	return nil
}

// step moves what is to move, then takes it.
func (s *steps) step(ctx context.Context, k batchKey, items []Item) error {
	if !k.moves() {
		return s.takeOut(ctx, k, items, nil)
	}
	frozen, err := s.moveOut(ctx, k, items)
	if err != nil {
		return err
	}
	for some := range slices.Chunk(items, stepRows) {
		if err := s.takeOut(ctx, k, some, frozen); err != nil {
			return err
		}
	}
	return nil
}

// takeOut erases what nothing keeps. No hold can be placed while it runs.
func (s *steps) takeOut(ctx context.Context, k batchKey, items []Item, frozen map[uint64]bool) error {
	began := s.r.cfg.Now()
	err := s.r.cfg.Holds.Guard(ctx, func(held func(Item) []Hold) error {
		items = slices.DeleteFunc(items, func(it Item) bool { return s.keep(len(held(it)) > 0, KeptByHold) })
		if len(items) == 0 {
			return nil
		}
		if k.store == StoreLost {
			return s.takeLost(ctx, k, items)
		}
		if k.store == StorePersons {
			return s.vacate(ctx, k, items, held)
		}
		if !k.ofRecords() {
			return s.beside(ctx, k, items)
		}
		return s.records(ctx, k, items, frozen)
	})
	if err != nil {
		return err
	}
	if err := s.r.fault("step"); err != nil {
		return err
	}
	return s.r.cfg.Pause(ctx, max(0, s.r.cfg.Now().Sub(began)))
}

// keep counts what stays.
func (s *steps) keep(stays bool, why string) bool {
	if stays {
		s.kept[why]++
	}
	return stays
}

// note is the record of a step: what it belongs to and whose days were over.
func (s *steps) note(kind audit.Kind, typ string, k batchKey) audit.Record {
	rec := s.r.record(kind, typ)
	rec.Ref, rec.Revision = s.run.ID, s.p.Revision
	rec.Labels = []string{"store:" + string(k.store), "class:" + k.class, "action:" + string(k.action), "day:" + k.day}
	return rec
}

// records erases parts of records or purges them; what is to move only where it
// is in cold storage.
func (s *steps) records(ctx context.Context, k batchKey, items []Item, frozen map[uint64]bool) error {
	found, err := s.due(ctx, k, items)
	if k.action == ActionCold {
		found = slices.DeleteFunc(found, func(r audit.Record) bool { return !frozen[r.Seq] })
	}
	if err != nil || len(found) == 0 {
		return err
	}
	if k.action != ActionErase {
		return s.erase(ctx, k, []string{audit.PartRecord}, found)
	}
	// The detail of a consent is about the person; others' details are not.
	consent := func(r audit.Record) bool { return r.Kind == audit.KindConsent }
	others := slices.DeleteFunc(slices.Clone(found), consent)
	consents := slices.DeleteFunc(found, func(r audit.Record) bool { return !consent(r) })
	return errors.Join(s.erase(ctx, k, contentParts, others), s.erase(ctx, k, consentParts, consents))
}

// due are the records of items that nothing keeps, but a hold.
func (s *steps) due(ctx context.Context, k batchKey, items []Item) ([]audit.Record, error) {
	seqs := make([]uint64, len(items))
	for i, it := range items {
		seqs[i] = it.Seq
	}
	read := s.r.cfg.Journal.RecordsAt
	if k.action == ActionPurge && len(s.traces) >= maxTraces {
		read = s.r.cfg.Journal.HeadsAt
	}
	found, err := read(ctx, seqs)
	if err != nil {
		return nil, err
	}
	unshipped, err := s.shipped(ctx)
	if err != nil {
		return nil, err
	}
	open := s.r.cfg.Journal.LowestOpen()
	return slices.DeleteFunc(found, func(r audit.Record) bool { return s.stays(&r, k, open, unshipped) }), nil
}

// erase records what goes and overwrites it.
func (s *steps) erase(ctx context.Context, k batchKey, parts []string, found []audit.Record) error {
	if len(found) == 0 {
		return nil
	}
	seqs := make([]uint64, len(found))
	for i := range found {
		seqs[i] = found[i].Seq
	}
	s.trace(found, parts)
	k.store = StoreRecords
	return s.r.cfg.Journal.Erase(ctx, journal.Erase{
		Record: s.note(audit.KindErasure, "", k), Reason: "retention", Parts: parts, Seqs: seqs, Later: true,
	})
}

// stays tells whether something keeps a record, or nothing of it is left.
func (s *steps) stays(r *audit.Record, k batchKey, open, unshipped uint64) bool {
	switch {
	case r.Purged:
		return true
	case k.action == ActionErase:
		goes := func(p audit.Part) bool {
			return !p.Erased && (slices.Contains(contentParts, p.Name) || r.Kind == audit.KindConsent && p.Name == audit.PartDetail)
		}
		return s.keep(s.inForce[r.ID] && r.Kind == audit.KindConsent, keptByFact) || !slices.ContainsFunc(r.Parts, goes)
	}
	return s.keep(lasts(ItemOf(r)), KeptByProof) ||
		s.keep(s.inForce[r.ID], keptByFact) ||
		s.keep(r.Seq >= open, keptByOutcome) ||
		s.keep(r.Seq >= unshipped, KeptByFollower) ||
		s.keep(k.action == ActionCold && s.coldAway != nil, keptByAway) ||
		s.keep(k.action == ActionCold && s.cold == nil, keptByCold)
}

// shipped is the first record that some follower has not read yet.
func (s *steps) shipped(ctx context.Context) (uint64, error) {
	low := s.r.cfg.Journal.Head().Size
	followers, err := s.r.cfg.Journal.Followers(ctx)
	for _, f := range followers {
		low = min(low, f.Next)
	}
	return low, err
}

// trace remembers salts of what goes, to look for them afterwards.
func (s *steps) trace(found []audit.Record, parts []string) {
	for i := range found {
		for j := range found[i].Parts {
			p := &found[i].Parts[j]
			if len(s.traces) < maxTraces && !p.Erased && (parts[0] == audit.PartRecord || slices.Contains(parts, p.Name)) {
				s.traces = append(s.traces, slices.Clone(p.Salt[:]))
				break // one of each record
			}
		}
	}
}

// labelsOf is under what a step is counted.
func labelsOf(r audit.Record) string { return strings.Join(r.Labels, " ") }

// beside erases media, dead letters and facts. That they go is recorded first.
func (s *steps) beside(ctx context.Context, k batchKey, items []Item) error {
	items, err := s.needless(ctx, items)
	if err != nil || len(items) == 0 {
		return err
	}
	e := journal.Erase{Record: s.note(audit.KindRetention, typeBeside, k), Reason: "retention", Later: true}
	e.Tally = s.run.tally(labelsOf(e.Record))
	for _, it := range items {
		switch k.store {
		case StoreMedia:
			e.Media = append(e.Media, it.Row)
		case StoreDeliveries:
			e.Dead = append(e.Dead, journal.Outcome{ID: it.Row, App: it.App})
		case StoreFacts:
			e.Facts, e.Dropped = append(e.Facts, *it.fact), s.r.cfg.Lapsed
		default:
			return fmt.Errorf("nothing is known of a store %q", k.store)
		}
	}
	e.Record.Code = int64(len(items))
	return s.r.cfg.Journal.Erase(ctx, e)
}

// destroyKeys destroys the data keys that nothing needs any more, in steps. How old
// they are is told by the run's moment: the clock may have jumped since.
func (s *steps) destroyKeys(ctx context.Context) error {
	var after journal.DataKey
	for {
		idle, last, err := s.r.cfg.Journal.IdleKeys(ctx, after, time.UnixMicro(s.run.Moment), 1000)
		if err != nil || last.Month == "" {
			return err
		}
		after = last
		for some := range slices.Chunk(idle, stepRows) {
			if err := s.destroy(ctx, some); err != nil {
				return err
			}
		}
	}
}

func (s *steps) destroy(ctx context.Context, some []journal.DataKey) error {
	rec := s.r.record(audit.KindRetention, typeKeys)
	rec.Ref, rec.Revision, rec.Code = s.run.ID, s.p.Revision, int64(len(some))
	if err := s.r.cfg.Journal.Erase(ctx, journal.Erase{Record: rec, Reason: "retention", Keys: some, Tally: s.run.ID.String(), Later: true}); err != nil {
		return err
	}
	if s.r.cfg.Forget != nil {
		s.r.cfg.Forget(some)
	}
	return s.r.fault("keys")
}
