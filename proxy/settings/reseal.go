package settings

import (
	"context"
	"fmt"

	"postern/audit/journal"
	"postern/crypto/keyring"
)

// sealedScopes are the scopes whose values purpose secret seals.
var sealedScopes = []string{Scope, FlowScope}

// boundTo is what a sealed value is bound to: it opens in its own place alone.
func boundTo(scope, key string) []byte { return []byte(scope + "\x00" + key) }

// Reseal seals stored settings and keys of flows under the active version of
// purpose secret that an older one sealed. lost are those that changed meanwhile.
func Reseal(ctx context.Context, j *journal.Journal, keys *keyring.Keyring) (passed, moved, lost int, err error) {
	active, err := keys.ActiveVersion(keyring.Secret)
	if err != nil {
		return 0, 0, 0, err
	}
	rows, err := sealedRows(ctx, j)
	if err != nil {
		return 0, 0, 0, err
	}
	var changes []journal.Resealed
	for _, row := range rows {
		if v, err := keyring.EnvelopeVersion(keyring.Secret, row.Value); err == nil && v == active {
			continue
		}
		bound := boundTo(row.Scope, row.Key)
		plain, err := keys.UnsealSecret(bound, row.Value)
		if err != nil {
			return 0, 0, 0, fmt.Errorf("open settings: %w", err)
		}
		now, err := keys.SealSecret(bound, plain)
		clear(plain)
		if err != nil {
			return 0, 0, 0, fmt.Errorf("seal settings: %w", err)
		}
		changes = append(changes, journal.Resealed{Setting: row, Now: now})
	}
	moved, err = j.ReplaceSettings(ctx, changes)
	return len(rows), moved, len(changes) - moved, err
}

func sealedRows(ctx context.Context, j *journal.Journal) (out []journal.Setting, err error) {
	for _, scope := range sealedScopes {
		rows, err := j.Settings(ctx, scope)
		if err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
		out = append(out, rows...)
	}
	return out, nil
}

// Sealed counts the stored settings and keys of flows by the version that sealed
// them.
func Sealed(ctx context.Context, j *journal.Journal) (map[uint32]int64, error) {
	rows, err := sealedRows(ctx, j)
	if err != nil {
		return nil, err
	}
	use := map[uint32]int64{}
	for _, row := range rows {
		v, err := keyring.EnvelopeVersion(keyring.Secret, row.Value)
		if err != nil {
			return nil, fmt.Errorf("read settings: %w", err)
		}
		use[v]++
	}
	return use, nil
}
