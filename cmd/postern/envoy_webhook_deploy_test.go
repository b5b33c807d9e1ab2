package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/crypto/certs/certstest"
)

const webhookPart = "Webhooks with Meta's mutual TLS"

// post posts a webhook to Envoy's listener as Meta does, with a client's
// certificate.
func (p *outpost) post(t *testing.T, cert tls.Certificate, secret, body string) (status int, err error) {
	t.Helper()
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	_, path, _ := strings.Cut(p.Env["POSTERN_WEBHOOK_URL"], "/webhook/")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://"+p.envoy.Address(t, "postern_webhook")+"/webhook/"+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
	c := p.Client(t)
	c.Transport.(*http.Transport).TLSClientConfig.Certificates = []tls.Certificate{cert}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err
	}
	return resp.StatusCode, resp.Body.Close()
}

// TestDeployWebhooks: Meta is heard by its certificate's name and its
// signature, and nobody else.
func TestDeployWebhooks(t *testing.T) {
	ca, strangers := certstest.NewCA(t, "Meta", time.Now()), certstest.NewCA(t, "Meta", time.Now())
	p := deployEnvoy(t, "webhook.yaml", func(r *rig.Options) {
		section := r.Config
		r.Keep = t.TempDir()
		write(t, r.Keep+"/certs/meta-outbound-ca.pem", ca.PEM())
		r.Config = func(text string) string {
			before, after, _ := strings.Cut(section(text), "  webhook: {")
			return before + "  webhook: {" + yamlOf(t, webhookPart) + ", " + after
		}
	})
	p.walk(t, steps(t, webhookPart), "postern_webhook", "localhost")

	named := func(name string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.Subject.CommonName = name }
	}
	meta := ca.Client(t, named("client.webhooks.fbclientcerts.com"))
	body := fmt.Sprintf(`{"object":"whatsapp_business_account","entry":[{"id":%q,"changes":[{"field":"messages","value":{"messaging_product":"whatsapp",`+
		`"metadata":{"display_phone_number":"+49 30 23125 001","phone_number_id":%q},"contacts":[{"profile":{"name":"Ana"},"wa_id":%[3]q}],`+
		`"messages":[{"from":%[3]q,"id":"wamid.deployed","timestamp":"%[4]d","type":"text","text":{"body":"by Envoy"}}]}}]}]}`,
		p.Env["POSTERN_WABA_ID"], p.Env["POSTERN_PHONE_ID"], p.Env["DEMO_CONSENTED"], time.Now().Unix())
	if status, err := p.post(t, meta, p.Env["META_APP_SECRET"], body); err != nil || status != http.StatusOK {
		t.Errorf("Meta is answered %d, %v", status, err)
	}
	p.Hooks.With(t, "by Envoy")
	if status, err := p.post(t, meta, "another secret", body); err != nil || status != http.StatusUnauthorized {
		t.Errorf("a certificate in place of a signature is answered %d, %v", status, err)
	}
	for name, cert := range map[string]tls.Certificate{
		"another name": ca.Client(t, named("client.example.org")), "another root": strangers.Client(t, named("client.webhooks.fbclientcerts.com")),
	} {
		if status, err := p.post(t, cert, p.Env["META_APP_SECRET"], body); err == nil {
			t.Errorf("%s: answered %d", name, status)
		}
	}
}
