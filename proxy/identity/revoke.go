package identity

import (
	"context"
	"errors"

	"postern/audit"
	"postern/audit/journal"
)

// ErrUnknownUser means that the app has no such On-Premises user.
var ErrUnknownUser = errors.New("the app has no such user")

// RevokeUser ends an On-Premises user and all its logins before it returns.
// Users of apps that the configuration no longer names can be ended too.
func (d *Directory) RevokeUser(ctx context.Context, app, name, actor string) error {
	d.changing.Lock()
	defer d.changing.Unlock()
	key, now := app+"/"+name, d.cfg.Now()
	d.mu.RLock()
	_, known := d.users[key]
	a, configured := d.apps[app]
	d.mu.RUnlock()
	ended := d.logins(app, name)
	if !known {
		return ErrUnknownUser
	}
	if !configured {
		a = App{Name: app}
	}
	return d.cfg.Journal.Append(ctx, journal.Batch{
		Records:  []audit.Record{accessRecord(now, a, "user_revoked", actor, "")},
		Settings: append([]journal.Setting{{Scope: ScopeUsers, Key: key, Time: now.UnixMicro()}}, ended...),
		Committed: func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			delete(d.users, key)
			d.end(ended)
		},
	})
}
