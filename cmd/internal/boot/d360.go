package boot

import (
	"fmt"

	"postern/crypto/certs"
)

// D360 is the contract of a tenant whose numbers are at 360dialog.
type D360 struct {
	BaseURL string `json:"base_url"` // without trailing slash

	// Webhooks carry the secret in a header of this name, or are signed with
	// the platform secret; what is set must be right.
	WebhookHeader          string `json:"webhook_header"`
	WebhookSecret          Secret `json:"webhook_secret"`
	WebhookSecretPrevious  Secret `json:"webhook_secret_previous"`
	PlatformSecret         Secret `json:"platform_secret"`
	PlatformSecretPrevious Secret `json:"platform_secret_previous"`
}

// ByD360 reports a tenant whom 360dialog connects, not Meta itself.
func (t Tenant) ByD360() bool { return t.Upstream == upstreamD360 }

const (
	upstreamMeta = "meta"
	upstreamD360 = "d360"
)

// D360TLS says how 360dialog's servers are judged: roots alone and pins are
// about Meta's.
func (u Upstream) D360TLS() certs.ClientConfig {
	return certs.ClientConfig{CA: u.CA, TLS12: u.MinTLS == "1.2"}
}

func (r *reader) d360(s *section) D360 {
	defer s.done()
	return D360{
		BaseURL:                s.text("base_url", "https://waba-v2.360dialog.io", "write a URL"),
		WebhookHeader:          s.text("webhook_header", "X-Postern-Webhook", "write the name of a header"),
		WebhookSecret:          s.secret("webhook_secret", false),
		WebhookSecretPrevious:  s.previous("webhook_secret_previous", "webhook_secret"),
		PlatformSecret:         s.secret("platform_secret", false),
		PlatformSecretPrevious: s.previous("platform_secret_previous", "platform_secret"),
	}
}

// checkUpstream finds what a tenant needs for its upstream, and what it must not
// have: a credential of one that is written for the other is a mistake.
func (r *reader) checkUpstream(t Tenant, path string) {
	switch t.Upstream {
	case upstreamMeta:
		r.expect(r.nodes[path+".d360"] == nil, path+".d360", "is for tenants of 360dialog", "write upstream: d360, or remove it")
		for j, n := range t.Numbers {
			at := fmt.Sprintf("%s.numbers[%d]", path, j)
			r.expect(!n.D360Key.IsSet(), at+".d360_key", "is for tenants of 360dialog", "write upstream: d360 for the tenant, or remove it")
		}
	case upstreamD360:
		r.checkD360(t, path)
	default:
		r.reportAt(path+".upstream", path+".upstream is neither meta nor d360", "write meta, or d360 for numbers at 360dialog")
	}
}

func (r *reader) checkD360(t Tenant, path string) {
	r.expect(baseURL(t.D360.BaseURL, true), path+".d360.base_url", "is not an https URL without path", "write https://waba-v2.360dialog.io; http only for a simulator on loopback")
	r.expect(headerName(t.D360.WebhookHeader), path+".d360.webhook_header", "is no name of a header", "use letters, digits and -")
	r.expect(t.D360.WebhookSecret.IsSet() || t.D360.PlatformSecret.IsSet(), path+".d360", "says not how webhooks are told from forged ones", "write webhook_secret, which you give 360dialog with the webhook's URL, or platform_secret, or both")
	for key, wrong := range map[string]bool{
		"token": t.Token.IsSet(), "app_secret": t.AppSecret.IsSet(), "app_secret_previous": t.AppSecretPrevious.IsSet(), "verify_token": t.VerifyToken.IsSet(),
		"app_id": t.AppID != "",
	} {
		r.expect(!wrong, path+"."+key, "is Meta's, and this tenant is 360dialog's", "remove it")
	}
	for j, n := range t.Numbers {
		at := fmt.Sprintf("%s.numbers[%d]", path, j)
		r.expect(n.D360Key.IsSet(), at+".d360_key", "is missing", "write file:PATH, env:NAME or vault:PATH#FIELD: each number has its own key at 360dialog")
		r.expect(!n.Encryption.On, at+".encryption", "is not offered by 360dialog", "remove it")
		r.expect(n.Flow == nil, at+".flow", "can not be served: requests of flows are signed by 360dialog's app", "remove it; apps can serve their flows themselves")
	}
}
