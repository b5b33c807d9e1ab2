package retention

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
)

// LostErasure is what was erased of records that a restored store lost. Their
// erasure was lost with them, so another store of the trail may have them whole.
type LostErasure struct {
	Chain  string           `json:"chain"`
	Parts  []string         `json:"parts"`
	Ranges []audit.SeqRange `json:"ranges"`
}

// scopeLostErasure is the settings scope of erasures that are to be carried out
// again in another store: key is the chain and the parts.
const scopeLostErasure = "lost_erasure"

func (l *LostErasure) key() string { return l.Chain + " " + strings.Join(l.Parts, ",") }

// setting is the row; without ranges it goes.
func (l *LostErasure) setting(at int64) (journal.Setting, error) {
	row := journal.Setting{Scope: scopeLostErasure, Key: l.key(), Time: at}
	if len(l.Ranges) == 0 {
		return row, nil
	}
	var err error
	if row.Value, err = json.Marshal(l); err != nil {
		return row, fmt.Errorf("encode an erasure of lost records: %w", err)
	}
	return row, nil
}

func lostErasures(ctx context.Context, j *journal.Journal) ([]LostErasure, error) {
	rows, err := j.Settings(ctx, scopeLostErasure)
	if err != nil {
		return nil, fmt.Errorf("look for erasures of lost records: %w", err)
	}
	out := make([]LostErasure, len(rows))
	for i, row := range rows {
		if err := json.Unmarshal(row.Value, &out[i]); err != nil || out[i].key() != row.Key {
			return nil, errors.New("look for erasures of lost records: a stored one is damaged; verify the journal")
		}
	}
	return out, nil
}

// LostErasures are the rows by which a restored store remembers what is to be
// erased elsewhere, with what it remembered before.
func LostErasures(ctx context.Context, j *journal.Journal, more []LostErasure, at int64) ([]journal.Setting, error) {
	all, err := lostErasures(ctx, j)
	if err != nil || len(more) == 0 {
		return nil, err
	}
	for _, l := range more {
		slices.Sort(l.Parts)
		i := slices.IndexFunc(all, func(o LostErasure) bool { return o.key() == l.key() })
		if i < 0 {
			i, all = len(all), append(all, LostErasure{Chain: l.Chain, Parts: l.Parts})
		}
		all[i].Ranges, _ = joined(all[i].Ranges, l.Ranges)
	}
	out := make([]journal.Setting, len(all))
	for i := range all {
		if out[i], err = all[i].setting(at); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// again is one erasure of lost records that is carried out.
type again struct {
	LostErasure
	found []Item           // not looked at yet
	held  []audit.SeqRange // what a hold keeps: it waits
}

// RepeatLost erases in the other store what had been erased of records that this
// one lost since, but for what a hold has come to keep. Where that store can not
// be asked, or holds may be missing, it is for the next call.
func (r *Runner) RepeatLost(ctx context.Context) error {
	if r.cfg.Lost == nil || r.cfg.Holds.Known() != nil || !r.busy.TryLock() {
		return nil
	}
	defer r.busy.Unlock()
	stored, err := lostErasures(ctx, r.cfg.Journal)
	if err != nil || len(stored) == 0 {
		return err
	}
	all := make([]again, len(stored))
	for i := range stored {
		all[i].LostErasure = stored[i]
	}
	err = eachLost(ctx, r.cfg.Lost, math.MaxInt64, nil, func(it Item) error {
		for i := range all {
			if err := r.meet(ctx, &all[i], it); err != nil {
				return err
			}
		}
		return nil
	})
	for i := range all {
		if err == nil {
			err = r.eraseAgain(ctx, &all[i])
		}
	}
	switch {
	case errors.Is(err, ErrUnreached):
		return nil
	case err != nil:
		return err
	}
	return r.noteAgain(ctx, all)
}

// meet collects the item where the erasure covers it.
func (r *Runner) meet(ctx context.Context, a *again, it Item) error {
	bare := it.Bare && !slices.Contains(a.Parts, audit.PartRecord)
	if it.Chain != a.Chain || bare || !inRanges(a.Ranges, it.Seq) {
		return nil
	}
	if a.found = append(a.found, it); len(a.found) < lostRows {
		return nil
	}
	return r.eraseAgain(ctx, a)
}

// eraseAgain is one step.
func (r *Runner) eraseAgain(ctx context.Context, a *again) error {
	if len(a.found) == 0 {
		return nil
	}
	return r.cfg.Holds.GuardPerson(ctx, func(held func(Item) []Hold) error {
		g := group{chain: a.Chain, parts: a.Parts}
		for _, it := range a.found {
			if len(held(it)) > 0 {
				a.held = append(a.held, audit.SeqRange{First: it.Seq, Last: it.Seq})
			} else {
				g.seqs = append(g.seqs, it.Seq)
			}
		}
		a.found = nil
		if len(g.seqs) == 0 {
			return nil
		}
		rec := r.record(audit.KindRetention, typeLost)
		rec.Labels = []string{"reason:" + scopeRestored, "store:" + string(StoreLost)}
		return r.takeGroup(ctx, rec, g)
	})
}

// noteAgain leaves what holds keep for later.
func (r *Runner) noteAgain(ctx context.Context, all []again) error {
	var b journal.Batch
	for i := range all {
		all[i].Ranges = audit.JoinRanges(all[i].held)
		row, err := all[i].setting(r.cfg.Now().UnixMicro())
		if err != nil {
			return err
		}
		b.Settings = append(b.Settings, row)
	}
	if err := r.cfg.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("note what was erased of lost records: %w", err)
	}
	return nil
}
