package gateway

import (
	"postern/cmd/internal/boot"
	"postern/proxy/inbound"
	"postern/proxy/upstream"
)

// d360Keys are the keys of a tenant's numbers at 360dialog.
func d360Keys(t boot.Tenant) *upstream.D360 {
	out := &upstream.D360{BaseURL: t.D360.BaseURL, Keys: map[string]string{}}
	for _, n := range t.Numbers {
		if n.D360Key.IsSet() {
			out.Keys[n.ID] = n.D360Key.Value()
		}
	}
	return out
}

// d360Proof is how webhooks of a tenant of 360dialog's show that they are from
// there; nil for a tenant of Meta's.
func d360Proof(t boot.Tenant) *inbound.D360 {
	if !t.ByD360() {
		return nil
	}
	return &inbound.D360{
		Header:  t.D360.WebhookHeader,
		Values:  secrets(t.D360.WebhookSecret, t.D360.WebhookSecretPrevious),
		Signing: secrets(t.D360.PlatformSecret, t.D360.PlatformSecretPrevious),
	}
}

func secrets(all ...boot.Secret) (out [][]byte) {
	for _, s := range all {
		if s.IsSet() {
			out = append(out, []byte(s.Value()))
		}
	}
	return out
}
