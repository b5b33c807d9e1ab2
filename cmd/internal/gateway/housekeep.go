package gateway

import (
	"context"
	"time"

	"postern/retention"
)

// housekeeping takes rows away that are no part of the trail and have had their
// time: webhooks that were delivered, what tells repeats. Owned by clocks.
type housekeeping struct {
	*Gateway
	until time.Time     // up to when the trail vouches for the clock
	asked time.Duration // when that was looked up
}

// vouchEvery is how long an answer counts: looking it up reads a week of records
// where the clock ever jumped.
const vouchEvery = time.Minute

// sweepsAtOnce bounds how often the store is asked to take away before the next
// time: with a thousand rows each, ten thousand a second, which is more than come.
const sweepsAtOnce = 50

// step goes on through the tables, to their end at most. While the clock is not
// trusted nothing is purged, nor while holds may be missing, and what a legal hold
// covers never. A clock that was ahead when the gateway began has not jumped: the
// trail is asked.
func (h *housekeeping) step(ctx context.Context) error {
	if h.distrust.Load() > 0 {
		h.distrust.Add(-1)
		return nil
	}
	if h.holds.Known() != nil { // FinishErasures says so
		return nil
	}
	if now := h.elapsed(); h.until.IsZero() || now >= h.asked+vouchEvery {
		until, _, err := retention.Believed(ctx, h.store.Journal, h.now())
		if err != nil {
			return err
		}
		h.until, h.asked = until, now
	}
	return sweep(func() (done bool, err error) {
		err = h.holds.Guard(ctx, func(held func(retention.Item) []retention.Hold) (err error) {
			done, err = h.store.Journal.Housekeep(ctx, h.until, h.keptRows(held))
			return err
		})
		return done, err
	})
}

// sweep goes on until all is done, or for as many steps as there may be at once.
func sweep(step func() (done bool, err error)) error {
	for range sweepsAtOnce {
		if done, err := step(); done || err != nil {
			return err
		}
	}
	return nil
}
