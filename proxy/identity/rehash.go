package identity

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"

	"postern/audit/journal"
	"postern/crypto/keyring"
)

// moves are credentials that were used since their hash grew old: only then is
// there something to hash anew. They are in memory only; what a stop loses, the
// next use brings again.
type moves struct {
	keys  map[string]keyring.VersionedMAC // by the hex hash that is stored
	users map[string]newSum               // by app "/" user name
}

// newSum is a password's sum under another version.
type newSum struct {
	was     []byte
	sum     []byte
	version uint32
}

func newMoves() moves {
	return moves{keys: map[string]keyring.VersionedMAC{}, users: map[string]newSum{}}
}

// used notes a key that was found under an older version.
func (d *Directory) used(stored string, active keyring.VersionedMAC) {
	d.noting.Lock()
	defer d.noting.Unlock()
	d.moves.keys[stored] = active
}

// loggedIn notes a password whose sum is of an older version.
func (d *Directory) loggedIn(name string, u user, password string) {
	if active, err := d.cfg.Keys.ActiveVersion(keyring.App); err != nil || active == u.Version {
		return
	}
	version, sum, err := d.passwordSum(u.Salt, password)
	if err != nil {
		return // it stays as it was
	}
	d.noting.Lock()
	defer d.noting.Unlock()
	d.moves.users[u.App+"/"+name] = newSum{was: u.Sum, sum: sum, version: version}
}

// Rehash stores what was used since the last time under the active version of
// purpose app, so that older versions are needed by what nobody uses only. It
// gives nobody another right, so it has no record; what was revoked or changed
// meanwhile stays so. The caller keeps versions from changing until it returns.
func (d *Directory) Rehash(ctx context.Context) error {
	d.changing.Lock()
	defer d.changing.Unlock()
	d.noting.Lock()
	now := d.moves
	d.moves = newMoves()
	d.noting.Unlock()
	if len(now.keys)+len(now.users) == 0 {
		return nil
	}
	active, err := d.cfg.Keys.ActiveVersion(keyring.App)
	if err != nil {
		return fmt.Errorf("hash credentials anew: %w", err)
	}
	b := journal.Batch{}
	if err := errors.Join(d.moveKeys(&b, now.keys, active), d.moveUsers(&b, now.users, active)); err != nil {
		return err
	}
	if len(b.Settings) == 0 {
		return nil
	}
	return d.cfg.Journal.Append(ctx, b)
}

func (d *Directory) moveKeys(b *journal.Batch, keys map[string]keyring.VersionedMAC, active uint32) error {
	at := d.cfg.Now().UnixMicro()
	d.mu.RLock()
	defer d.mu.RUnlock()
	for old, to := range keys {
		c, known := d.keys[old]
		if !known || to.Version != active {
			continue
		}
		c.Version = to.Version
		value, err := json.Marshal(c)
		if err != nil {
			return fmt.Errorf("encode key: %w", err)
		}
		mac := hex.EncodeToString(to.Sum[:])
		b.Settings = append(b.Settings,
			journal.Setting{Scope: ScopeKeys, Key: old, Time: at}, journal.Setting{Scope: ScopeKeys, Key: mac, Value: value, Time: at})
		b.OnCommit(func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			delete(d.keys, old)
			d.keys[mac] = c
		})
	}
	return nil
}

func (d *Directory) moveUsers(b *journal.Batch, users map[string]newSum, active uint32) error {
	at := d.cfg.Now().UnixMicro()
	d.mu.RLock()
	defer d.mu.RUnlock()
	for name, to := range users {
		u, known := d.users[name]
		if !known || to.version != active || !bytes.Equal(u.Sum, to.was) {
			continue
		}
		u.Sum, u.Version = to.sum, to.version
		value, err := json.Marshal(u)
		if err != nil {
			return fmt.Errorf("encode user: %w", err)
		}
		b.Settings = append(b.Settings, journal.Setting{Scope: ScopeUsers, Key: name, Value: value, Time: at})
		b.OnCommit(func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.users[name] = u
		})
	}
	return nil
}
