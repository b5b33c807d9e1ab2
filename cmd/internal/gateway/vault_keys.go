package gateway

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"sync/atomic"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
	"postern/crypto/vault"
)

// wrapper follows the transit key that wraps the keystore's keys. Keys are in
// memory: Vault is asked for what a restart would need, not for messages.
type wrapper struct {
	key   *vault.Transit
	known atomic.Pointer[vault.TransitKey] // as last seen

	// probe is something random that was wrapped: while it opens, keys would.
	// Owned by followVault.
	probe string
}

// probeBound tells a probe from a key.
var probeBound = [][]byte{[]byte("postern probe")}

// openWrapper looks at the transit key that the keystore was opened with.
func (g *Gateway) openWrapper(ctx context.Context, cfg *boot.Config) error {
	if cfg.Keystore.Transit == "" {
		return nil
	}
	w := &wrapper{key: g.vault.client.Transit(cfg.Vault.Transit, cfg.Keystore.Transit)}
	seen, err := w.key.Look(ctx)
	if err == nil {
		w.known.Store(&seen)
		err = w.renewProbe()
	}
	if err != nil {
		return fmt.Errorf("follow the keystore's transit key: %w", err)
	}
	g.vault.keys = w
	g.vault.note(map[boot.Purpose]error{boot.Keys: nil})
	return nil
}

func (w *wrapper) renewProbe() error {
	probe := make([]byte, 32)
	rand.Read(probe) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	texts, err := w.key.Wrap([][]byte{probe}, probeBound)
	if err != nil {
		return err
	}
	w.probe = texts[0]
	return nil
}

// lookAtKeys follows the transit key's versions. The error is why a restart
// would not find its keys; what merely stays behind is an alarm.
func (g *Gateway) lookAtKeys(ctx context.Context) error {
	w := g.vault.keys
	seen, err := w.key.Look(ctx)
	if err != nil {
		return err
	}
	w.known.Store(&seen)
	if err := g.wrapAgain(ctx, seen); err != nil {
		if errors.Is(err, vault.ErrAway) {
			return err
		}
		g.log.Error().Err(err).Ints("shut_out_and_behind", []int{len(g.shutOut()), len(g.behind())}).Msg("keystore's keys not wrapped by the newest transit version")
		g.metrics.Alarm("vault_keys")
	}
	err = g.tryProbe(seen)
	if errors.Is(err, vault.ErrReplaced) {
		return g.rescueKeys(ctx, err)
	}
	return err
}

// rescueKeys: the transit key was lost and another one made in its place, and
// only this process holds the keystore's keys. The new one wraps them.
func (g *Gateway) rescueKeys(ctx context.Context, lost error) error {
	g.metrics.Alarm("vault_keys_shut_out")
	done, err := g.store.Keys.WrapAgain(func(string) bool { return true }, func(all []keyring.Wrapping) error { return g.recordWrapped(ctx, all) })
	if err != nil {
		return errors.Join(lost, err)
	}
	g.log.Error().Err(lost).Int("keys", len(done)).Msg("the keystore is wrapped by the new transit key, from memory")
	return g.vault.keys.renewProbe()
}

// tryProbe opens the probe. One that the least version shuts out says nothing
// of the key: another is made.
func (g *Gateway) tryProbe(seen vault.TransitKey) error {
	w := g.vault.keys
	if vault.TransitVersion(w.probe) < seen.Oldest {
		if err := w.renewProbe(); errors.Is(err, vault.ErrAway) {
			return err
		} else if err != nil {
			return nil //nolint:nilerr // wrapping is forbidden: an alarm already; what is wrapped may open
		}
	}
	_, err := w.key.Unwrap([]string{w.probe}, probeBound)
	return err
}

// wrapAgain moves the keystore to the newest version of the transit key, from
// memory: Vault's least version need not open the old one any more. It is on
// record before the file is replaced.
func (g *Gateway) wrapAgain(ctx context.Context, seen vault.TransitKey) error {
	if shut := g.shutOut(); len(shut) > 0 {
		g.log.Error().Strs("keys", shut).Int("min_decryption_version", seen.Oldest).Msg("Vault would not open keys of the keystore any more: they are wrapped again from memory; do not restart before that is done")
		g.metrics.Alarm("vault_keys_shut_out")
	}
	stale := func(text string) bool { return vault.TransitVersion(text) < seen.Latest }
	done, err := g.store.Keys.WrapAgain(stale, func(all []keyring.Wrapping) error { return g.recordWrapped(ctx, all) })
	if err != nil {
		return err
	}
	if len(done) > 0 {
		g.log.Info().Int("keys", len(done)).Int("version", seen.Latest).Msg("keystore wrapped by the newest transit version")
		return g.vault.keys.renewProbe()
	}
	return nil
}

func (g *Gateway) recordWrapped(ctx context.Context, all []keyring.Wrapping) error {
	versions, newest := map[string]string{}, 0
	for _, w := range all {
		v := vault.TransitVersion(w.Text)
		newest = max(newest, v)
		versions[rotation.Name(w.Purpose, w.Number)] = strconv.Itoa(v)
	}
	detail, err := json.Marshal(versions)
	if err != nil {
		return fmt.Errorf("encode versions: %w", err)
	}
	now := g.now()
	return g.store.Journal.Append(ctx, journal.Batch{Records: []audit.Record{{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindConfig, Time: now.UnixMicro(), Actor: "system",
		Type: "key_wrapped", Result: fmt.Sprintf("vault/%d", newest), Code: int64(len(all)),
		Parts: []audit.Part{audit.NewPart(audit.PartDetail, detail)},
	}}})
}

// behind are the keys that an older version of the transit key wraps, and
// shutOut those that it would not open any more.
func (g *Gateway) behind() []string {
	return g.wrappedBefore(func(k vault.TransitKey) int { return k.Latest })
}

func (g *Gateway) shutOut() []string {
	return g.wrappedBefore(func(k vault.TransitKey) int { return k.Oldest })
}

func (g *Gateway) wrappedBefore(version func(vault.TransitKey) int) []string {
	if g.vault == nil || g.vault.keys == nil {
		return nil
	}
	var out []string
	least := version(*g.vault.keys.known.Load())
	for _, w := range g.store.Keys.Wrappings() {
		if vault.TransitVersion(w.Text) < least {
			out = append(out, rotation.Name(w.Purpose, w.Number))
		}
	}
	return out
}

// transitKey is what is known of the transit key; the zero value where none
// wraps the keystore.
func (g *Gateway) transitKey() vault.TransitKey {
	if g.vault == nil || g.vault.keys == nil {
		return vault.TransitKey{}
	}
	return *g.vault.keys.known.Load()
}

// vaultClient is nil where the configuration names no Vault.
func (g *Gateway) vaultClient() *vault.Client {
	if g.vault == nil {
		return nil
	}
	return g.vault.client
}
