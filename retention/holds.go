package retention

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// scopeHold is the settings scope of holds: key is the id, value the Hold.
const scopeHold = "hold"

// Errors a caller branches on.
var (
	ErrNoHold   = errors.New("no such hold is in force")
	ErrHoldFull = errors.New("there are as many holds as one gateway keeps; lift some, or join them")
)

// maxHolds bounds what every row that would go is compared with.
const maxHolds = 1000

// HoldsConfig is what Holds stand on.
type HoldsConfig struct {
	Journal *journal.Journal
	Now     func() time.Time
	// Root is the subject that stands for a person who has several. Nil is the
	// subject itself.
	Root func(audit.SubjectID) audit.SubjectID
	// Numbers are those that an app has now; nil: those it had when a hold was
	// placed are all.
	Numbers func(app string) []string
}

// Holds are all that were placed and not lifted. They are safe for concurrent
// use. Once Place has returned nothing that the hold covers is erased: what
// erases does so under Guard, and placing waits for a step that has begun.
type Holds struct {
	cfg  HoldsConfig
	find func(audit.ID) (audit.Record, error)

	steps sync.RWMutex // held for reading over a step that erases, for writing while a hold is placed

	asking sync.Mutex // held while queries are asked again
	noting sync.Mutex // guards asked
	asked  map[audit.ID]asked

	changing sync.Mutex             // held over a change of all
	all      atomic.Pointer[[]Hold] // what is stored, oldest first; never changed in place

	unknown atomic.Bool // see Known
}

// asked is when a hold's query was asked last, and how long that took.
type asked struct {
	at   time.Time
	took time.Duration
}

// LoadHolds reads what was placed.
func LoadHolds(ctx context.Context, cfg HoldsConfig) (*Holds, error) {
	if cfg.Root == nil {
		cfg.Root = func(id audit.SubjectID) audit.SubjectID { return id }
	}
	h := &Holds{cfg: cfg, asked: map[audit.ID]asked{}}
	later := context.WithoutCancel(ctx)
	h.find = func(id audit.ID) (audit.Record, error) { return cfg.Journal.Record(later, id) }
	rows, err := cfg.Journal.Settings(ctx, scopeHold)
	if err != nil {
		return nil, fmt.Errorf("load holds: %w", err)
	}
	all := make([]Hold, 0, len(rows))
	for _, row := range rows {
		var one Hold
		if err := json.Unmarshal(row.Value, &one); err != nil || one.ID.String() != row.Key || one.Scope.check() != nil {
			return nil, errors.New("load holds: a stored one is damaged; nothing may be erased before it is known what it holds: verify the journal")
		}
		all = append(all, one)
	}
	h.set(all)
	return h, h.loadKnown(ctx)
}

// set takes over what is stored.
func (h *Holds) set(all []Hold) {
	slices.SortFunc(all, func(a, b Hold) int {
		return cmp.Or(cmp.Compare(a.Placed, b.Placed), bytes.Compare(a.ID[:], b.ID[:]))
	})
	h.all.Store(&all)
}

// replace takes the named ones out and puts others in their place.
func (h *Holds) replace(gone []audit.ID, in ...Hold) {
	h.changing.Lock()
	defer h.changing.Unlock()
	stay := slices.DeleteFunc(slices.Clone(*h.all.Load()), func(x Hold) bool { return slices.Contains(gone, x.ID) })
	h.set(append(stay, in...))
}

// List are the holds in force, oldest first.
func (h *Holds) List() []Hold {
	now := h.cfg.Now()
	return slices.DeleteFunc(slices.Clone(*h.all.Load()), func(x Hold) bool { return !x.inForce(now) })
}

// Get is one in force, or ErrNoHold.
func (h *Holds) Get(id audit.ID) (Hold, error) {
	all := h.List()
	i := slices.IndexFunc(all, func(x Hold) bool { return x.ID == id })
	if i < 0 {
		return Hold{}, ErrNoHold
	}
	return all[i], nil
}

// Place puts a hold in force, or another state of it, together with the batch
// that note makes of it, which says so on record. It waits for steps that erase
// now; once it has returned nothing that the hold covers goes. It gives the hold
// as stored.
func (h *Holds) Place(ctx context.Context, one Hold, note func(Hold) (journal.Batch, error)) (Hold, error) {
	if err := one.Scope.check(); err != nil {
		return Hold{}, err
	}
	if one.Scope.Query != "" {
		found, err := h.ask(ctx, &one)
		if err != nil {
			return Hold{}, err
		}
		one.Scope.Seqs, _ = joined(one.Scope.Seqs, found)
	}
	err := h.put(ctx, one.ID, note, func(was *Hold) (*Hold, error) {
		if was != nil { // what its query matched once stays matched
			one.Scope.Seqs, _ = joined(was.Scope.Seqs, one.Scope.Seqs)
		}
		return &one, nil
	})
	return one, err
}

// ask asks a hold's query and notes when.
func (h *Holds) ask(ctx context.Context, one *Hold) ([]audit.SeqRange, error) {
	began := h.cfg.Now()
	found, err := matches(ctx, h.cfg.Journal, one.Scope.Query)
	if err != nil {
		return nil, err
	}
	h.noting.Lock()
	defer h.noting.Unlock()
	h.asked[one.ID] = asked{at: began, took: h.cfg.Now().Sub(began)}
	return found, nil
}

// put stores what change makes of a hold, while nothing is erased. was is nil
// for one not in force; nothing is stored where change gives nil.
func (h *Holds) put(ctx context.Context, id audit.ID, note func(Hold) (journal.Batch, error), change func(was *Hold) (*Hold, error)) error {
	h.steps.Lock()
	defer h.steps.Unlock()
	was, over, others := h.divide(id)
	one, err := change(was)
	switch {
	case err != nil || one == nil:
		return err
	case others >= maxHolds:
		return ErrHoldFull
	}
	value, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("encode hold: %w", err)
	}
	b, err := note(*one)
	if err != nil {
		return err
	}
	row := journal.Setting{Scope: scopeHold, Key: id.String(), Value: value, Time: h.cfg.Now().UnixMicro()}
	b.Settings = slices.Concat(b.Settings, h.rows(over), []journal.Setting{row})
	b.OnCommit(func() { h.replace(append(over, id), *one) })
	if err := h.cfg.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("store hold: %w", err)
	}
	return nil
}

// divide looks for the hold among those in force, and gives those that ended long
// ago and how many others there are.
func (h *Holds) divide(id audit.ID) (was *Hold, over []audit.ID, others int) {
	now := h.cfg.Now()
	for _, x := range *h.all.Load() {
		switch {
		case !x.inForce(now) && x.ID != id:
			if x.Ended != 0 && x.Ended < now.Add(-endedShown).UnixMicro() {
				over = append(over, x.ID)
			}
		case x.ID != id:
			others++
		case x.inForce(now):
			was = &x
		}
	}
	return was, over, others
}

// rows drop stored holds.
func (h *Holds) rows(gone []audit.ID) []journal.Setting {
	out := make([]journal.Setting, len(gone))
	for i, id := range gone {
		out[i] = journal.Setting{Scope: scopeHold, Key: id.String(), Time: h.cfg.Now().UnixMicro()}
	}
	return out
}

// Lift ends a hold together with the batch, which says so on record.
func (h *Holds) Lift(ctx context.Context, id audit.ID, b journal.Batch) error {
	h.steps.Lock()
	defer h.steps.Unlock()
	if _, err := h.Get(id); err != nil {
		return err
	}
	b.Settings = append(b.Settings, h.rows([]audit.ID{id})...)
	b.OnCommit(func() { h.replace([]audit.ID{id}) })
	if err := h.cfg.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("lift hold: %w", err)
	}
	return nil
}
