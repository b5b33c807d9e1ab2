package boot

import (
	"fmt"
	"time"

	"go.yaml.in/yaml/v3"
)

func (r *reader) tenants(s *section) []Tenant {
	list := s.items("tenants", "write - name: ... for each tenant")
	if len(list) == 0 && s.node != nil {
		s.missing("tenants", "write at least one tenant")
	}
	out := make([]Tenant, len(list))
	for i, n := range list {
		out[i] = r.tenant(n, fmt.Sprintf("tenants[%d]", i))
	}
	return out
}

func (r *reader) tenant(n *yaml.Node, path string) Tenant {
	s := r.section(n, path)
	defer s.done()
	by := s.text("upstream", upstreamMeta, "write meta or d360")
	meta := by != upstreamD360
	return Tenant{
		Upstream:          by,
		D360:              r.d360(s.sub("d360")),
		Name:              s.required("name", "write a short name of lower-case letters, digits and -"),
		LegalEntity:       s.required("legal_entity", "write the legal entity that consents name"),
		Countries:         s.texts("countries", "write a list of two-letter country codes, such as [DE, AT]"),
		WABA:              s.required("waba_id", "write the WhatsApp Business Account id in quotes"),
		Token:             s.secret("token", meta),
		AppID:             s.text("app_id", "", "write the id of Meta's app in quotes"),
		AppSecret:         s.secret("app_secret", meta),
		AppSecretPrevious: s.previous("app_secret_previous", "app_secret"),
		VerifyToken:       s.secret("verify_token", meta),
		Numbers:           r.numbers(s),
		Apps:              r.apps(s),
	}
}

func (r *reader) numbers(s *section) []Number {
	list := s.items("numbers", "write - {id: \"...\", display: \"+...\"} for each number")
	if s.node != nil && s.values["numbers"] == nil {
		s.missing("numbers", "write its business numbers; [] for a tenant whose first one is still to come")
	}
	out := make([]Number, len(list))
	for i, n := range list {
		e := r.section(n, fmt.Sprintf("%s[%d]", s.at("numbers"), i))
		out[i] = Number{
			ID:      e.required("id", "write the phone_number_id in quotes"),
			Display: e.required("display", "write the business number in quotes, such as \"+49 30 1234567\""),

			D360Key:    e.secret("d360_key", false),
			Encryption: r.encryption(e.sub("encryption")),
			Flow:       r.flow(e.get("flow"), e.at("flow")),
		}
		e.done()
	}
	return out
}

func (r *reader) apps(s *section) []App {
	list := s.items("apps", "write - name: ... for each app")
	out := make([]App, len(list))
	for i, n := range list {
		e := r.section(n, fmt.Sprintf("%s[%d]", s.at("apps"), i))
		out[i] = App{
			Name:    e.required("name", "write a short name of lower-case letters, digits and -"),
			Dialect: e.required("dialect", "write cloud, d360 or onprem"),
			Numbers: e.texts("numbers", "write a list of phone_number_ids in quotes"),
			Webhook: r.webhook(e.sub("webhook")),

			ClientNames: e.texts("client_names", "write a list of names in the app's client certificates"),
			Identify:    e.text("identify", "key", "write key, certificate or both"),
			Health:      e.text("health", "", writeHealth),
			MonitorKey:  e.secret("monitor_key", false),
		}
		e.done()
	}
	return out
}

func (r *reader) webhook(s *section) Webhook {
	defer s.done()
	const write = "write config, or keystore: then postern app secret APP says what the app checks with"
	from := s.text("secret_from", "config", write)
	r.expect(from == "config" || from == "keystore", s.at("secret_from"), "is neither config nor keystore", write)
	w := Webhook{
		URL:            s.text("url", "", "write the URL that takes the app's events"),
		Headers:        r.headers(s.sub("headers")),
		Secret:         s.secret("secret", false),
		SecretPrevious: s.previous("secret_previous", "secret"),
		FromKeystore:   from == "keystore",
		Overlap:        s.duration("overlap", 24*time.Hour, 0, 90*24*time.Hour),
	}
	r.expect(!w.FromKeystore || s.values["secret"] == nil, s.at("secret"), "stands beside secret_from: keystore", "leave one of them out")
	return w
}

// headers takes any name. A value is a reference where the name says that it
// is secret, else it may be written out; it is treated as secret either way.
func (r *reader) headers(s *section) map[string]Secret {
	if s.node == nil {
		return nil
	}
	out := map[string]Secret{}
	for key, n := range s.values {
		v, ok := r.scalar(n, s.at(key), "write text, file:PATH, env:NAME or vault:PATH#FIELD", "!!str")
		switch {
		case !ok:
		case !headerName(key) || !headerValue(v):
			r.report(s.keys[key], s.at(key)+" is no header", "use letters, digits and - for the name, one line of text for the value")
		case isReference(v) || secretHeader(key):
			out[key] = r.resolve(v, s.at(key))
		default:
			out[key] = NewSecret(v)
		}
	}
	return out
}
