// Package identity says which app is calling. Credentials are 256-bit random
// keys that are shown once and stored as keyed hashes; On-Premises users have
// passwords and login tokens that survive a restart.
//
// It fails closed: an unknown, revoked, expired or ambiguous credential is no
// identity, and so is a key of an app that the configuration no longer has.
package identity

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
)

// App is an app as configured.
type App struct {
	Tenant  string
	Name    string // unique over all tenants
	Family  string // "cloud", "d360" or "onprem"
	Numbers []string

	Certificates []string // names in client certificates that are its own
	Proof        Proof    // how it shows who it is

	Monitor [32]byte // MonitorSum of its monitor's key; zero: it has none
}

// Identity is a caller that proved who it is. The zero value is nobody.
type Identity struct {
	Tenant  string
	App     string
	Dialect dialect.Dialect
	Numbers []string
	User    string // On-Premises user name
	Role    Role   // and what that user may do
}

// Owns reports whether the app may use the business number.
func (i Identity) Owns(number string) bool { return slices.Contains(i.Numbers, number) }

// Number is the app's only number, or "" when it has none or several.
func (i Identity) Number() string {
	if len(i.Numbers) != 1 {
		return ""
	}
	return i.Numbers[0]
}

// Credential is a stored key, without the key.
type Credential struct {
	ID      string          `json:"id"` // short public name of the key
	App     string          `json:"app"`
	Dialect dialect.Dialect `json:"dialect"`
	Version uint32          `json:"version"` // of the keyed hash
	Created int64           `json:"created"` // Unix seconds
	Actor   string          `json:"actor"`
}

// Settings scopes this package owns.
const (
	ScopeKeys   = "appkey"
	ScopeUsers  = "onprem-user"
	ScopeTokens = "onprem-token"
)

// Config is what a Directory needs.
type Config struct {
	Journal *journal.Journal
	Keys    *keyring.Keyring
	Now     func() time.Time
}

// Directory knows all credentials. It is safe for concurrent use.
type Directory struct {
	cfg Config

	mu     sync.RWMutex
	apps   map[string]App        // by name
	keys   map[string]Credential // by hex keyed hash
	users  map[string]user       // by app "/" user name
	tokens map[string]session    // by hex keyed hash

	changing sync.Mutex // held by whoever changes what is stored of a credential there is
	noting   sync.Mutex // guards moves
	moves    moves
}

// Errors a caller branches on.
var (
	ErrUnknownApp     = errors.New("no such app in the configuration")
	ErrUnknownKey     = errors.New("no key with that id")
	ErrNoUsers        = errors.New("only On-Premises apps have users; other apps have keys")
	ErrDenied         = errors.New("access denied")
	ErrPasswordChange = errors.New("password change required")
	ErrWeakPassword   = errors.New("password must have 8 to 64 characters and differ from the initial one")
)

// Load reads the stored credentials.
func Load(ctx context.Context, cfg Config, apps []App) (*Directory, error) {
	d := &Directory{cfg: cfg, keys: map[string]Credential{}, users: map[string]user{}, tokens: map[string]session{}, moves: newMoves()}
	d.Configure(apps)
	if err := loadScope(ctx, cfg.Journal, ScopeKeys, d.keys); err != nil {
		return nil, err
	}
	if err := loadScope(ctx, cfg.Journal, ScopeUsers, d.users); err != nil {
		return nil, err
	}
	if err := loadScope(ctx, cfg.Journal, ScopeTokens, d.tokens); err != nil {
		return nil, err
	}
	return d, nil
}

func loadScope[T any](ctx context.Context, j *journal.Journal, scope string, into map[string]T) error {
	rows, err := j.Settings(ctx, scope)
	if err != nil {
		return fmt.Errorf("load %s: %w", scope, err)
	}
	for _, row := range rows {
		var v T
		if err := json.Unmarshal(row.Value, &v); err != nil {
			return fmt.Errorf("load %s: stored value is damaged: %w", scope, err)
		}
		into[row.Key] = v
	}
	return nil
}

// Configure replaces the apps, as a reload does. Keys of apps that are gone
// stop working at once and work again when the app comes back.
func (d *Directory) Configure(apps []App) {
	byName := make(map[string]App, len(apps))
	for _, a := range apps {
		byName[a.Name] = a
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.apps = byName
}

// Issue makes a new key for the app. For a d360 app dia says which of the two
// 360dialog versions the key is for; the other families have one. The key is
// returned once and never again.
func (d *Directory) Issue(ctx context.Context, app string, dia dialect.Dialect, actor string) (string, Credential, error) {
	a, ok := d.app(app)
	if !ok {
		return "", Credential{}, ErrUnknownApp
	}
	if err := fits(a.Family, dia); err != nil {
		return "", Credential{}, err
	}
	key, id := randomKey(), make([]byte, 4)
	rand.Read(id) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	version, sum, err := d.cfg.Keys.MAC(keyring.App, []byte("key"), []byte(key))
	if err != nil {
		return "", Credential{}, fmt.Errorf("hash new key: %w", err)
	}
	c := Credential{ID: hex.EncodeToString(id), App: app, Dialect: dia, Version: version, Created: d.cfg.Now().Unix(), Actor: actor}
	return key, c, d.store(ctx, a, hex.EncodeToString(sum[:]), c, "key_added", actor)
}

func (d *Directory) store(ctx context.Context, a App, mac string, c Credential, what, actor string) error {
	value, err := json.Marshal(c)
	if err != nil {
		return fmt.Errorf("encode key: %w", err)
	}
	if what == "key_revoked" {
		value = nil
	}
	now := d.cfg.Now()
	return d.cfg.Journal.Append(ctx, journal.Batch{
		Records:  []audit.Record{accessRecord(now, a, what, actor, c.ID)},
		Settings: []journal.Setting{{Scope: ScopeKeys, Key: mac, Value: value, Time: now.UnixMicro()}},
		Committed: func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			if value == nil {
				delete(d.keys, mac)
				return
			}
			d.keys[mac] = c
		},
	})
}

func accessRecord(now time.Time, a App, what, actor, id string) audit.Record {
	return audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindAccess, Time: now.UnixMicro(),
		Tenant: a.Tenant, App: a.Name, Actor: actor, Type: what, Result: id,
	}
}

// Revoke ends a key by its public id; it stops working before Revoke returns.
func (d *Directory) Revoke(ctx context.Context, id, actor string) error {
	d.changing.Lock()
	defer d.changing.Unlock()
	d.mu.RLock()
	var mac string
	var c Credential
	for m, k := range d.keys {
		if k.ID == id {
			mac, c = m, k
		}
	}
	a, ok := d.apps[c.App]
	d.mu.RUnlock()
	if !ok {
		a = App{Name: c.App} // its keys can still be revoked
	}
	if mac == "" {
		return ErrUnknownKey
	}
	return d.store(ctx, a, mac, c, "key_revoked", actor)
}

// List returns the stored credentials, oldest first.
func (d *Directory) List() []Credential {
	d.mu.RLock()
	defer d.mu.RUnlock()
	out := make([]Credential, 0, len(d.keys))
	for _, c := range d.keys {
		out = append(out, c)
	}
	slices.SortFunc(out, func(a, b Credential) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// Key identifies a caller by its Cloud token or 360dialog key.
func (d *Directory) Key(key string) (Identity, bool) {
	if key == "" {
		return Identity{}, false
	}
	for {
		sums, err := d.cfg.Keys.MACs(keyring.App, []byte("key"), []byte(key))
		if err != nil {
			return Identity{}, false
		}
		id, known, stored := d.keyed(sums)
		if known {
			if stored != sums[0] {
				d.used(hex.EncodeToString(stored.Sum[:]), sums[0])
			}
			return id, true
		}
		// Between hash and look-up the key may have moved to a version made since.
		if active, err := d.cfg.Keys.ActiveVersion(keyring.App); err != nil || active == sums[0].Version {
			return Identity{}, false
		}
	}
}

// keyed finds whose key has one of the hashes, and which.
func (d *Directory) keyed(sums []keyring.VersionedMAC) (id Identity, known bool, stored keyring.VersionedMAC) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	for _, s := range sums {
		if c, ok := d.keys[hex.EncodeToString(s.Sum[:])]; ok {
			id, known = d.identity(c.App, c.Dialect)
			return id, known, s
		}
	}
	return Identity{}, false, stored
}

// identity is nobody where the app is gone or became one of another family. It
// is called with mu held.
func (d *Directory) identity(app string, dia dialect.Dialect) (Identity, bool) {
	a, ok := d.apps[app]
	if !ok || !slices.Contains(dialects[a.Family], dia) {
		return Identity{}, false
	}
	return Identity{Tenant: a.Tenant, App: a.Name, Dialect: dia, Numbers: a.Numbers}, true
}

func (d *Directory) app(name string) (App, bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	a, ok := d.apps[name]
	return a, ok
}

// dialects are what the apps of a family speak.
var dialects = map[string][]dialect.Dialect{
	"cloud": {dialect.Cloud}, "d360": {dialect.D360V1, dialect.D360V2}, familyOnPrem: {dialect.OnPrem},
}

const familyOnPrem = "onprem"

func fits(family string, dia dialect.Dialect) error {
	if family == familyOnPrem || !slices.Contains(dialects[family], dia) {
		return fmt.Errorf("an app of family %q has no keys for dialect %q; On-Premises apps have users instead", family, dia)
	}
	return nil
}

func randomKey() string {
	var raw [32]byte
	rand.Read(raw[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return base64.RawURLEncoding.EncodeToString(raw[:])
}
