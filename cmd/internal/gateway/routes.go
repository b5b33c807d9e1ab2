package gateway

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/crypto/keyring"
	"postern/proxy"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/egress"
	"postern/proxy/inbound"
	"postern/proxy/settings"
	"postern/proxy/upstream"
)

// routes are what requests need of the configuration, ready to look up. They
// are replaced whole on reload.
type routes struct {
	tenants  map[string]boot.Tenant
	accounts map[string]proxy.Account // by phone_number_id
	families map[string]string        // by app
	health   map[string]string        // by app: the shape it reads health in
}

func newRoutes(cfg *boot.Config) *routes {
	r := &routes{tenants: map[string]boot.Tenant{}, accounts: map[string]proxy.Account{}, families: map[string]string{}, health: map[string]string{}}
	for _, t := range cfg.Tenants {
		r.tenants[t.Name] = t
		for _, n := range t.Numbers {
			r.accounts[n.ID] = proxy.Account{Tenant: t.Name, WABA: t.WABA, Countries: t.Countries, Display: n.Display}
		}
		for _, a := range t.Apps {
			r.families[a.Name], r.health[a.Name] = a.Dialect, a.Health
			for _, id := range a.Numbers {
				account := r.accounts[id]
				account.App = a.Name
				r.accounts[id] = account
			}
		}
	}
	return r
}

// account finds what is known of a business number. A 360dialog app gets its
// events in the form of the key that set the webhook.
func (g *Gateway) account(number string) (proxy.Account, bool) {
	r := g.routes.Load()
	a, ok := r.accounts[number]
	if !ok {
		return a, false
	}
	switch r.families[a.App] {
	case "cloud":
		a.Dialect = dialect.Cloud
	case "onprem":
		a.Dialect = dialect.OnPrem
	case "d360":
		a.Dialect = dialect.D360V2
		if hook, ok := g.settings.Webhook(a.App); ok && hook.Dialect != "" {
			a.Dialect = hook.Dialect
		}
	}
	a.Settings = g.appSettings
	a.Adopted = (*g.adopted.Load())[number]
	return a, true
}

// apps are the accounts of a business account's apps, each app once, without a
// number.
func (g *Gateway) apps(tenant, waba string) []proxy.Account {
	var out []proxy.Account
	t, ok := g.routes.Load().tenants[tenant]
	if !ok || t.WABA != waba {
		return nil
	}
	for _, a := range t.Apps {
		if len(a.Numbers) > 0 {
			account, _ := g.account(a.Numbers[0])
			out = append(out, account)
		}
	}
	return out
}

// healthShape is the form of /v1/health that the app was written for.
func (g *Gateway) healthShape(app string) dialect.HealthShape {
	return dialect.HealthShape(g.routes.Load().health[app])
}

// appSettings are an old client's wishes about its webhooks.
func (g *Gateway) appSettings(app string) dialect.Settings {
	return dialect.Settings{Values: g.settings.Application(app)}
}

// webhookPace is how fast webhooks go to an app: On-Premises ones say so themselves.
func (g *Gateway) webhookPace(app string) (p delivery.Pace) {
	if g.routes.Load().families[app] == "onprem" {
		p.Step, p.Most, p.Parallel = g.appSettings(app).Pace()
	}
	return p
}

var errTenant = errors.New("tenant is not in the configuration")

// token is what a tenant is known by upstream.
func (g *Gateway) token(tenant string) (upstream.Credential, error) {
	t, ok := g.routes.Load().tenants[tenant]
	if !ok || !t.ByD360() && !t.Token.IsSet() {
		return upstream.Credential{}, errTenant
	}
	if !g.serves(boot.Send) {
		return upstream.Credential{}, errOffline
	}
	if t.ByD360() {
		return upstream.Credential{D360: d360Keys(t)}, nil
	}
	return upstream.Credential{Token: t.Token.Value(), App: t.AppID}, nil
}

func (g *Gateway) appSecret(tenant string) ([]byte, error) {
	t, ok := g.routes.Load().tenants[tenant]
	if !ok || !t.AppSecret.IsSet() {
		return nil, errTenant
	}
	return []byte(t.AppSecret.Value()), nil
}

// webhookTenant is what the inbound listener must know of a tenant.
func (g *Gateway) webhookTenant(name string) (inbound.Tenant, bool) {
	t, ok := g.routes.Load().tenants[name]
	if !ok {
		return inbound.Tenant{}, false
	}
	return inbound.Tenant{
		Name: name,
		Down: !g.serves(boot.Receive),
		D360: d360Proof(t),
		Secrets: func() [][]byte {
			secrets := [][]byte{[]byte(t.AppSecret.Value())}
			if t.AppSecretPrevious.IsSet() {
				secrets = append(secrets, []byte(t.AppSecretPrevious.Value()))
			}
			return secrets
		},
		Verify: func() []byte { return []byte(t.VerifyToken.Value()) },
	}, true
}

// webhooks are the targets that the configuration names.
func (g *Gateway) webhooks(cfg *boot.Config) map[string]settings.Webhook {
	out := map[string]settings.Webhook{}
	for _, t := range cfg.Tenants {
		for _, a := range t.Apps {
			hook := settings.Webhook{URL: a.Webhook.URL}
			if len(a.Webhook.Headers) > 0 {
				hook.Headers = map[string]string{}
				for name, value := range a.Webhook.Headers {
					hook.Headers[name] = value.Value()
				}
			}
			if secret := a.Webhook.Secret; secret.IsSet() {
				hook.Secret = func() []byte { return []byte(secret.Value()) }
			}
			if a.Webhook.FromKeystore {
				signing := settings.Signing{Keys: g.store.Keys, Overlap: a.Webhook.Overlap, Now: g.now}
				hook.Secret = func() []byte { return signing.Secret(a.Name) }
				hook.Previous = func() []byte { return signing.Previous(a.Name) }
			}
			if previous := a.Webhook.SecretPrevious; previous.IsSet() {
				hook.Previous = func() []byte { return []byte(previous.Value()) }
			}
			out[a.Name] = hook
		}
	}
	return out
}

func appNames(cfg *boot.Config) []string {
	var out []string
	for _, t := range cfg.Tenants {
		for _, a := range t.Apps {
			out = append(out, a.Name)
		}
	}
	return out
}

func newUpstream(cfg *boot.Config, now func() time.Time) (*upstream.Client, error) {
	conf, err := certs.Client(cfg.Upstream.TLS())
	if err != nil {
		return nil, fmt.Errorf("upstream.ca: %w", err)
	}
	d360, err := certs.Client(cfg.Upstream.D360TLS())
	if err != nil {
		return nil, fmt.Errorf("upstream.ca: %w", err)
	}
	return upstream.New(upstream.Config{
		BaseURL: strings.TrimSuffix(cfg.Upstream.BaseURL, "/"), Version: cfg.Upstream.Version, TLS: conf, D360TLS: d360,
		Timeout: cfg.Upstream.Timeout, Connections: cfg.Upstream.MaxConnections, Now: now,
	})
}

func deliveryClient(cfg *boot.Config, guard *egress.Guard) (*http.Client, error) {
	return appClient(cfg, guard, cfg.Delivery.Connections, 30*time.Second)
}

// appClient reaches what apps run: their webhooks, and hosts of their files.
func appClient(cfg *boot.Config, guard *egress.Guard, connections int, timeout time.Duration) (*http.Client, error) {
	conf, err := certs.Client(cfg.Delivery.TLS())
	if err != nil {
		return nil, fmt.Errorf("delivery.ca: %w", err)
	}
	return guard.Client(conf, connections, timeout), nil
}

// hashSource lets a record show that a source came again, not which it was.
func (g *Gateway) hashSource(source string) (string, error) {
	_, sum, err := g.store.Keys.MAC(keyring.Original, []byte("source"), []byte(source))
	if err != nil {
		return "", err
	}
	return hex.EncodeToString(sum[:8]), nil
}
