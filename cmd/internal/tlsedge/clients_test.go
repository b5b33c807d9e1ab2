package tlsedge

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"strings"
	"testing"
	"time"
)

// mutual asks clients of both listeners for certificates; the three apps are
// known by key, by both, and by certificate.
func mutual(t *testing.T) *site {
	t.Helper()
	return start(t, time.Hour, func(_ *site, text string) string {
		return swap(t, text,
			"cert: certs/server.pem,", "client_ca: certs/clients.pem, client_cert: optional, cert: certs/server.pem,",
			`, cert: certs/server.pem, key: certs/server-key.pem}`+"\n  admin", `, cert: certs/server.pem, key: certs/server-key.pem, client_ca: certs/clients.pem}`+"\n  admin",
			"dialect: cloud,", "dialect: cloud, client_names: [cloud.example, other.cloud.example],",
			"dialect: d360,", "dialect: d360, identify: both, client_names: [D360.example],",
			"dialect: onprem,", "dialect: onprem, identify: certificate, client_names: ['spiffe://demo/onprem'],")
	})
}

func TestAppsByCertificate(t *testing.T) {
	t.Parallel()
	s := mutual(t)
	cert := func(list ...string) *tls.Certificate {
		c := s.clients.Client(t, names(list...))
		return &c
	}
	cloud, d360, onprem, unknown := cert("other.cloud.example"), cert("x.example", "d360.example"), cert("spiffe://demo/onprem"), cert("who.example")
	two := cert("cloud.example", "d360.example")
	cloudURL, cloudKey := "/v25.0/"+s.Env["POSTERN_PHONE_ID"], "Authorization: Bearer "+s.Env["POSTERN_CLOUD_TOKEN"]
	d360URL, d360Key := "/v1/configs/webhook", "D360-API-KEY: "+s.Env["POSTERN_D360_V1_KEY"]
	onpremURL := "/v1/settings/application"
	login := func(c *tls.Certificate) (int, string) {
		basic := base64.StdEncoding.EncodeToString([]byte(s.Env["POSTERN_ONPREM_USER"] + ":" + s.Env["POSTERN_ONPREM_PASSWORD"]))
		return ask(t, s.client(t, c), http.MethodPost, s.Env["POSTERN_URL"]+"/v1/users/login", "", "Authorization: Basic "+basic)
	}
	for _, bad := range []*tls.Certificate{nil, cloud, unknown} {
		if status, body := login(bad); status != http.StatusUnauthorized {
			t.Errorf("login without the app's certificate: %d %s", status, body)
		}
	}
	status, body := login(onprem)
	token := between(body, `"token":"`, `"`)
	if status != http.StatusOK || token == "" {
		t.Fatalf("login: %d %s", status, body)
	}
	for name, tc := range map[string]struct {
		cert   *tls.Certificate
		url    string
		header string
		status int
	}{
		"key":                           {nil, cloudURL, cloudKey, 200},
		"key and its certificate":       {cloud, cloudURL, cloudKey, 200},
		"key and another's certificate": {d360, cloudURL, cloudKey, 401},
		"key and nobody's certificate":  {unknown, cloudURL, cloudKey, 401},
		"key and two apps' certificate": {two, cloudURL, cloudKey, 401},
		"certificate without its key":   {cloud, cloudURL, "X-Nothing: x", 401},
		"both":                          {d360, d360URL, d360Key, 200},
		"both, key alone":               {nil, d360URL, d360Key, 401},
		"both, certificate alone":       {d360, d360URL, "D360-API-KEY: ", 401},
		"both, another's certificate":   {cloud, d360URL, d360Key, 401},
		"both, another's key":           {d360, d360URL, "D360-API-KEY: wrong", 401},
		"certificate":                   {onprem, onpremURL, "X-Nothing: x", 200},
		"certificate and token":         {onprem, onpremURL, "Authorization: Bearer " + token, 200},
		"certificate and a bad token":   {onprem, onpremURL, "Authorization: Bearer bad", 401},
		"token without certificate":     {nil, onpremURL, "Authorization: Bearer " + token, 401},
		"token, another's certificate":  {cloud, onpremURL, "Authorization: Bearer " + token, 401},
		"certificate, another's paths":  {onprem, cloudURL, "X-Nothing: x", 401},
		"nothing":                       {nil, onpremURL, "X-Nothing: x", 401},
	} {
		t.Run(name, func(t *testing.T) {
			if status, body := ask(t, s.client(t, tc.cert), http.MethodGet, s.Env["POSTERN_URL"]+tc.url, "", tc.header); status != tc.status {
				t.Errorf("answered %d, want %d: %s", status, tc.status, body)
			}
		})
	}
	t.Run("expired", func(t *testing.T) {
		old := s.clients.Client(t, func(c *x509.Certificate) {
			names("cloud.example")(c)
			c.NotAfter = time.Now().Add(-time.Minute)
		})
		if status, body := ask(t, s.client(t, &old), http.MethodGet, s.Env["POSTERN_URL"]+cloudURL, "", cloudKey); status != 0 {
			t.Errorf("an expired certificate is answered %d %s", status, body)
		}
		s.metric(t, `postern_tls_failures_total{kind="certificate_expired",listener="app"} 1`)
	})
	t.Run("of another root", func(t *testing.T) {
		foreign := s.strangers.Client(t, names("cloud.example"))
		if status, body := ask(t, s.client(t, &foreign), http.MethodGet, s.Env["POSTERN_URL"]+cloudURL, "", cloudKey); status != 0 {
			t.Errorf("a certificate of another root is answered %d %s", status, body)
		}
		s.metric(t, `postern_tls_failures_total{kind="certificate_unknown",listener="app"} 1`)
	})
	t.Run("expires while the connection lasts", func(t *testing.T) {
		c := s.client(t, cloud)
		if status, body := ask(t, c, http.MethodGet, s.Env["POSTERN_URL"]+cloudURL, "", cloudKey); status != 200 {
			t.Fatalf("before: %d %s", status, body)
		}
		s.Clock.Forward(61 * time.Minute)
		if status, body := ask(t, c, http.MethodGet, s.Env["POSTERN_URL"]+cloudURL, "", cloudKey); status == 200 {
			t.Errorf("after: %d %s", status, body)
		}
	})
}

func between(text, before, after string) string {
	_, rest, _ := strings.Cut(text, before)
	found, _, _ := strings.Cut(rest, after)
	return found
}

// TestWebhooksByCertificate: Meta is told by the common name that it publishes.
func TestWebhooksByCertificate(t *testing.T) {
	t.Parallel()
	s := mutual(t)
	const body = `{"object":"whatsapp_business_account","entry":[]}`
	mac := hmac.New(sha256.New, []byte(s.Env["META_APP_SECRET"]))
	mac.Write([]byte(body))
	signature := "X-Hub-Signature-256: sha256=" + hex.EncodeToString(mac.Sum(nil))
	meta := func(c *x509.Certificate) { c.Subject.CommonName = "client.webhooks.fbclientcerts.com" }
	right, named, foreign := s.clients.Client(t, meta), s.clients.Client(t, names("cloud.example")), s.strangers.Client(t, meta)
	for name, tc := range map[string]struct {
		cert *tls.Certificate
		kind string
	}{
		"right": {&right, ""}, "none": {nil, "certificate_missing"},
		"an app's": {&named, "certificate_name"}, "of another root": {&foreign, "certificate_unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			status, answer := ask(t, s.client(t, tc.cert), http.MethodPost, s.Env["POSTERN_WEBHOOK_URL"], body, signature)
			if want := map[bool]int{true: 200, false: 0}[tc.kind == ""]; status != want {
				t.Errorf("answered %d, want %d: %s", status, want, answer)
			}
			if tc.kind != "" {
				s.metric(t, `postern_tls_failures_total{kind="`+tc.kind+`",listener="webhook"} `)
			}
		})
	}
	if status, _ := ask(t, s.client(t, &right), http.MethodPost, s.Env["POSTERN_WEBHOOK_URL"], body, "X-Hub-Signature-256: sha256="+hex.EncodeToString(make([]byte, 32))); status != http.StatusUnauthorized {
		t.Errorf("a certificate in place of a signature is answered %d", status)
	}
}
