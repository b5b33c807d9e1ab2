package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"postern/cmd/internal/boot"
	"postern/proxy/xds"
)

// control is what Envoys are configured by.
type control struct {
	server *xds.Server
	socket net.Listener
}

// listenXDS binds the socket for Envoys that ask for their configuration; nil
// where the configuration has none.
func (g *Gateway) listenXDS(ctx context.Context) (*control, error) {
	cfg := g.config.Load()
	at := cfg.Envoy.XDS
	if !at.Enabled() {
		return nil, nil
	}
	if at.Sidecar.Address != "" {
		pair, err := g.openPair(ctx, "sidecar", at.Sidecar.TLS)
		if err != nil {
			return nil, fmt.Errorf("envoy.xds.sidecar: %w", err)
		}
		g.pairs = append(g.pairs, edgePair{"sidecar", pair})
	}
	socket, side, err := g.listenPeer(ctx, "xds", at.EnvoySocket)
	if err != nil {
		return nil, fmt.Errorf("envoy.xds: %w", err)
	}
	c := &control{xds.NewServer(xds.ServerConfig{Nodes: at.Nodes, TLS: side, Observe: controlWatch{g}, Handshake: g.handshakes("xds")}), socket}
	if err := g.configure(ctx, c.server, cfg); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	g.control = c.server
	return c, nil
}

// configure hands out what the configuration makes, with the certificates in use.
func (g *Gateway) configure(ctx context.Context, s *xds.Server, cfg *boot.Config) error {
	resources, err := xds.Snapshot(EnvoyConfig(cfg))
	if err != nil {
		return err
	}
	secrets, err := g.envoySecrets(cfg)
	if err != nil {
		return err
	}
	return s.Push(ctx, resources, secrets)
}

// handOut does it again: a certificate was swapped, or the configuration was
// reloaded. Envoys go on with what they have where it fails.
func (g *Gateway) handOut(ctx context.Context) {
	if g.control == nil {
		return
	}
	if err := g.configure(ctx, g.control, g.config.Load()); err != nil {
		g.metrics.Alarm("envoy_configuration")
		g.log.Error().Err(err).Msg("Envoys are not given what is new")
	}
}

// envoySecrets are the certificates in use, and whom Envoys trust.
func (g *Gateway) envoySecrets(cfg *boot.Config) (s xds.Secrets, err error) {
	if s.Meta.PEM, err = metaRoots(cfg); err != nil {
		return s, err
	}
	for _, e := range g.pairs {
		shown, err := e.pair.Show()
		if err != nil {
			return s, fmt.Errorf("certificate of %s: %w", e.name, err)
		}
		c := xds.Certificate{Chain: xds.Source{PEM: shown.Chain}, Key: xds.Source{PEM: shown.Key}, Clients: xds.Source{PEM: shown.Clients}}
		switch e.name {
		case "app":
			s.App, s.Gateway = c, xds.Source{PEM: shown.Leaf}
		case "webhook":
			s.Webhook = c
		case "sidecar":
			s.Sidecar = c
		}
	}
	return s, nil
}

// bundles are where systems keep the roots they trust.
var bundles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem",
}

// metaRoots are those that the gateway itself trusts with Meta, as one file.
func metaRoots(cfg *boot.Config) ([]byte, error) {
	var out []byte
	if !cfg.Upstream.CAOnly {
		system, err := systemRoots(cfg.Envoy.XDS.Roots)
		if err != nil && (cfg.Upstream.CA == "" || cfg.Envoy.XDS.Roots != "") {
			return nil, err
		}
		out = append(system, '\n')
	}
	if cfg.Upstream.CA != "" {
		extra, err := os.ReadFile(cfg.Upstream.CA)
		if err != nil {
			return nil, fmt.Errorf("upstream.ca: %w", err)
		}
		out = append(out, extra...)
	}
	return out, nil
}

// systemRoots are of the file named, or of the first that a system has.
func systemRoots(named string) ([]byte, error) {
	places := bundles
	if named != "" {
		places = []string{named}
	}
	for _, path := range places {
		pem, err := os.ReadFile(path) //nolint:gosec // the operator's own configuration, or the system's
		if err == nil && strings.Contains(string(pem), "BEGIN CERTIFICATE") {
			return pem, nil
		}
	}
	return nil, errors.New("envoy.xds.roots: no roots of Meta's servers are found on this machine; write a PEM file of them there")
}

func (c *control) part() boot.Part {
	return boot.Part{Name: "xds", Run: func(ctx context.Context) error {
		failed := make(chan error, 1)
		go func() { failed <- c.server.Serve(c.socket) }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		c.server.Stop()
		return <-failed
	}}
}

// controlWatch hears what Envoys make of what they are given.
type controlWatch struct{ g *Gateway }

// Rejected implements xds.Observer.
func (w controlWatch) Rejected(node, kind, words string) {
	w.g.metrics.rejected.WithLabelValues(node, kind).Set(1)
	w.g.metrics.Alarm("envoy_rejected")
	w.g.log.Error().Str("node", node).Str("kind", kind).Str("envoy", words).Msg("an Envoy rejects its configuration: it goes on with the one before")
}

// Accepted implements xds.Observer.
func (w controlWatch) Accepted(node, kind string) {
	w.g.metrics.rejected.DeleteLabelValues(node, kind)
	w.g.log.Info().Str("node", node).Str("kind", kind).Msg("the Envoy takes its configuration again")
}

// Unknown implements xds.Observer.
func (w controlWatch) Unknown() {
	w.g.metrics.Alarm("envoy_unknown")
	w.g.log.Warn().Msg("an Envoy asks under an id that is not under envoy.xds.nodes: it is given nothing")
}
