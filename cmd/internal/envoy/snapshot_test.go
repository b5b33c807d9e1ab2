package envoy

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/cmd/internal/envoytest"
	"postern/crypto/certs"
	"postern/proxy/xds"
)

// pem writes a certificate with its key and authority, and gives the folder.
func pem(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	authority, err := certs.NewAuthority("test", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue(time.Now(), time.Hour, names...)
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"cert.pem": cert, "key.pem": key, "ca.pem": authority.CertPEM()} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// everything is a configuration with all that there is.
func everything(dir string) (xds.Config, xds.Secrets) {
	at := func(name string) string { return filepath.Join(dir, name) }
	shown := xds.Certificate{Chain: xds.Source{File: at("cert.pem")}, Key: xds.Source{File: at("key.pem")}, Clients: xds.Source{File: at("ca.pem")}}
	return xds.Config{
		App:       &xds.Listener{Address: "127.0.0.1:0", TLS12: true, Clients: xds.ClientsOptional},
		Webhook:   &xds.Listener{Address: "127.0.0.1:0", Clients: xds.ClientsRequired, ClientNames: []string{"client.webhooks.fbclientcerts.com"}},
		Sidecar:   &xds.Sidecar{Address: "127.0.0.1:0", Names: []string{"graph.facebook.com", "waba.360dialog.io"}, Pass: true},
		Upstream:  xds.Upstream{URL: "https://graph.facebook.com", Timeout: 30 * time.Second, Connections: 256, Pins: []string{"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}},
		Processor: xds.Processor{Address: "127.0.0.1:9443", Name: "gateway.example.org", TLS: xds.Files{Cert: at("cert.pem"), Key: at("key.pem"), CA: at("ca.pem")}},
		Gateway:   "127.0.0.1:8443",
		BodyBytes: 1 << 20, WebhookBytes: 3 << 20, AnswerBytes: 4 << 20, Transfer: 10 * time.Minute,
	}, xds.Secrets{App: shown, Webhook: shown, Sidecar: shown, Meta: xds.Source{File: at("ca.pem")}, Gateway: xds.Source{File: at("cert.pem")}}
}

// TestEnvoyTakesTheSnapshot: a real Envoy finds nothing wrong with all of it.
func TestEnvoyTakesTheSnapshot(t *testing.T) {
	config, secrets := everything(pem(t, "gateway.example.org"))
	begin := xds.Start{Node: "edge-1", Admin: "127.0.0.1:9901", HeapBytes: 1 << 30, Connections: 1000, Server: "unix:/run/postern/xds.sock"}
	raw, err := xds.Static(config, begin, secrets)
	if err != nil {
		t.Fatal(err)
	}
	if err := envoytest.Validate(t, raw); err != nil {
		t.Errorf("static: %v", err)
	}
	if raw, err = xds.Bootstrap(begin); err != nil {
		t.Fatal(err)
	}
	if err := envoytest.Validate(t, raw); err != nil {
		t.Errorf("bootstrap: %v", err)
	}
}
