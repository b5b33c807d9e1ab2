package identity

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
)

// Kept are an app's users as somebody carries them away: passwords as keyed
// hashes, which nothing can be done with but by this gateway's keystore. Sum
// vouches that this gateway made it.
type Kept struct {
	Version uint32 `json:"version"` // of the key of Sum
	Sum     []byte `json:"sum"`
	Users   []byte `json:"users"` // JSON
}

// Errors of users that are brought back.
var (
	ErrForeignUsers = errors.New("the users are not of this app and keystore, or of keys that are gone")
	ErrNoAdmin      = errors.New("no administrator among the users could log in")
)

// keptUser is a user with its name.
type keptUser struct {
	Name string `json:"name"`
	user
}

// Users gives the app's users to be carried away.
func (d *Directory) Users(app string) (Kept, error) {
	var list []keptUser
	d.mu.RLock()
	for key, u := range d.users {
		if name, own := strings.CutPrefix(key, app+"/"); own {
			list = append(list, keptUser{name, u})
		}
	}
	d.mu.RUnlock()
	slices.SortFunc(list, func(a, b keptUser) int { return cmp.Compare(a.Name, b.Name) })
	raw, err := json.Marshal(list)
	if err != nil {
		return Kept{}, fmt.Errorf("encode users: %w", err)
	}
	version, sum, err := d.cfg.Keys.MAC(keyring.App, []byte("users of app "+app), raw)
	if err != nil {
		return Kept{}, fmt.Errorf("vouch for users: %w", err)
	}
	return Kept{Version: version, Sum: sum[:], Users: raw}, nil
}

// CheckUsers says why users can not be brought back, nil if they can.
func (d *Directory) CheckUsers(app string, k Kept) error {
	_, err := d.read(app, k)
	return err
}

// RestoreUsers makes the app's users those that were carried away. commit gets
// the rows and makes them durable, with whatever belongs to the same step; no
// user of any app changes until it returns. Logins of users that change end.
func (d *Directory) RestoreUsers(ctx context.Context, app string, k Kept, commit func(context.Context, *journal.Batch) error) error {
	a, ok := d.app(app)
	if !ok || a.Family != familyOnPrem {
		return ErrNoUsers
	}
	users, err := d.read(app, k)
	if err != nil {
		return err
	}
	d.changing.Lock()
	defer d.changing.Unlock()
	now := d.cfg.Now()
	b := &journal.Batch{Records: []audit.Record{accessRecord(now, a, "users_restored", "app:"+app, "")}}
	if err := d.replace(b, app, users); err != nil {
		return err
	}
	return commit(ctx, b)
}

// read opens users and refuses those that this gateway did not vouch for.
func (d *Directory) read(app string, k Kept) (map[string]user, error) {
	if !d.cfg.Keys.VerifyMAC(keyring.App, k.Version, k.Sum, []byte("users of app "+app), k.Users) {
		return nil, ErrForeignUsers
	}
	var list []keptUser
	if err := json.Unmarshal(k.Users, &list); err != nil {
		return nil, ErrForeignUsers
	}
	alive := map[uint32]bool{}
	for _, v := range d.cfg.Keys.Versions() {
		if v.Purpose == keyring.App && v.State != keyring.Destroyed {
			alive[v.Number] = true
		}
	}
	users, admins := map[string]user{}, 0
	for _, u := range list {
		users[app+"/"+u.Name] = u.user
		if u.Role == RoleAdmin && alive[u.Version] {
			admins++
		}
	}
	if admins == 0 {
		return nil, ErrNoAdmin
	}
	return users, nil
}

// replace puts into a batch what makes an app's users the given ones.
func (d *Directory) replace(b *journal.Batch, app string, users map[string]user) error {
	at := d.cfg.Now().UnixMicro()
	var ended []journal.Setting
	var gone []string
	d.mu.RLock()
	for key, old := range d.users {
		name, own := strings.CutPrefix(key, app+"/")
		now, stays := users[key]
		if !own || stays && reflect.DeepEqual(old, now) {
			continue
		}
		for mac, s := range d.tokens {
			if s.App == app && s.User == name {
				ended = append(ended, journal.Setting{Scope: ScopeTokens, Key: mac, Time: at})
			}
		}
		if !stays {
			gone = append(gone, key)
			b.Settings = append(b.Settings, journal.Setting{Scope: ScopeUsers, Key: key, Time: at})
		}
	}
	d.mu.RUnlock()
	for key, u := range users {
		value, err := json.Marshal(u)
		if err != nil {
			return fmt.Errorf("encode user: %w", err)
		}
		b.Settings = append(b.Settings, journal.Setting{Scope: ScopeUsers, Key: key, Value: value, Time: at})
	}
	b.Settings = append(b.Settings, ended...)
	b.OnCommit(func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		for _, key := range gone {
			delete(d.users, key)
		}
		for key, u := range users {
			d.users[key] = u
		}
		d.end(ended)
	})
	return nil
}
