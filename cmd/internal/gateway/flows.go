package gateway

import (
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/crypto/flows"
	"postern/proxy/egress"
	"postern/proxy/inbound"
)

// flow is what the webhook listener must know of a number's flows.
func (g *Gateway) flow(number string) (inbound.Flow, bool) {
	tenant, f, ok := g.routes.Load().flow(number)
	if !ok {
		return inbound.Flow{}, false
	}
	known, ok := g.webhookTenant(tenant)
	if !ok {
		return inbound.Flow{}, false
	}
	out := inbound.Flow{
		Tenant: tenant, Number: number, Secrets: known.Secrets, Keys: g.keysOf(number, f), Down: known.Down || !g.serves(boot.Deliver),
		Media: inbound.Media{Hosts: f.Media.Hosts, Bytes: f.Media.MaxBytes, Inline: f.Media.Form == "inline"},
		URL:   f.Endpoint.URL, Headers: map[string]string{}, Timeout: f.Timeout, PlainRefusal: f.TokenRefusal == "plain",
	}
	var err error
	if out.App, err = f.App(); err != nil {
		out.Down = true // the configuration's check names it
	}
	for name, value := range f.Endpoint.Headers {
		out.Headers[name] = value.Value()
	}
	if secret := f.Endpoint.Secret; secret.IsSet() {
		out.Secret = func() []byte { return []byte(secret.Value()) }
	}
	return out, true
}

// flowPair is a number's current and previous key, wherever they are.
func (g *Gateway) flowPair(number string, f *boot.Flow) (current, previous *flows.Key) {
	if f.Keystore {
		return g.flowStore.Pair(number)
	}
	return f.Pair()
}

func (g *Gateway) keysOf(number string, f *boot.Flow) []*flows.Key {
	current, previous := g.flowPair(number, f)
	return slices.DeleteFunc([]*flows.Key{current, previous}, func(k *flows.Key) bool { return k == nil })
}

// flowMediaClient fetches files of flows. Addresses inside may be reached where a
// number's flow names them with their port; roots and versions are those of
// Meta's API, pins are not: files come from other servers.
func flowMediaClient(cfg *boot.Config, resolver *net.Resolver) (*http.Client, error) {
	var inside []string
	for _, t := range cfg.Tenants {
		for _, n := range t.Numbers {
			if n.Flow == nil {
				continue
			}
			for _, host := range n.Flow.Media.Hosts {
				if strings.Contains(host, ":") {
					inside = append(inside, host)
				}
			}
		}
	}
	guard, err := egress.NewGuard(inside)
	if err != nil {
		return nil, err
	}
	guard.Resolver = resolver
	side := cfg.Upstream.TLS()
	side.Pins = nil
	conf, err := certs.Client(side)
	if err != nil {
		return nil, fmt.Errorf("upstream.ca: %w", err)
	}
	return guard.Client(conf, 8, 10*time.Second), nil
}

// flow finds a number's flows with its tenant.
func (r *routes) flow(number string) (string, *boot.Flow, bool) {
	tenant := r.tenants[r.accounts[number].Tenant]
	for _, n := range tenant.Numbers {
		if n.ID == number && n.Flow != nil {
			return tenant.Name, n.Flow, true
		}
	}
	return "", nil, false
}
