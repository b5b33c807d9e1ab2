package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Lost is another store of the trail, with records that this one lost when it
// was restored from a backup. They may be the only copy, so nobody takes them
// away for being lost; days that are over, and the erasure of a person, end
// them like others, and holds and floors keep them.
type Lost interface {
	// EachLost calls fn for each such record with a time before the given one
	// (microseconds), about some persons alone where any are named.
	EachLost(ctx context.Context, before int64, of []audit.SubjectID, fn func(*journal.Aged) error) error
	// TakeLost takes parts of records of a chain away, or with audit.PartRecord
	// the records.
	TakeLost(ctx context.Context, chain string, parts []string, seqs []uint64) error
}

// lostRows bounds what one step takes of lost records: the other store rewrites
// whole files for it.
const lostRows = 20_000

const (
	typeLost      = "lost"           // a step that is about to take lost records
	keptUnreached = "lost_unreached" // lost records could not be looked at, or not be taken
)

// ErrUnreached: the other store could not be asked for lost records.
var ErrUnreached = errors.New("the store with records that this one lost cannot be reached")

// OverLost is a source with the lost records alone; what else it says is src's.
func OverLost(src Source, lost Lost) Source { return lostSource{src, lost} }

type lostSource struct {
	Source
	lost Lost
}

// Items implements Source.
func (s lostSource) Items(ctx context.Context, _ uint64, before int64, fn func(Item) error) error {
	return eachLost(ctx, s.lost, before, nil, fn)
}

func eachLost(ctx context.Context, lost Lost, before int64, of []audit.SubjectID, fn func(Item) error) error {
	var wrong error
	err := lost.EachLost(ctx, before, of, func(a *journal.Aged) error {
		it := recordItem(a)
		it.Store, it.Chain = StoreLost, a.Record.Chain
		wrong = fn(it)
		return wrong
	})
	if err != nil && wrong == nil {
		err = fmt.Errorf("%w: %w", ErrUnreached, err)
	}
	return err
}

// lost takes what is due of lost records. Where they cannot be reached the run
// goes on without, and says so; the next one takes them.
func (r *Runner) lost(ctx context.Context, run Run, p Policy, s *steps) error {
	_, err := p.Each(ctx, r.cfg.Holds, time.UnixMicro(run.Moment), OverLost(r.cfg.Source, r.cfg.Lost), 0, func(it Item, f Fate) error { return s.take(ctx, it, f) })
	if err == nil {
		err = s.rest(ctx)
	}
	if errors.Is(err, ErrUnreached) && ctx.Err() == nil {
		clear(s.waiting)
		s.kept[keptUnreached]++
		return nil
	}
	return err
}

// takeLost is one step.
func (s *steps) takeLost(ctx context.Context, k batchKey, items []Item) error {
	for _, g := range groups(items, k.action) {
		before := s.note(audit.KindRetention, typeLost, k)
		if err := s.r.takeGroup(ctx, before, g); err != nil {
			return err
		}
		after := s.note(audit.KindRetention, typeBeside, k)
		after.Code = int64(len(g.seqs))
		if err := s.r.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{after}}); err != nil {
			return err
		}
	}
	return nil
}

// group is lost records of one chain of which the same goes.
type group struct {
	chain string
	parts []string
	seqs  []uint64
}

func groups(items []Item, action Action) []group {
	var out []group
	at := map[[2]string]int{}
	for _, it := range items {
		parts := contentParts
		switch {
		case action != ActionErase:
			parts = []string{audit.PartRecord}
		case it.Kind == audit.KindConsent:
			parts = consentParts
		}
		key := [2]string{it.Chain, fmt.Sprint(parts)}
		i, known := at[key]
		if !known {
			i = len(out)
			at[key], out = i, append(out, group{chain: it.Chain, parts: parts})
		}
		out[i].seqs = append(out[i].seqs, it.Seq)
	}
	return out
}

// taken is the detail of the record of a step.
type taken struct {
	Chain  string           `json:"chain"`
	Parts  []string         `json:"parts"`
	Ranges []audit.SeqRange `json:"ranges"`
}

// takeGroup puts on record what goes, then takes it.
func (r *Runner) takeGroup(ctx context.Context, rec audit.Record, g group) error {
	detail, err := json.Marshal(taken{g.chain, g.parts, audit.NewErasure("lost", g.parts, g.seqs).Ranges})
	if err != nil {
		return fmt.Errorf("encode what goes of lost records: %w", err)
	}
	rec.Code, rec.Parts = int64(len(g.seqs)), []audit.Part{audit.NewPart(audit.PartDetail, detail)}
	if err := r.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{rec}}); err != nil {
		return fmt.Errorf("record what goes of lost records: %w", err)
	}
	if err := r.cfg.Lost.TakeLost(ctx, g.chain, g.parts, g.seqs); err != nil {
		return fmt.Errorf("%w: %w", ErrUnreached, err)
	}
	return nil
}

// LostTaken is what became of lost records that somebody wanted gone.
type LostTaken struct {
	Taken int64            `json:"taken"`
	Kept  map[string]int64 `json:"kept"` // by what keeps them: a hold, a floor
}

// ForgetLost takes the content of what was lost about persons who were erased.
// of is the record that says so.
func (r *Runner) ForgetLost(ctx context.Context, of audit.ID, persons []audit.SubjectID) (LostTaken, error) {
	rec := r.record(audit.KindRetention, typeLost)
	rec.Ref = of
	return r.takeAll(ctx, persons, ActionErase, rec)
}

// PurgeLost takes every lost record that no hold and no floor keeps, since
// somebody decided so; why is a short token.
func (r *Runner) PurgeLost(ctx context.Context, actor, why string) (LostTaken, error) {
	if !r.busy.TryLock() {
		return LostTaken{}, ErrRunning
	}
	defer r.busy.Unlock()
	rec := r.record(audit.KindRetention, typeLost)
	rec.Actor, rec.Labels = actor, []string{"reason:" + why, "store:" + string(StoreLost)}
	return r.takeAll(ctx, nil, ActionPurge, rec)
}

// takeAll goes through lost records in steps of which no hold can be placed in
// the middle. rec is what each step's record has in common.
func (r *Runner) takeAll(ctx context.Context, persons []audit.SubjectID, action Action, rec audit.Record) (LostTaken, error) {
	out := LostTaken{Kept: map[string]int64{}}
	if r.cfg.Lost == nil {
		return out, nil
	}
	var items []Item
	step := func() error {
		some := items
		items = nil
		return r.cfg.Holds.GuardPerson(ctx, func(held func(Item) []Hold) error { return r.takeFree(ctx, some, held, action, rec, &out) })
	}
	err := eachLost(ctx, r.cfg.Lost, math.MaxInt64, persons, func(it Item) error {
		if it.Bare && action == ActionErase {
			return nil
		}
		if items = append(items, it); len(items) < lostRows {
			return nil
		}
		return step()
	})
	if err == nil && len(items) > 0 {
		err = step()
	}
	return out, err
}

// takeFree is one step of takeAll.
func (r *Runner) takeFree(ctx context.Context, items []Item, held func(Item) []Hold, action Action, rec audit.Record, out *LostTaken) error {
	p, now := r.cfg.Policy(), r.cfg.Now()
	var free []Item
	for _, it := range items {
		_, floor := p.Floor(it, now)
		switch {
		case len(held(it)) > 0:
			out.Kept[KeptByHold]++
		case floor:
			out.Kept[KeptByFloor]++
		default:
			free = append(free, it)
		}
	}
	for _, g := range groups(free, action) {
		rec.ID, rec.Time = audit.NewID(now), now.UnixMicro()
		if err := r.takeGroup(ctx, rec, g); err != nil {
			return err
		}
		out.Taken += int64(len(g.seqs))
	}
	return nil
}
