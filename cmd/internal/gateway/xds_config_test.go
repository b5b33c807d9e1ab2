package gateway_test

import (
	"reflect"
	"testing"
	"time"

	"postern/cmd/internal/boot"
	"postern/cmd/internal/gateway"
	"postern/proxy/xds"
)

// configured has listeners that differ in all that an Envoy is told of them.
func configured() *boot.Config {
	c := &boot.Config{}
	c.Listeners.App = boot.TLSListener{Address: "0.0.0.0:8443", Cert: "app.pem", Key: "app-key.pem", MinTLS: "1.2", ClientCA: "apps.pem", ClientCert: "optional"}
	c.Listeners.Webhook = boot.TLSListener{Address: "0.0.0.0:8444", Cert: "hook.pem", Key: "hook-key.pem", MinTLS: "1.3", ClientCA: "meta.pem", ClientCert: "required", ClientNames: []string{"client.example.org"}}
	c.Upstream.BaseURL, c.Upstream.MinTLS, c.Upstream.Pins = "https://graph.facebook.com", "1.3", []string{"sha256/AA="}
	c.Upstream.Timeout, c.Upstream.MaxConnections = 30*time.Second, 64
	c.Limits.BodyBytes = 1 << 20
	c.Envoy.ExtProc.Listen = "0.0.0.0:9443"
	at := &c.Envoy.XDS
	at.Listen, at.Nodes, at.App, at.Webhook, at.TrustedHops = "unix:/run/xds.sock", []string{"edge-1"}, "0.0.0.0:443", "0.0.0.0:444", 2
	at.Sidecar = boot.EnvoySidecar{Address: "127.0.0.1:15001", Names: []string{"graph.facebook.com"}, Others: "refuse", TLS: boot.TLSListener{Cert: "side.pem", Key: "side-key.pem"}}
	at.Reach = boot.EnvoyReach{XDS: "gateway.example.org:9444", Name: "gateway.example.org", Cert: "envoy.pem", Key: "envoy-key.pem", CA: "gateways.pem"}
	return c
}

// TestEnvoysAskAsTheGatewayDoes: an Envoy is no weaker than the listener it stands
// for, nor on its way to Meta and to the gateway.
func TestEnvoysAskAsTheGatewayDoes(t *testing.T) {
	got := gateway.EnvoyConfig(configured())
	own := xds.Files{Cert: "envoy.pem", Key: "envoy-key.pem", CA: "gateways.pem"}
	for what, pair := range map[string][2]any{
		"apps":      {got.App, &xds.Listener{Address: "0.0.0.0:443", TLS12: true, Clients: xds.ClientsOptional, TrustedHops: 2}},
		"webhooks":  {got.Webhook, &xds.Listener{Address: "0.0.0.0:444", Clients: xds.ClientsRequired, ClientNames: []string{"client.example.org"}, TrustedHops: 2}},
		"sidecar":   {got.Sidecar, &xds.Sidecar{Address: "127.0.0.1:15001", Names: []string{"graph.facebook.com"}}},
		"upstream":  {got.Upstream, xds.Upstream{URL: "https://graph.facebook.com", Pins: []string{"sha256/AA="}, Timeout: 30 * time.Second, Connections: 64}},
		"processor": {got.Processor, xds.Processor{Address: "127.0.0.1:9443", Name: "gateway.example.org", TLS: own}},
		"files":     {got.Gateway, "127.0.0.1:8443"},
		"bodies":    {got.BodyBytes, int64(1 << 20)},
		"start":     {gateway.EnvoyStart(configured(), "edge-1"), xds.Start{Node: "edge-1", Server: "gateway.example.org:9444", Name: "gateway.example.org", TLS: own, Delta: true}},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			t.Errorf("%s: %+v, want %+v", what, pair[0], pair[1])
		}
	}
	c := configured()
	c.Envoy.XDS.Sidecar.Others, c.Listeners.App.ClientCA, c.Envoy.XDS.Webhook = "pass", "", ""
	if got := gateway.EnvoyConfig(c); !got.Sidecar.Pass || got.App.Clients != "" || got.Webhook != nil {
		t.Errorf("asked for less: %+v", got)
	}
}

// TestEnvoysShowTheGatewaysCertificates: each listener its own, and Meta's servers
// are judged by the roots that the configuration names first.
func TestEnvoysShowTheGatewaysCertificates(t *testing.T) {
	shown := func(chain, key, clients string) xds.Certificate {
		return xds.Certificate{Chain: xds.Source{File: chain}, Key: xds.Source{File: key}, Clients: xds.Source{File: clients}}
	}
	c := configured()
	c.Envoy.XDS.Roots = "roots.pem"
	want := xds.Secrets{
		App: shown("app.pem", "app-key.pem", "apps.pem"), Webhook: shown("hook.pem", "hook-key.pem", "meta.pem"), Sidecar: shown("side.pem", "side-key.pem", ""),
		Meta: xds.Source{File: "roots.pem"}, Gateway: xds.Source{File: "app.pem"},
	}
	if got := gateway.EnvoyFiles(c); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	c.Upstream.CA, want.Meta.File = "simulator.pem", "simulator.pem"
	if got := gateway.EnvoyFiles(c); !reflect.DeepEqual(got, want) {
		t.Errorf("with upstream.ca: %+v", got)
	}
}
