package gateway

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/crypto/keyring"
)

// keepSuccessions records, for each checkpoint key in use, the statement of the
// one before it that it follows. It runs before each checkpoint, so the first
// one that a new key signs covers the statement that leads to it. What cannot
// be stated, since one of the two was destroyed, is an alarm: an auditor has to
// be given the new key by hand.
func (g *Gateway) keepSuccessions(ctx context.Context) error {
	used := slices.DeleteFunc(g.store.Keys.CheckpointKeys(), func(k keyring.PublicKey) bool { return k.State == keyring.Next })
	if len(used) < 2 || used[len(used)-1].Version == g.vouched {
		return nil
	}
	rows, err := g.store.Journal.Settings(ctx, journal.ScopeCheckpointKeys)
	if err != nil {
		return fmt.Errorf("look up statements of checkpoint keys: %w", err)
	}
	for i, k := range used[1:] {
		name := strconv.FormatUint(uint64(k.Version), 10)
		if slices.ContainsFunc(rows, func(s journal.Setting) bool { return s.Key == name }) {
			continue
		}
		if err := g.keepSuccession(ctx, used[i], k, name); err != nil {
			return fmt.Errorf("state who follows checkpoint key %d: %w", used[i].Version, err)
		}
	}
	g.vouched = used[len(used)-1].Version
	return nil
}

func (g *Gateway) keepSuccession(ctx context.Context, before, after keyring.PublicKey, name string) error {
	now := g.now()
	note, err := boot.Succession(g.store.Keys, before, after, now.UnixMicro())
	if errors.Is(err, keyring.ErrDestroyed) {
		g.log.Error().Uint32("key", after.Version).Msg("no statement leads to this checkpoint key: the one before it was destroyed too early; publish the new key by hand")
		g.metrics.Alarm("checkpoint_key")
		return nil
	}
	if err != nil {
		return err
	}
	detail, err := json.Marshal(map[string]string{"statement": string(note)})
	if err != nil {
		return fmt.Errorf("encode statement: %w", err)
	}
	return g.store.Journal.Append(ctx, journal.Batch{
		Records: []audit.Record{{
			Version: 1, ID: audit.NewID(now), Kind: audit.KindAccess, Time: now.UnixMicro(), Actor: "system", Type: "checkpoint_key",
			Result: "succeeded", Code: int64(after.Version), Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
		}},
		Settings: []journal.Setting{{Scope: journal.ScopeCheckpointKeys, Key: name, Value: note, Time: now.UnixMicro()}},
	})
}
