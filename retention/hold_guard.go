package retention

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// askAgain is how many times as long as a query took it is left alone before it
// is asked again: a quick one is asked before every step, a slow one takes a
// twentieth of the time.
const askAgain = 20

// Guard runs one bounded step that erases: at most some hundred rows. held says
// what keeps an item, and stays true until the step has returned, since placing
// a hold waits for it; the step must not place one. Queries of holds are asked
// again first, so that what they match since is held, too. Where one can not be
// asked, or holds may be missing (Known), the step does not run.
func (h *Holds) Guard(ctx context.Context, step func(held func(Item) []Hold) error) error {
	return h.guard(ctx, h.due, step)
}

// GuardPerson is Guard for what erases records of any age, such as those of a
// person. A query that was slow is asked again, too: what it matches may be new.
func (h *Holds) GuardPerson(ctx context.Context, step func(held func(Item) []Hold) error) error {
	return h.guard(ctx, everyQuery, step)
}

func everyQuery(audit.ID) bool { return true }

// Ask asks the queries of all holds again, the slow ones too. Whoever is about to
// take many steps of records of any age begins with it.
func (h *Holds) Ask(ctx context.Context) error {
	return h.ready(ctx, everyQuery)
}

// GuardAlone is Guard for a step beside which nothing else erases, because it
// writes what it makes of a record that is to be there still.
func (h *Holds) GuardAlone(ctx context.Context, step func(held func(Item) []Hold) error) error {
	if err := h.ready(ctx, h.due); err != nil {
		return err
	}
	h.steps.Lock()
	defer h.steps.Unlock()
	return step(h.Holding)
}

func (h *Holds) guard(ctx context.Context, due func(audit.ID) bool, step func(held func(Item) []Hold) error) error {
	if err := h.ready(ctx, due); err != nil {
		return err
	}
	h.steps.RLock()
	defer h.steps.RUnlock()
	return step(h.Holding)
}

// ready brings what holds cover up to date.
func (h *Holds) ready(ctx context.Context, due func(audit.ID) bool) error {
	if err := h.Known(); err != nil {
		return err
	}
	if err := errors.Join(h.askQueries(ctx, due), h.followApps(ctx)); err != nil {
		return fmt.Errorf("nothing was erased: %w", err)
	}
	return nil
}

// Holding are the holds that keep an item now, oldest first. Whoever erases
// looks under Guard.
func (h *Holds) Holding(it Item) []Hold {
	now, all := h.cfg.Now(), *h.all.Load()
	if len(all) > 0 && !it.Subject.IsZero() {
		it.Subject = h.cfg.Root(it.Subject)
	}
	var out []Hold
	for i := range all {
		if all[i].inForce(now) && h.covers(all[i].Scope, it) {
			out = append(out, all[i])
		}
	}
	return out
}

// covers reports whether the item, or the record whose outcome it is, fits the
// scope. it.Subject stands for its person.
func (h *Holds) covers(s Scope, it Item) bool {
	roots := make([]audit.SubjectID, len(s.Subjects))
	for i, id := range s.Subjects { // who was one person when it was placed may be part of another since
		roots[i] = h.cfg.Root(id)
	}
	s.Subjects = roots
	return h.fits(s, it) || h.outcomeOf(s, it)
}

// fits looks at the record behind a row beside the trail where it has to. What
// can not be looked up is held.
func (h *Holds) fits(s Scope, it Item) bool {
	switch {
	case !s.coversRow(it):
		return false
	case it.isRecord() || s.Reason == "" && s.Query == "":
		return s.coversRecord(it)
	}
	r, err := h.find(it.Row)
	return err != nil || s.coversRecord(ItemOf(&r))
}

// outcomeOf reports whether the item says what became of a record that fits: a
// later status has another time and no reasons, and is evidence all the same. So
// is what a record that fits says now.
func (h *Holds) outcomeOf(s Scope, it Item) bool {
	if it.Kind == audit.KindRevision && (it.isRecord() || it.Store == StoreLost) {
		return h.ofHeld(s, it)
	}
	bounded := s.From != 0 || s.Until != 0 || s.Reason != "" || s.Query != ""
	if !bounded || !it.isRecord() && it.Store != StoreLost || it.Kind != audit.KindSettle && it.Kind != audit.KindStatus && it.Kind != audit.KindDelivery {
		return false
	}
	return h.ofHeld(s, it)
}

// ofHeld reports whether the record that the item belongs to fits.
func (h *Holds) ofHeld(s Scope, it Item) bool {
	if it.Of != nil {
		whole := *it.Of
		whole.Subject = h.cfg.Root(whole.Subject)
		return h.fits(s, whole)
	}
	r, err := h.find(it.Row)
	if err != nil {
		return true
	}
	of, err := h.find(r.Ref)
	if err != nil {
		return !errors.Is(err, journal.ErrNotFound)
	}
	whole := ItemOf(&of)
	whole.Subject = h.cfg.Root(whole.Subject)
	return h.fits(s, whole)
}

func (it Item) isRecord() bool { return it.Store == StoreRecords || it.Store == "" }

// askQueries asks the queries whose time has come again. What is new to one is
// held from here on.
func (h *Holds) askQueries(ctx context.Context, due func(audit.ID) bool) error {
	h.asking.Lock()
	defer h.asking.Unlock()
	for _, one := range h.List() {
		if one.Scope.Query == "" || !due(one.ID) {
			continue
		}
		found, err := h.ask(ctx, &one)
		if err != nil {
			return fmt.Errorf("ask the query of hold %s: %w", one.ID, err)
		}
		if err := h.widen(ctx, one.ID, found); err != nil {
			return err
		}
	}
	return nil
}

// followApps adds the numbers that held apps have got since. Those that they lost
// stay: what was received there is held.
func (h *Holds) followApps(ctx context.Context) error {
	if h.cfg.Numbers == nil {
		return nil
	}
	for _, one := range h.List() {
		if one.Scope.App == "" {
			continue
		}
		numbers := h.cfg.Numbers(one.Scope.App)
		if !slices.ContainsFunc(numbers, func(n string) bool { return !slices.Contains(one.Scope.AppNumbers, n) }) {
			continue
		}
		err := h.grow(ctx, one.ID, func(was *Hold) error {
			all := slices.Concat(was.Scope.AppNumbers, numbers)
			slices.Sort(all)
			was.Scope.AppNumbers = slices.Compact(all)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (h *Holds) due(id audit.ID) bool {
	h.noting.Lock()
	last, known := h.asked[id]
	h.noting.Unlock()
	if !known {
		return true
	}
	since := h.cfg.Now().Sub(last.at)
	return since < 0 || since >= min(last.took*askAgain, time.Hour)
}

// widen adds what a query matched since, if the hold was not lifted meanwhile.
func (h *Holds) widen(ctx context.Context, id audit.ID, found []audit.SeqRange) error {
	if one, err := h.Get(id); err == nil {
		if _, grown := joined(one.Scope.Seqs, found); !grown {
			return nil
		}
	}
	return h.grow(ctx, id, func(was *Hold) error {
		was.Scope.Seqs, _ = joined(was.Scope.Seqs, found)
		if len(was.Scope.Seqs) > maxRanges {
			return fmt.Errorf("%w: hold %s has come to cover more than %d runs of records; place one by number, app or time beside it, then lift it", ErrScope, id, maxRanges)
		}
		return nil
	})
}

// grow changes what a hold covers, if it was not lifted meanwhile.
func (h *Holds) grow(ctx context.Context, id audit.ID, change func(was *Hold) error) error {
	nothing := func(Hold) (journal.Batch, error) { return journal.Batch{}, nil }
	return h.put(ctx, id, nothing, func(was *Hold) (*Hold, error) {
		if was == nil {
			return nil, nil //nolint:nilnil // nothing is to be stored
		}
		return was, change(was)
	})
}
