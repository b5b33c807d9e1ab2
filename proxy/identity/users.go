package identity

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"postern/audit"
	"postern/audit/journal"
)

// Role is what an On-Premises user may do (whatsapp.md 1.2). The zero value
// and every unknown one is RoleUser.
type Role string

// Roles.
const (
	RoleUser  Role = "ROLE_USER"
	RoleAdmin Role = "ROLE_ADMIN" // manages the app's other users
)

// maxUsers bounds what an app can make itself.
const maxUsers = 100

// Errors of an app that manages its own users.
var (
	ErrUserExists   = errors.New("the app has a user of that name")
	ErrTooManyUsers = errors.New("the app has as many users as it may have")
	ErrUserName     = errors.New("user name must have 1 to 64 plain characters")
)

// AddUser makes a user of the app in RoleUser.
func (d *Directory) AddUser(ctx context.Context, app, name, password string) error {
	switch {
	case !plainName(name):
		return ErrUserName
	case !passable(password):
		return ErrWeakPassword
	}
	return d.putUser(ctx, app, name, password, user{Role: RoleUser}, "app:"+app, func(exists bool, count int) error {
		switch {
		case exists:
			return ErrUserExists
		case count >= maxUsers:
			return ErrTooManyUsers
		}
		return nil
	})
}

// ChangePassword sets the password of a user that is there; its logins end
// before it returns.
func (d *Directory) ChangePassword(ctx context.Context, app, name, password string) error {
	if !passable(password) {
		return ErrWeakPassword
	}
	role, known := d.UserRole(app, name)
	if !known {
		return ErrUnknownUser
	}
	return d.putUser(ctx, app, name, password, user{Role: role}, "app:"+app, mustExist)
}

// UserRole is the role of an app's user, false where there is no such user.
func (d *Directory) UserRole(app, name string) (Role, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	u, ok := d.users[app+"/"+name]
	if u.Role != RoleAdmin {
		u.Role = RoleUser // also of users stored before there were roles
	}
	return u.Role, ok
}

// mustExist refuses to make a user anew that was ended meanwhile.
func mustExist(exists bool, _ int) error {
	if !exists {
		return ErrUnknownUser
	}
	return nil
}

// putUser stores a user. may, if there is one, hears whether the user exists and
// how many the app has, and nothing of that changes until the user is stored.
func (d *Directory) putUser(ctx context.Context, app, name, password string, u user, actor string, may func(exists bool, count int) error) error {
	a, ok := d.app(app)
	switch {
	case !ok:
		return ErrUnknownApp
	case a.Family != familyOnPrem:
		return ErrNoUsers
	}
	u.App, u.Salt = app, make([]byte, 16)
	rand.Read(u.Salt) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	var err error
	if u.Version, u.Sum, err = d.passwordSum(u.Salt, password); err != nil {
		return err
	}
	value, err := json.Marshal(u)
	if err != nil {
		return fmt.Errorf("encode user: %w", err)
	}
	d.changing.Lock()
	defer d.changing.Unlock()
	if may != nil {
		if err := may(d.countUsers(app, name)); err != nil {
			return err
		}
	}
	now, key := d.cfg.Now(), app+"/"+name
	ended := d.logins(app, name)
	return d.cfg.Journal.Append(ctx, journal.Batch{
		Records:  []audit.Record{accessRecord(now, a, "user_set", actor, "")},
		Settings: append([]journal.Setting{{Scope: ScopeUsers, Key: key, Value: value, Time: now.UnixMicro()}}, ended...),
		Committed: func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.users[key] = u
			d.end(ended)
		},
	})
}

// countUsers says whether the app has the user, and how many it has.
func (d *Directory) countUsers(app, name string) (exists bool, count int) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	_, exists = d.users[app+"/"+name]
	for key := range d.users {
		if strings.HasPrefix(key, app+"/") {
			count++
		}
	}
	return exists, count
}

// logins are the deletions of a user's tokens.
func (d *Directory) logins(app, name string) []journal.Setting {
	now := d.cfg.Now().UnixMicro()
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []journal.Setting
	for mac, s := range d.tokens {
		if s.App == app && s.User == name {
			out = append(out, journal.Setting{Scope: ScopeTokens, Key: mac, Time: now})
		}
	}
	return out
}

// end forgets deleted tokens. It is called with mu held.
func (d *Directory) end(logins []journal.Setting) {
	for _, s := range logins {
		delete(d.tokens, s.Key)
	}
}

func passable(password string) bool { return len(password) >= 8 && len(password) <= 64 }

// plainName reports a name that can stand in a path, and that is none of the
// paths beside it.
func plainName(name string) bool {
	for _, c := range []byte(name) {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return len(name) <= 64 && strings.Trim(name, ".") != "" && name != "login" && name != "logout"
}
