package gateway

import (
	"net"
	"time"

	"postern/cmd/internal/boot"
	"postern/proxy/inbound"
	"postern/proxy/xds"
)

const (
	envoyAnswer   = 4 << 20          // what a connector takes of an answer (proxy/upstream)
	envoyTransfer = 10 * time.Minute // what a file may take (proxy/outbound)
)

// EnvoyConfig is what Envoys are to do by a configuration.
func EnvoyConfig(cfg *boot.Config) xds.Config {
	at := cfg.Envoy.XDS
	c := xds.Config{
		Upstream: xds.Upstream{
			URL: cfg.Upstream.BaseURL, TLS12: cfg.Upstream.MinTLS == "1.2", Pins: cfg.Upstream.Pins,
			Timeout: cfg.Upstream.Timeout, Connections: cfg.Upstream.MaxConnections,
		},
		Processor: xds.Processor{Address: reached(cfg.Envoy.ExtProc.Listen, at.Reach.ExtProc), TLS: envoyFiles(at), Name: at.Reach.Name},
		Gateway:   reached(cfg.Listeners.App.Address, at.Reach.Gateway),
		BodyBytes: cfg.Limits.BodyBytes, WebhookBytes: inbound.MaxBody, AnswerBytes: envoyAnswer, Transfer: envoyTransfer,
	}
	if at.App != "" {
		c.App = envoyListener(at.App, cfg.Listeners.App, at.TrustedHops)
	}
	if at.Webhook != "" {
		c.Webhook = envoyListener(at.Webhook, cfg.Listeners.Webhook, at.TrustedHops)
	}
	if s := at.Sidecar; s.Address != "" {
		c.Sidecar = &xds.Sidecar{Address: s.Address, Names: s.Names, Pass: s.Others == "pass"}
	}
	return c
}

// EnvoyStart is what an Envoy of that id starts with.
func EnvoyStart(cfg *boot.Config, node string) xds.Start {
	at := cfg.Envoy.XDS
	return xds.Start{Node: node, Server: reached(at.Listen, at.Reach.XDS), Name: at.Reach.Name, TLS: envoyFiles(at), Delta: true}
}

// EnvoyFiles are the certificates of a static configuration: the gateway's own
// files, as they are to be on Envoy's machine.
func EnvoyFiles(cfg *boot.Config) xds.Secrets {
	roots := cfg.Upstream.CA
	switch {
	case roots == "" && cfg.Envoy.XDS.Roots != "":
		roots = cfg.Envoy.XDS.Roots
	case roots == "":
		roots = bundles[0]
	}
	return xds.Secrets{
		App: filesOf(cfg.Listeners.App), Webhook: filesOf(cfg.Listeners.Webhook), Sidecar: filesOf(cfg.Envoy.XDS.Sidecar.TLS),
		Meta: xds.Source{File: roots}, Gateway: xds.Source{File: cfg.Listeners.App.Cert},
	}
}

func filesOf(l boot.TLSListener) xds.Certificate {
	return xds.Certificate{Chain: xds.Source{File: l.Cert}, Key: xds.Source{File: l.Key}, Clients: xds.Source{File: l.ClientCA}}
}

func envoyFiles(at boot.XDS) xds.Files {
	return xds.Files{Cert: at.Reach.Cert, Key: at.Reach.Key, CA: at.Reach.CA}
}

// envoyListener is an Envoy's counterpart of a listener.
func envoyListener(address string, l boot.TLSListener, hops int) *xds.Listener {
	out := &xds.Listener{Address: address, TLS12: l.MinTLS == "1.2", ClientNames: l.ClientNames, TrustedHops: hops}
	if l.ClientCA != "" {
		out.Clients = xds.ClientsRequired
		if l.ClientCert == "optional" {
			out.Clients = xds.ClientsOptional
		}
	}
	return out
}

// reached is where Envoys find a listener: as the configuration says, else on
// this machine.
func reached(listen, said string) string {
	if said != "" {
		return said
	}
	host, port, err := net.SplitHostPort(listen)
	if ip := net.ParseIP(host); err == nil && (host == "" || ip.IsUnspecified()) {
		return net.JoinHostPort("127.0.0.1", port)
	}
	return listen
}
