package retention

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// endedShown is how long a hold that nobody approved is shown.
const endedShown = 30 * 24 * time.Hour

// Unapproved are holds that were asked for and that no second person approved in
// time, oldest first. They hold nothing; those with Ended are on record.
func (h *Holds) Unapproved() []Hold {
	now := h.cfg.Now()
	return slices.DeleteFunc(slices.Clone(*h.all.Load()), func(x Hold) bool {
		return x.inForce(now) || x.Ended != 0 && x.Ended < now.Add(-endedShown).UnixMicro()
	})
}

// Expire ends a hold of Unapproved together with the batch, which says so on
// record. It is ErrNoHold for one that is in force.
func (h *Holds) Expire(ctx context.Context, one Hold, b journal.Batch) error {
	h.steps.Lock()
	defer h.steps.Unlock()
	now := h.cfg.Now()
	if one.Ended != 0 || one.inForce(now) {
		return ErrNoHold
	}
	one.Ended = now.UnixMicro()
	value, err := json.Marshal(one)
	if err != nil {
		return fmt.Errorf("encode hold: %w", err)
	}
	b.Settings = append(b.Settings, journal.Setting{Scope: scopeHold, Key: one.ID.String(), Value: value, Time: one.Ended})
	b.OnCommit(func() { h.replace([]audit.ID{one.ID}, one) })
	if err := h.cfg.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("store that a hold ended: %w", err)
	}
	return nil
}
