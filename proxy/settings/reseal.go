package settings

import (
	"context"
	"fmt"

	"postern/audit/journal"
	"postern/crypto/keyring"
)

// Reseal seals stored settings under the active version of purpose secret that
// an older one sealed. lost are those that an app changed meanwhile.
func Reseal(ctx context.Context, j *journal.Journal, keys *keyring.Keyring) (passed, moved, lost int, err error) {
	rows, err := j.Settings(ctx, Scope)
	if err != nil {
		return 0, 0, 0, fmt.Errorf("read app settings: %w", err)
	}
	active, err := keys.ActiveVersion(keyring.Secret)
	if err != nil {
		return 0, 0, 0, err
	}
	var changes []journal.Resealed
	for _, row := range rows {
		if v, err := keyring.EnvelopeVersion(keyring.Secret, row.Value); err == nil && v == active {
			continue
		}
		bound := []byte(Scope + "\x00" + row.Key)
		plain, err := keys.UnsealSecret(bound, row.Value)
		if err != nil {
			return 0, 0, 0, fmt.Errorf("open app settings: %w", err)
		}
		now, err := keys.SealSecret(bound, plain)
		clear(plain)
		if err != nil {
			return 0, 0, 0, fmt.Errorf("seal app settings: %w", err)
		}
		changes = append(changes, journal.Resealed{Setting: row, Now: now})
	}
	moved, err = j.ReplaceSettings(ctx, changes)
	return len(rows), moved, len(changes) - moved, err
}

// Sealed counts the stored settings by the version that sealed them.
func Sealed(ctx context.Context, j *journal.Journal) (map[uint32]int64, error) {
	rows, err := j.Settings(ctx, Scope)
	if err != nil {
		return nil, fmt.Errorf("read app settings: %w", err)
	}
	use := map[uint32]int64{}
	for _, row := range rows {
		v, err := keyring.EnvelopeVersion(keyring.Secret, row.Value)
		if err != nil {
			return nil, fmt.Errorf("read app settings: %w", err)
		}
		use[v]++
	}
	return use, nil
}
