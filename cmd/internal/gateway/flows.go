package gateway

import (
	"postern/cmd/internal/boot"
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
		Tenant: tenant, Number: number, Secrets: known.Secrets, Keys: f.Keys(), Down: known.Down || !g.serves(boot.Deliver),
		URL: f.Endpoint.URL, Headers: map[string]string{}, Timeout: f.Timeout, PlainRefusal: f.TokenRefusal == "plain",
	}
	for name, value := range f.Endpoint.Headers {
		out.Headers[name] = value.Value()
	}
	if secret := f.Endpoint.Secret; secret.IsSet() {
		out.Secret = func() []byte { return []byte(secret.Value()) }
	}
	return out, true
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
