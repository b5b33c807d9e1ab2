package xds_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"postern/proxy/xds"
)

var update = flag.Bool("update", false, "write golden files")

// front is a gateway that apps reach through an Envoy elsewhere.
func front() xds.Config {
	return xds.Config{
		App:       &xds.Listener{Address: "0.0.0.0:8443"},
		Upstream:  xds.Upstream{URL: "https://graph.facebook.com", Timeout: 30 * time.Second, Connections: 256},
		Processor: xds.Processor{Address: "unix:/run/postern/ext_proc.sock"},
		Gateway:   "127.0.0.1:8443",
		BodyBytes: 1 << 20, WebhookBytes: 3 << 20, AnswerBytes: 4 << 20, Transfer: 10 * time.Minute,
	}
}

// whole has everything that can be configured.
func whole() xds.Config {
	c := front()
	c.App = &xds.Listener{Address: "0.0.0.0:443", TLS12: true, Clients: xds.ClientsOptional, TrustedHops: 1}
	c.Webhook = &xds.Listener{Address: "0.0.0.0:8444", Clients: xds.ClientsRequired, ClientNames: []string{"client.webhooks.fbclientcerts.com"}}
	c.Sidecar = &xds.Sidecar{Address: "127.0.0.1:15001", Names: []string{"graph.facebook.com", "waba.360dialog.io"}, Pass: true}
	c.Upstream.Pins = []string{"sha256/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="}
	c.Processor = xds.Processor{
		Address: "gateway.example.org:9443", Name: "gateway.example.org", TLS: own,
	}
	c.Gateway = "gateway.example.org:8443"
	return c
}

var own = xds.Files{Cert: "/etc/envoy/envoy.pem", Key: "/etc/envoy/envoy-key.pem", CA: "/etc/envoy/postern-ca.pem"}

func start() xds.Start {
	return xds.Start{
		Node: "edge-1", Admin: "127.0.0.1:9901", HeapBytes: 1 << 30, Connections: 10000,
		Server: "unix:/run/postern/xds.sock", Delta: true,
	}
}

// files are secrets in files of a folder.
func files(dir string) xds.Secrets {
	at := func(name string) xds.Source { return xds.Source{File: filepath.Join(dir, name)} }
	shown := xds.Certificate{Chain: at("cert.pem"), Key: at("key.pem"), Clients: at("ca.pem")}
	return xds.Secrets{App: shown, Webhook: shown, Sidecar: shown, Meta: at("ca.pem"), Gateway: at("cert.pem")}
}

// golden compares with a file, or writes it.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != string(got) {
		t.Errorf("%s has changed: look at the difference, then run go test ./proxy/xds -update\n%s", name, got)
	}
}
