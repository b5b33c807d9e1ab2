package gateway

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/cmd/internal/boot"
	"postern/crypto/vault"
)

// vaults holds what was read of Vault, and what is known of its health by
// purpose. A nil one is a gateway without Vault: it serves every purpose.
type vaults struct {
	client  *vault.Client
	keys    *wrapper // nil where the keystore does not need Vault
	now     func() time.Time
	elapsed func() time.Duration

	mu   sync.Mutex
	held map[string]heldSecret // by path below the mount
	by   map[boot.Purpose]contact
}

// heldSecret is a secret with when this process first saw the version.
type heldSecret struct {
	*vault.Secret
	noticed time.Time
	counted bool // the version before was taken, too, when this was read
}

// contact is what the last look at what a purpose needs found.
type contact struct {
	good    time.Duration // of the last look that found everything, on the monotonic clock
	since   time.Time     // of trouble
	trouble error         // nil: well
}

// openVault logs in and reads every secret that the configuration refers to.
func (g *Gateway) openVault(ctx context.Context, cfg *boot.Config) (*boot.Config, error) {
	if cfg.Vault.Address == "" {
		return cfg, nil
	}
	client, err := boot.DialVault(ctx, cfg, g.now)
	if err != nil {
		return nil, err
	}
	g.vault = &vaults{client: client, now: g.now, elapsed: g.elapsed, by: map[boot.Purpose]contact{}}
	filled, hold, err := g.vault.fill(ctx, cfg)
	if err != nil {
		client.Close()
		return nil, err
	}
	hold()
	g.vault.note(map[boot.Purpose]error{boot.Send: nil, boot.Receive: nil, boot.Deliver: nil})
	return filled, nil
}

// fill reads the secrets of a configuration: each path once, so that fields of
// one path are of one version. While Vault is away what is held is used. The
// function takes what was read into use.
func (v *vaults) fill(ctx context.Context, cfg *boot.Config) (*boot.Config, func(), error) {
	if v == nil {
		return cfg, func() {}, nil
	}
	v.mu.Lock()
	before := v.held
	v.mu.Unlock()
	read := map[string]heldSecret{}
	away := false
	filled, err := cfg.WithSecrets(func(at boot.Reference) (string, string, error) {
		s, ok := read[at.Path]
		if !ok {
			var err error
			if s, err = v.read(ctx, at.Path, before, &away); err != nil {
				return "", "", err
			}
			s.counted = v.overlaps(s, cfg.Vault.Overlap)
			read[at.Path] = s
		}
		current, err := s.Field(at.Field)
		if err != nil || !v.overlaps(s, cfg.Vault.Overlap) {
			return current, "", err
		}
		return current, s.Before(at.Field), nil
	})
	if err != nil {
		return nil, nil, err
	}
	return filled, func() {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.held = read
	}, nil
}

// read gives a secret, the one held while Vault is away: found away once, it is
// not asked again for what is held.
func (v *vaults) read(ctx context.Context, path string, before map[string]heldSecret, away *bool) (heldSecret, error) {
	old, known := before[path]
	if known && *away {
		return old, nil
	}
	s, err := v.client.Secret(ctx, path)
	if *away = errors.Is(err, vault.ErrAway); known && *away {
		return old, nil
	}
	if err != nil {
		return heldSecret{}, err
	}
	if known && old.Version == s.Version && old.Created.Equal(s.Created) {
		return heldSecret{Secret: s, noticed: old.noticed}, nil
	}
	return heldSecret{Secret: s, noticed: v.now()}, nil
}

// overlaps is whether the version before counts, too. Vault's clock may be
// ahead: its time counts no longer than ours.
func (v *vaults) overlaps(s heldSecret, overlap time.Duration) bool {
	since := s.Created
	if since.After(s.noticed) {
		since = s.noticed
	}
	return v.now().Before(since.Add(overlap))
}

// paths gives the references of a configuration by path, with what each is for.
func paths(cfg *boot.Config) map[string][]boot.Purpose {
	out := map[string][]boot.Purpose{}
	for _, at := range cfg.References() {
		if !slices.Contains(out[at.Path], at.Purpose) {
			out[at.Path] = append(out[at.Path], at.Purpose)
		}
	}
	return out
}

// look asks for the version of every secret. It reports whether something has
// to be read again, and per purpose what was found. A Vault that is away is
// asked once, not once a secret.
func (v *vaults) look(ctx context.Context, cfg *boot.Config) (stale bool, found map[boot.Purpose]error) {
	found = map[boot.Purpose]error{}
	var away error
	all := paths(cfg)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		version, created, older, err := 0, time.Time{}, false, away
		if away == nil {
			version, created, older, err = v.client.Version(ctx, path)
		}
		if errors.Is(err, vault.ErrAway) {
			away = err
		}
		for _, p := range all[path] {
			found[p] = worse(found[p], err)
		}
		stale = stale || err == nil && v.outdated(path, version, created, older, cfg)
	}
	return stale, found
}

// worse prefers a clear no.
func worse(a, b error) error {
	if a == nil || errors.Is(b, vault.ErrRefused) {
		return b
	}
	return a
}

// outdated is whether another version is current, or the one before it counts
// no longer: its time is over, or it was deleted.
func (v *vaults) outdated(path string, version int, created time.Time, older bool, cfg *boot.Config) bool {
	v.mu.Lock()
	s, ok := v.held[path]
	v.mu.Unlock()
	if !ok || s.Version != version || !s.Created.Equal(created) {
		return true
	}
	return s.Overlapped() && !older || s.counted && !v.overlaps(s, cfg.Vault.Overlap)
}

// note keeps what a look found, and gives the purposes whose state changed.
func (v *vaults) note(found map[boot.Purpose]error) (changed []boot.Purpose) {
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, p := range slices.Sorted(maps.Keys(found)) {
		was, err := v.by[p], found[p]
		is := contact{good: was.good, since: was.since, trouble: err}
		switch {
		case err == nil:
			is.good, is.since = v.elapsed(), time.Time{}
		case was.trouble == nil:
			is.since = v.now()
		}
		v.by[p] = is
		if word(was.trouble) != word(is.trouble) {
			changed = append(changed, p)
		}
	}
	return changed
}

// What is said of a purpose.
const (
	vaultWell    = "ok"
	vaultAway    = "away"
	vaultRefused = "refused"
	vaultStopped = "stopped" // away for longer than max_offline
)

func word(err error) string {
	switch {
	case err == nil:
		return vaultWell
	case errors.Is(err, vault.ErrRefused):
		return vaultRefused
	}
	return vaultAway
}

// state says how a purpose stands, and since when it is not well.
func (v *vaults) state(p boot.Purpose, limits boot.MaxOffline) (string, time.Time) {
	if v == nil {
		return vaultWell, time.Time{}
	}
	limit, limited := map[boot.Purpose]time.Duration{boot.Send: limits.Send, boot.Receive: limits.Receive, boot.Deliver: limits.Deliver, boot.Keys: limits.Keys}[p]
	v.mu.Lock()
	c := v.by[p]
	v.mu.Unlock()
	said := word(c.trouble)
	if limited && said == vaultAway && v.elapsed()-c.good >= limit {
		said = vaultStopped
	}
	return said, c.since
}

// serves is whether what needs this purpose's secrets may go on. Everything
// needs the keystore's keys.
func (g *Gateway) serves(p boot.Purpose) bool {
	if p == boot.Certify {
		return g.certified()
	}
	limits := g.config.Load().Vault.MaxOffline
	return g.vault.vouchesFor(p, limits) && g.vault.vouchesFor(boot.Keys, limits)
}

func (v *vaults) vouchesFor(p boot.Purpose, limits boot.MaxOffline) bool {
	said, _ := v.state(p, limits)
	return said == vaultWell || said == vaultAway
}

// revision names the versions held: a hash, and each path with its version.
func (v *vaults) revision() (string, map[string]string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	files, lines := map[string]string{}, []string{}
	for path, s := range v.held {
		files[path] = strconv.Itoa(s.Version)
		lines = append(lines, fmt.Sprintf("%s %d %d\n", path, s.Version, s.Created.UnixMicro()))
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(strings.Join(lines, "")))
	return hex.EncodeToString(sum[:]), files
}
