package rotation

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/settings"
)

// order is that in which work is done.
var order = []keyring.Purpose{keyring.Index, keyring.Secret, keyring.KEK}

// Rows of one step: read at once, and changed in one transaction. While
// messages are recorded beside it steps are short, and rest five times as long
// as they take: messages find store and processor free most of the time.
const (
	quietRows = 1000
	busyRows  = 50
	busyRest  = 5
)

// found is what a walk met: rows it moved, rows that changed before it could,
// and rows that can not be opened any more.
type found struct{ moved, lost, stuck int }

func (f *found) add(o found) { f.moved += o.moved; f.lost += o.lost; f.stuck += o.stuck }

// use counts what rests in the store under each version of a purpose whose
// values are moved; nil for the others.
func (w *Worker) use(ctx context.Context, p keyring.Purpose) (map[uint32]int64, error) {
	switch p {
	case keyring.KEK:
		return w.cfg.Journal.DataKeyUse(ctx)
	case keyring.Index:
		return w.cfg.Journal.IndexUse(ctx)
	case keyring.Secret:
		return settings.Sealed(ctx, w.cfg.Journal)
	default:
		return nil, nil
	}
}

// step passes some rows and says how many, 0 at the end of the table.
type step func(ctx context.Context, limit int) (passed int, f found, err error)

func (w *Worker) steps(p keyring.Purpose) step {
	switch p {
	case keyring.KEK:
		return w.walkDataKeys()
	case keyring.Index:
		return w.walkPeople()
	default:
		return w.walkSettings()
	}
}

// walk goes once through the table.
func (w *Worker) walk(ctx context.Context, p keyring.Purpose) (found, error) {
	use, err := w.use(ctx, p)
	if err != nil {
		return found{}, err
	}
	total := int64(0)
	for _, n := range use {
		total += n
	}
	w.note(p, func(k *Work) { k.Seen, k.Total, k.Stuck = 0, total, 0 })
	var all found
	busy := true // until the first step has shown otherwise, which rests in any case
	for next, first := w.steps(p), true; ; first = false {
		began, size := time.Now(), w.cfg.Journal.Head().Size
		passed, f, err := next(ctx, rowsOf(busy))
		all.add(f)
		w.note(p, func(k *Work) { k.Seen += passed; k.Moved += f.moved; k.Stuck += f.stuck })
		if err != nil || passed == 0 {
			return all, err
		}
		busy = w.cfg.Journal.Head().Size != size
		if f.moved > 0 && !w.yield(ctx, busy || first, time.Since(began)) {
			return all, context.Cause(ctx)
		}
	}
}

func rowsOf(busy bool) int {
	if busy {
		return busyRows
	}
	return quietRows
}

// yield rests after a step, and reports false when ctx ended.
func (w *Worker) yield(ctx context.Context, busy bool, took time.Duration) bool {
	if !busy {
		return ctx.Err() == nil
	}
	return rest(ctx, max(w.cfg.Pause, busyRest*took))
}

func (w *Worker) walkDataKeys() step {
	var after journal.DataKey
	return func(ctx context.Context, limit int) (int, found, error) {
		keys, err := w.cfg.Journal.DataKeysAfter(ctx, after, limit)
		if err != nil || len(keys) == 0 {
			return 0, found{}, err
		}
		after = keys[len(keys)-1]
		var f found
		changes := make([]journal.Rewrapped, 0, len(keys))
		for _, k := range keys {
			now, err := w.cfg.Keys.Rewrap(k.Wrapped, keyring.Scope{Subject: k.Subject, Class: k.Class, Month: k.Month})
			switch {
			case errors.Is(err, keyring.ErrOpen), errors.Is(err, keyring.ErrDestroyed):
				f.stuck++
			case err != nil:
				return len(keys), f, err
			case now != nil:
				changes = append(changes, journal.Rewrapped{DataKey: k, Now: now})
			}
		}
		f.moved, err = w.cfg.Journal.ReplaceDataKeys(ctx, changes)
		f.lost = len(changes) - f.moved
		return len(keys), f, err
	}
}

func (w *Worker) walkPeople() step {
	var after audit.SubjectID
	return func(ctx context.Context, limit int) (int, found, error) {
		people, err := w.cfg.Journal.SubjectsAfter(ctx, after, limit)
		if err != nil || len(people) == 0 {
			return 0, found{}, err
		}
		after = people[len(people)-1].ID
		var f found
		f.moved, f.lost, f.stuck, err = w.cfg.People.Reindex(ctx, people)
		return len(people), f, err
	}
}

// walkSettings passes all at once: an app has two at most.
func (w *Worker) walkSettings() step {
	over := false
	return func(ctx context.Context, _ int) (int, found, error) {
		if over {
			return 0, found{}, nil
		}
		over = true
		passed, moved, lost, err := settings.Reseal(ctx, w.cfg.Journal, w.cfg.Keys)
		if err != nil {
			err = fmt.Errorf("seal settings anew: %w", err)
		}
		return passed, found{moved: moved, lost: lost}, err
	}
}
