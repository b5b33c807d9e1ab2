// Package settings keeps what an app sets for itself over its API: webhook
// target and headers, and the On-Premises application settings. Values are
// sealed in the journal, since targets and headers may hold secrets.
//
// A target is checked when it is set and again at every connection. It fails
// closed: what can not be opened or read is an error at start, never a default.
package settings

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"strings"
	"sync"
	"time"

	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/dialect"
	"postern/proxy/egress"
)

// Scope is the settings scope in the journal; the key is app "/" name.
const Scope = "app"

const (
	keyWebhook     = "webhook"
	keyAccount     = "waba_webhook"
	keyApplication = "application"
	keyAuthorities = "authorities"
	keyProviders   = "providers"
)

// Webhook is where an app's events go. Secret and Previous sign what Cloud
// apps receive and come from the configuration, or as it says from the keystore.
type Webhook struct {
	URL     string            `json:"url"`
	Headers map[string]string `json:"headers,omitempty"`
	Dialect dialect.Dialect   `json:"dialect,omitempty"` // of the key that set it; the form of what is delivered
	Secret  func() []byte     `json:"-"`

	Previous func() []byte `json:"-"` // the secret before, while an app may still check with it, else empty
}

// Errors a caller branches on.
var (
	ErrHeader = errors.New("header is not allowed: use plain names and values, no Host, Content-Length, Connection or signature headers")
	ErrTarget = egress.ErrForbidden
)

// Config is what a Store needs.
type Config struct {
	Journal *journal.Journal
	Keys    *keyring.Keyring
	Guard   *egress.Guard
	Now     func() time.Time
}

// Store holds the settings of all apps. It is safe for concurrent use.
type Store struct {
	cfg Config

	mu          sync.RWMutex
	configured  map[string]Webhook // by app, from the configuration
	webhooks    map[string]Webhook // by app, set by the app itself
	accounts    map[string]Webhook // by app, set by it for its numbers of the whole account
	application map[string]map[string]string
	authorities map[string]string // by app: PEM text
	providers   map[string][]dialect.Provider
}

// Load reads and opens all stored settings.
func Load(ctx context.Context, cfg Config) (*Store, error) {
	s := &Store{
		cfg: cfg, configured: map[string]Webhook{}, webhooks: map[string]Webhook{}, accounts: map[string]Webhook{},
		application: map[string]map[string]string{}, authorities: map[string]string{}, providers: map[string][]dialect.Provider{},
	}
	rows, err := cfg.Journal.Settings(ctx, Scope)
	if err != nil {
		return nil, fmt.Errorf("load app settings: %w", err)
	}
	for _, row := range rows {
		plain, err := cfg.Keys.UnsealSecret([]byte(Scope+"\x00"+row.Key), row.Value)
		if err != nil {
			return nil, fmt.Errorf("open app settings: %w", err)
		}
		if err := s.adopt(row.Key, plain); err != nil {
			return nil, err
		}
	}
	return s, nil
}

func (s *Store) adopt(key string, plain []byte) error {
	app, name, _ := strings.Cut(key, "/")
	var err error
	switch name {
	case keyWebhook:
		var w Webhook
		if err = json.Unmarshal(plain, &w); err == nil {
			s.webhooks[app] = w
		}
	case keyAccount:
		var w Webhook
		if err = json.Unmarshal(plain, &w); err == nil {
			s.accounts[app] = w
		}
	case keyApplication:
		var m map[string]string
		if err = json.Unmarshal(plain, &m); err == nil {
			s.application[app] = m
		}
	case keyAuthorities:
		var pem string
		if err = json.Unmarshal(plain, &pem); err == nil {
			s.authorities[app] = pem
		}
	case keyProviders:
		var list []dialect.Provider
		if err = json.Unmarshal(plain, &list); err == nil {
			s.providers[app] = list
		}
	}
	if err != nil {
		return fmt.Errorf("read app settings: %w", err)
	}
	return nil
}

// Configure replaces the webhooks given by the configuration.
func (s *Store) Configure(webhooks map[string]Webhook) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.configured = maps.Clone(webhooks)
}

// Webhook is the app's current target: its own setting, else the one it set for
// the account, else the configured one. The secret is always the configured one, and an app that is not
// configured has no target, whatever it set when it was.
func (s *Store) Webhook(app string) (Webhook, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	conf, configured := s.configured[app]
	own := s.webhooks[app]
	if own.URL == "" {
		own = s.accounts[app]
	}
	if configured && own.URL != "" {
		own.Secret, own.Previous = conf.Secret, conf.Previous
		return own, true
	}
	return conf, conf.URL != ""
}

// SetWebhook checks and stores the app's own target. An empty URL goes back to
// that of the account or the configured one.
func (s *Store) SetWebhook(ctx context.Context, tenant, app string, w Webhook) error {
	if err := s.CheckWebhook(w); err != nil {
		return err
	}
	return s.put(ctx, tenant, app, s.webhook(app, w))
}

// Targets are the URLs that events of an app may go to: the first that is not
// empty is where they go. They are the app's own, the one it set for the account,
// and the configured one.
func (s *Store) Targets(app string) struct{ Number, Account, App string } {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return struct{ Number, Account, App string }{s.webhooks[app].URL, s.accounts[app].URL, s.configured[app].URL}
}

// AccountWebhook is the target the app set for the account, used or not.
func (s *Store) AccountWebhook(app string) (Webhook, bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	w := s.accounts[app]
	return w, w.URL != ""
}

// SetAccountWebhook checks and stores the app's target for the account. It is
// used once the app has no target of its own.
func (s *Store) SetAccountWebhook(ctx context.Context, tenant, app string, w Webhook) error {
	if err := s.CheckWebhook(w); err != nil {
		return err
	}
	return s.put(ctx, tenant, app, s.forAccount(app, w))
}

// SetOnlyWebhook is SetAccountWebhook for an app that gives up the target of its
// own, both in one step.
func (s *Store) SetOnlyWebhook(ctx context.Context, tenant, app string, w Webhook) error {
	if err := s.CheckWebhook(w); err != nil {
		return err
	}
	return s.put(ctx, tenant, app, s.forAccount(app, w), s.webhook(app, Webhook{}))
}

// CheckWebhook says why a target may not be set, nil if it may.
func (s *Store) CheckWebhook(w Webhook) error {
	if w.URL != "" {
		if _, err := s.cfg.Guard.CheckURL(w.URL); err != nil {
			return err
		}
	}
	return checkHeaders(w.Headers)
}

// Application returns the app's stored application settings.
func (s *Store) Application(app string) map[string]string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return maps.Clone(s.application[app])
}

// Application is what a change of an app's application settings makes of them.
type Application struct {
	Values  map[string]string
	Webhook *Webhook // the target among them where it changes, else nil
	Dropped []string // names that the app sent and nobody knows
	Idle    []string // names that it sent and that have no effect here
}

// SetApplication replaces the app's application settings and its target with
// them, both or neither. What was dropped or has no effect stays on record.
func (s *Store) SetApplication(ctx context.Context, tenant, app string, set Application) error {
	values := []value{s.applied(app, set)}
	if set.Webhook != nil {
		if err := s.CheckWebhook(*set.Webhook); err != nil {
			return err
		}
		values = append(values, s.webhook(app, *set.Webhook))
	}
	return s.put(ctx, tenant, app, values...)
}

// Authorities are the PEM certificates that the app's webhook is trusted by
// beside those of the configuration, "" for none.
func (s *Store) Authorities(app string) string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.authorities[app]
}

// SetAuthorities replaces them; "" trusts the configuration's alone again.
func (s *Store) SetAuthorities(ctx context.Context, tenant, app, pem string) error {
	return s.put(ctx, tenant, app, s.trusted(app, pem))
}

// reserved header names would break framing or pretend to be ours.
var reserved = []string{
	"Host", "Content-Length", "Content-Type", "Connection", "Transfer-Encoding", "Te", "Trailer", "Upgrade", "Keep-Alive",
	"Proxy-Connection", "Proxy-Authorization", "X-Hub-Signature", "X-Hub-Signature-256", "Expect",
}

func checkHeaders(h map[string]string) error {
	if len(h) > 20 {
		return ErrHeader
	}
	for name, value := range h {
		if !token(name) || len(value) > 2048 || strings.ContainsFunc(value, func(r rune) bool { return r < ' ' || r == 0x7f }) {
			return ErrHeader
		}
		for _, r := range reserved {
			if http.CanonicalHeaderKey(name) == r {
				return ErrHeader
			}
		}
	}
	return nil
}

// token reports whether a header name is an RFC 9110 token.
func token(s string) bool {
	for _, c := range []byte(s) {
		if c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0 {
			continue
		}
		return false
	}
	return s != ""
}
