package identity

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
)

// TokenLife is how long an On-Premises login token is valid (whatsapp.md 1.2:
// seven days).
const TokenLife = 7 * 24 * time.Hour

// rounds keeps a password guess at some milliseconds; the result is keyed
// besides, so the stored value is of no use without the keystore.
const rounds = 20_000

type user struct {
	App        string `json:"app"`
	Salt       []byte `json:"salt"`
	Sum        []byte `json:"sum"`
	Version    uint32 `json:"version"`
	MustChange bool   `json:"must_change"`
	Role       Role   `json:"role,omitempty"`
}

type session struct {
	App     string `json:"app"`
	User    string `json:"user"`
	Expires int64  `json:"expires"` // Unix seconds
}

// SetUser creates or replaces an On-Premises user in the role of the first
// user of the original client, which manages the others. mustChange makes the
// first login demand a new password, as there.
func (d *Directory) SetUser(ctx context.Context, app, name, password string, mustChange bool, actor string) error {
	return d.putUser(ctx, app, name, password, user{Role: RoleAdmin, MustChange: mustChange}, actor, nil)
}

func (d *Directory) passwordSum(salt []byte, password string) (uint32, []byte, error) {
	stretched, err := stretch(salt, password)
	if err != nil {
		return 0, nil, err
	}
	version, sum, err := d.cfg.Keys.MAC(keyring.App, []byte("password"), stretched)
	if err != nil {
		return 0, nil, fmt.Errorf("hash password: %w", err)
	}
	return version, sum[:], nil
}

func stretch(salt []byte, password string) ([]byte, error) {
	stretched, err := pbkdf2.Key(sha256.New, password, salt, rounds, 32)
	if err != nil {
		return nil, fmt.Errorf("stretch password: %w", err)
	}
	return stretched, nil
}

// Login checks user and password over all On-Premises apps and issues a token.
// newPassword is required by ErrPasswordChange and sets the password; names are
// those of Certified.
func (d *Directory) Login(ctx context.Context, name, password, newPassword string, names []string) (string, time.Time, error) {
	app, u, ok := d.findUser(name, password)
	if ok {
		_, ok = d.Certified(Identity{App: app}, names, dialect.OnPrem)
	}
	if !ok {
		return "", time.Time{}, ErrDenied
	}
	if u.MustChange && newPassword == "" {
		return "", time.Time{}, ErrPasswordChange
	}
	if newPassword != "" {
		if !passable(newPassword) || newPassword == password {
			return "", time.Time{}, ErrWeakPassword
		}
		if err := d.putUser(ctx, app, name, newPassword, user{Role: u.Role}, "app:"+app, mustExist); err != nil {
			return "", time.Time{}, err
		}
	} else {
		d.loggedIn(name, u, password)
	}
	return d.issueToken(ctx, app, name)
}

// findUser finds whose name and password these are. A name that nobody has
// costs as much as a wrong password, so that the time does not tell which names
// exist. Where two apps have the same name and password, it is nobody's.
func (d *Directory) findUser(name, password string) (string, user, bool) {
	candidates := d.usersNamed(name)
	if len(candidates) == 0 {
		candidates = []user{{Salt: make([]byte, 16)}}
	}
	var found user
	matches := 0
	for _, u := range candidates {
		if d.matches(u, password) && u.App != "" {
			found = u
			matches++
		}
	}
	return found.App, found, matches == 1
}

func (d *Directory) matches(u user, password string) bool {
	stretched, err := stretch(u.Salt, password)
	return err == nil && d.cfg.Keys.VerifyMAC(keyring.App, u.Version, u.Sum, []byte("password"), stretched)
}

func (d *Directory) usersNamed(name string) []user {
	d.mu.RLock()
	defer d.mu.RUnlock()
	var out []user
	for app, a := range d.apps {
		if u, ok := d.users[app+"/"+name]; ok && a.Family == familyOnPrem {
			out = append(out, u)
		}
	}
	return out
}

func (d *Directory) issueToken(ctx context.Context, app, name string) (string, time.Time, error) {
	a, ok := d.app(app)
	if !ok {
		return "", time.Time{}, ErrDenied
	}
	token := randomKey()
	_, sum, err := d.cfg.Keys.MAC(keyring.App, []byte("token"), []byte(token))
	if err != nil {
		return "", time.Time{}, fmt.Errorf("hash token: %w", err)
	}
	now := d.cfg.Now()
	s := session{App: app, User: name, Expires: now.Add(TokenLife).Unix()}
	value, err := json.Marshal(s)
	if err != nil {
		return "", time.Time{}, fmt.Errorf("encode token: %w", err)
	}
	mac := hex.EncodeToString(sum[:])
	err = d.cfg.Journal.Append(ctx, journal.Batch{
		Records:   []audit.Record{accessRecord(now, a, "login", "app:"+app, "")},
		Settings:  append(d.expired(now), journal.Setting{Scope: ScopeTokens, Key: mac, Value: value, Time: now.UnixMicro()}),
		Committed: func() { d.mu.Lock(); d.tokens[mac] = s; d.mu.Unlock() },
	})
	return token, time.Unix(s.Expires, 0), err
}

// expired lists the deletions of tokens that are over, so that the store does
// not grow with every login.
func (d *Directory) expired(now time.Time) []journal.Setting {
	d.mu.Lock()
	defer d.mu.Unlock()
	var out []journal.Setting
	for mac, s := range d.tokens {
		if s.Expires <= now.Unix() {
			out = append(out, journal.Setting{Scope: ScopeTokens, Key: mac, Time: now.UnixMicro()})
			delete(d.tokens, mac)
		}
	}
	return out
}

// Token identifies a caller by its On-Premises login token.
func (d *Directory) Token(token string) (Identity, bool) {
	_, s, ok := d.session(token)
	if !ok {
		return Identity{}, false
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	u, known := d.users[s.App+"/"+s.User]
	if !known {
		return Identity{}, false // revoked while logging in
	}
	id, ok := d.identity(s.App, dialect.OnPrem)
	id.User, id.Role = s.User, u.Role
	return id, ok
}

// session finds a token that is still valid.
func (d *Directory) session(token string) (string, session, bool) {
	if token == "" {
		return "", session{}, false
	}
	sums, err := d.cfg.Keys.MACs(keyring.App, []byte("token"), []byte(token))
	if err != nil {
		return "", session{}, false
	}
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, v := range sums {
		mac := hex.EncodeToString(v.Sum[:])
		if s, ok := d.tokens[mac]; ok {
			return mac, s, s.Expires > d.cfg.Now().Unix()
		}
	}
	return "", session{}, false
}

// Logout ends a token before it returns.
func (d *Directory) Logout(ctx context.Context, token string) error {
	mac, s, ok := d.session(token)
	if !ok {
		return ErrDenied
	}
	a, ok := d.app(s.App)
	if !ok {
		a = App{Name: s.App}
	}
	now := d.cfg.Now()
	return d.cfg.Journal.Append(ctx, journal.Batch{
		Records:   []audit.Record{accessRecord(now, a, "logout", "app:"+s.App, "")},
		Settings:  []journal.Setting{{Scope: ScopeTokens, Key: mac, Time: now.UnixMicro()}},
		Committed: func() { d.mu.Lock(); delete(d.tokens, mac); d.mu.Unlock() },
	})
}
