package retention

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/audit/journal"
)

// ErrRestored: the store came back from a backup, which does not have the holds
// that were placed after it.
var ErrRestored = errors.New(`the store was restored from a backup, which lacks the holds placed since: nothing is purged or erased before they are placed again and "postern hold complete" says so`)

// A row that a restored store has until somebody said that its holds are whole.
const (
	scopeRestored = "restored"
	keyHolds      = "holds"
)

// HoldsUnknown is the row that a restoration stores with its first record.
func HoldsUnknown(now time.Time) journal.Setting {
	return journal.Setting{Scope: scopeRestored, Key: keyHolds, Value: []byte("unknown"), Time: now.UnixMicro()}
}

// Known is ErrRestored while holds may be missing after a restoration.
func (h *Holds) Known() error {
	if h.unknown.Load() {
		return ErrRestored
	}
	return nil
}

func (h *Holds) loadKnown(ctx context.Context) error {
	rows, err := h.cfg.Journal.Settings(ctx, scopeRestored)
	if err != nil {
		return fmt.Errorf("look whether the store was restored: %w", err)
	}
	h.unknown.Store(len(rows) > 0)
	return nil
}

// Complete says that all holds are in force again, together with the batch that
// has it on record. It is no error where nobody doubted it.
func (h *Holds) Complete(ctx context.Context, b journal.Batch) error {
	h.steps.Lock()
	defer h.steps.Unlock()
	b.Settings = append(b.Settings, journal.Setting{Scope: scopeRestored, Key: keyHolds, Time: h.cfg.Now().UnixMicro()})
	b.OnCommit(func() { h.unknown.Store(false) })
	if err := h.cfg.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("store that holds are complete: %w", err)
	}
	return nil
}
