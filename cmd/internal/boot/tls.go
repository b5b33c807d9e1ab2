package boot

import (
	"fmt"
	"slices"
	"strings"

	"postern/crypto/certs"
)

// metaClientName is the common name in the certificate of Meta's webhooks
// (Meta's page "mTLS for Webhooks").
const metaClientName = "client.webhooks.fbclientcerts.com"

const minTLSRemedy = `write "1.3" or "1.2", in quotes`

// tlsListener reads a listener. Only that of webhooks names its clients itself;
// those of the other are the apps'.
func (r *reader) tlsListener(s *section, webhook bool) TLSListener {
	defer s.done()
	if s.required("address", "write host:port") == "" {
		s.asked = append(s.asked, "cert", "key", "pki", "min_tls", "client_ca", "client_cert", "client_names")
		return TLSListener{}
	}
	if s.values["pki"] == nil {
		s.required("cert", "write the PEM file of the certificate chain, or pki")
		s.required("key", "write the PEM file of the private key")
	}
	l := TLSListener{
		Address:    s.values["address"].Value,
		Cert:       s.file("cert", "", ""),
		Key:        s.file("key", "", ""),
		PKI:        r.pki(s.sub("pki")),
		MinTLS:     s.text("min_tls", "1.3", minTLSRemedy),
		ClientCA:   s.file("client_ca", "", "write the PEM file of the clients' roots, or leave it out"),
		ClientCert: s.text("client_cert", "required", "write required or optional"),
	}
	if webhook {
		l.ClientNames = s.texts("client_names", "write a list of names, one of which is in Meta's client certificate")
		if len(l.ClientNames) == 0 {
			l.ClientNames = []string{metaClientName}
		}
	}
	return l
}

// checkTLS judges versions, clients and pins.
func (r *reader) checkTLS(c *Config) {
	for path, version := range map[string]string{
		"listeners.app.min_tls": c.Listeners.App.MinTLS, "listeners.webhook.min_tls": c.Listeners.Webhook.MinTLS,
		"upstream.min_tls": c.Upstream.MinTLS, "delivery.min_tls": c.Delivery.MinTLS,
	} {
		r.expect(slices.Contains([]string{"", "1.2", "1.3"}, version), path, "is no version that is spoken here", minTLSRemedy)
	}
	for path, l := range map[string]TLSListener{"listeners.app": c.Listeners.App, "listeners.webhook": c.Listeners.Webhook} {
		r.checkPKI(c, path, l)
		r.expect(slices.Contains([]string{"", "required", "optional"}, l.ClientCert), path+".client_cert", "is neither required nor optional", "write required or optional")
		for _, key := range []string{"client_cert", "client_names"} {
			_, written := r.nodes[path+"."+key]
			r.expect(!written || l.ClientCA != "", path+"."+key, "means nothing without client_ca", "write client_ca, or leave this out")
		}
		for i, name := range l.ClientNames {
			r.expect(clientName(name), fmt.Sprintf("%s.client_names[%d]", path, i), "is no name in a certificate", "write a name without spaces")
		}
	}
	r.expect(!c.Upstream.CAOnly || c.Upstream.CA != "", "upstream.ca_only", "would trust nobody", "write upstream.ca, or leave this out")
	for i, pin := range c.Upstream.Pins {
		r.expect(certs.CheckPin(pin) == nil, fmt.Sprintf("upstream.pins[%d]", i), "is no pin", "write sha256/ and 44 characters of base64")
	}
}

// checkClient judges how an app is known. A name is one app's alone.
func (r *reader) checkClient(c *Config, a App, path string, used claims) {
	r.expect(slices.Contains([]string{"", "key", "certificate", "both"}, a.Identify), path+".identify", "is not a way to know an app", "write key, certificate or both")
	asked := c.Listeners.App.ClientCA != ""
	r.expect(asked || len(a.ClientNames) == 0, path+".client_names", "means nothing without listeners.app.client_ca", "write the roots of the apps' certificates there")
	r.expect(a.Identify == "key" || len(a.ClientNames) > 0, path+".identify", "needs client_names", "write the names in the app's certificate")
	for i, name := range a.ClientNames {
		at := fmt.Sprintf("%s.client_names[%d]", path, i)
		r.expect(clientName(name), at, "is no name in a certificate", "write a DNS name or a URI")
		used.claim(r, strings.ToLower(name), at, "client name")
	}
}

func clientName(s string) bool {
	return s != "" && len(s) <= 255 && !strings.ContainsFunc(s, func(c rune) bool { return c <= ' ' || c > '~' })
}
