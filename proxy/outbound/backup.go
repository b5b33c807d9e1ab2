package outbound

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/parcel"
	"postern/proxy"
	"postern/proxy/dialect"
	"postern/proxy/identity"
	"postern/proxy/settings"
)

// carried is what an On-Premises administrator carries away: all that the app
// could set for itself, and nothing of other apps or of the keystore.
type carried struct {
	Version  int            `json:"version"`
	Settings settings.State `json:"settings"`
	Users    identity.Kept  `json:"users"`
}

const carriedVersion = 1

// purpose binds a backup to its app.
func purpose(c *call) string { return "settings of app " + c.who.App }

// onlyAdmin refuses who may not manage the app.
func onlyAdmin(c *call) *dialect.Problem {
	if c.who.Role != identity.RoleAdmin {
		return &dialect.Problem{Kind: dialect.Forbidden, Details: "This is done by a user of ROLE_ADMIN."}
	}
	return nil
}

// alone lets one backup be made or opened at a time: each costs a derivation
// that is slow by design.
func (h *Handler) alone() (done func(), p *dialect.Problem) {
	if !h.parcels.TryLock() {
		return nil, &dialect.Problem{Kind: dialect.Overloaded, RetryAfter: time.Second, Details: "Another backup is being made or opened; try again."}
	}
	return h.parcels.Unlock, nil
}

// backup gives the app's own settings and users away, sealed under a password.
func (h *Handler) backup(ctx context.Context, c *call) int {
	password, p := dialect.DecodeBackup(c.r.Header.Get("Content-Type"), c.body)
	if denied := onlyAdmin(c); denied != nil {
		p = denied
	}
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	done, p := h.alone()
	if p != nil {
		return c.problem(p)
	}
	defer done()
	var data []byte
	p, err := h.changeHere(ctx, c, appChange(c), func(context.Context) (err error) {
		data, err = h.pack(c, password)
		return err
	})
	switch {
	case p != nil:
		return c.problem(p)
	case errors.Is(err, parcel.ErrSize):
		return c.problem(&dialect.Problem{Kind: dialect.TooLarge, Details: "The app has set more than a backup holds; take certificates or users away."})
	case err != nil:
		h.cfg.Log.Error().Err(err).Msg("backup of an app not made")
		return c.problem(&dialect.Problem{Kind: dialect.Internal, Details: "The backup could not be made."})
	}
	return c.json(dialect.EncodeBackup(data))
}

// appChange is a change of what the gateway keeps for the app. A keyed hash is
// all that its record has of the body.
func appChange(c *call) proxy.CallRequest {
	return proxy.CallRequest{Number: c.accountNumber(), Call: c.route.Row.Call, Name: callName(c), Raw: c.body}
}

func (h *Handler) pack(c *call, password string) ([]byte, error) {
	users, err := h.cfg.Identity.Users(c.who.App)
	if err != nil {
		return nil, err
	}
	content, err := json.Marshal(carried{Version: carriedVersion, Settings: h.cfg.Settings.State(c.who.App), Users: users})
	if err != nil {
		return nil, fmt.Errorf("encode backup: %w", err)
	}
	defer clear(content)
	return parcel.Seal(password, purpose(c), content)
}

// restore puts what was carried away back in place, whole or not at all.
func (h *Handler) restore(ctx context.Context, c *call) int {
	password, data, p := dialect.DecodeRestore(c.r.Header.Get("Content-Type"), c.body)
	if denied := onlyAdmin(c); denied != nil {
		p = denied
	}
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	opened, p := h.alone()
	if p != nil {
		return c.problem(p)
	}
	back, p := h.unpack(c, password, data)
	opened() // what follows asks upstream, which other apps do not wait for
	if p != nil {
		return h.refuse(ctx, c, p)
	}
	done, p := h.turns.take(ctx, c.who.App)
	if p != nil {
		return c.problem(p)
	}
	defer done()
	if p := h.bring(ctx, c, back); p != nil {
		return c.problem(p)
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}

// unpack opens a backup and holds all of it to what the app could set.
func (h *Handler) unpack(c *call, password string, data []byte) (carried, *dialect.Problem) {
	var back carried
	content, err := parcel.Open(password, purpose(c), data)
	switch {
	case errors.Is(err, parcel.ErrForeign):
		return back, dialect.ForeignBackup()
	case err != nil:
		return back, badBackup("The password is wrong, or the data was changed or cut short, or is another app's.")
	}
	defer clear(content)
	if json.Unmarshal(content, &back) != nil || back.Version != carriedVersion {
		return back, badBackup("It was made by another version of this gateway.")
	}
	if a := back.Settings.Authorities; a != "" {
		// One that expired meanwhile trusts nobody and is no reason to refuse the rest.
		if _, p := readAuthorities([]byte(a), time.Time{}); p != nil {
			return back, badBackup("It holds settings that an app can not set.")
		}
	}
	switch err := h.cfg.Settings.Check(back.Settings); {
	case errors.Is(err, settings.ErrTarget):
		return back, badBackup("Its webhook may not be used here: it must be an https URL of a public host, or one that the gateway's operator allows.")
	case err != nil:
		return back, badBackup("It holds settings that an app can not set.")
	}
	return back, usersProblem(h.cfg.Identity.CheckUsers(c.who.App, back.Users))
}

func usersProblem(err error) *dialect.Problem {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, identity.ErrNoAdmin):
		return badBackup("No administrator among its users could log in any more.")
	}
	return badBackup("Its users were made under another gateway's keys, or under keys that are gone: their passwords could not be checked here.")
}

func badBackup(why string) *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Invalid, Param: "data", Details: "The backup can not be restored, and nothing was changed. " + why}
}

// bring has the restore decided and commits settings, users and the outcome in
// one step. What concerns upstream is changed there first.
func (h *Handler) bring(ctx context.Context, c *call, back carried) *dialect.Problem {
	req := appChange(c)
	req.Caller, req.Kind = c.who, audit.KindManage
	adm, p := h.cfg.Gate.AdmitCall(ctx, req)
	if p != nil {
		return p
	}
	ctx = context.WithoutCancel(ctx)
	if !adm.Take() {
		return storeProblem(nil) // unreachable: nobody else has the admission
	}
	unswitch, p := h.identityCheck(ctx, c, dialect.Settings{Values: back.Settings.Application}, h.application(c))
	if p != nil {
		h.settled(ctx, adm, proxy.CallOutcome{Result: proxy.NotSent})
		return p
	}
	settling := false
	err := h.cfg.Identity.RestoreUsers(ctx, c.who.App, back.Users, func(ctx context.Context, b *journal.Batch) error {
		if err := h.cfg.Settings.Restore(b, c.who.Tenant, c.who.App, back.Settings); err != nil {
			return err
		}
		settling = true
		return h.cfg.Gate.SettleCall(ctx, adm, proxy.CallOutcome{Result: proxy.Accepted, Rows: *b})
	})
	if err == nil {
		return nil
	}
	h.cfg.Log.Error().Err(err).Msg("backup of an app not restored")
	if !settling {
		h.settled(ctx, adm, proxy.CallOutcome{Result: proxy.NotSent})
	}
	return unkept(unswitch(), storeProblem(err))
}
