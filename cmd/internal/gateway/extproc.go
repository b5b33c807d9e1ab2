package gateway

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/proxy/edge"
	"postern/proxy/extproc"
	"postern/proxy/inbound"
)

// front is what stands behind Envoy: apps and webhooks, by path, each behind the
// shell of its listener.
type front struct{ app, webhook edge.Config }

// ofWebhook reports a request of Meta's rather than of an app.
func ofWebhook(r *http.Request) bool {
	return strings.HasPrefix(r.URL.Path, inbound.Prefix) || strings.HasPrefix(r.URL.Path, inbound.FlowPrefix)
}

// handler is that of both listeners, shells included.
func (f front) handler() http.Handler {
	app, webhook := edge.Guard(f.app), edge.Guard(f.webhook)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if ofWebhook(r) {
			webhook.ServeHTTP(w, r)
			return
		}
		app.ServeHTTP(w, r)
	})
}

func (f front) refuse(w http.ResponseWriter, r *http.Request, fault edge.Fault) {
	if ofWebhook(r) {
		f.webhook.Refuse(w, r, fault)
		return
	}
	f.app.Refuse(w, r, fault)
}

// processor is Envoy's external processor with its socket.
type processor struct {
	server *extproc.Server
	socket net.Listener
}

// listenEnvoys binds what is for Envoys alone.
func (g *Gateway) listenEnvoys(ctx context.Context, f front) (parts []boot.Part, err error) {
	p, err := g.listenEnvoy(ctx, f)
	if err != nil {
		return nil, err
	}
	if p != nil {
		parts = append(parts, p.part())
	}
	c, err := g.listenXDS(ctx)
	if err != nil && p != nil {
		return nil, errors.Join(err, p.socket.Close())
	}
	if c != nil {
		parts = append(parts, c.part())
	}
	return parts, err
}

// listenEnvoy binds the socket for Envoy; nil where the configuration has none.
func (g *Gateway) listenEnvoy(ctx context.Context, f front) (*processor, error) {
	cfg := g.config.Load()
	at := cfg.Envoy.ExtProc
	if !at.Enabled() {
		return nil, nil
	}
	c := extproc.Config{
		Handler: f.handler(), Refuse: f.refuse, BodyBytes: cfg.Limits.BodyBytes, Streams: at.Stream,
		Trust: extproc.Trust{Source: at.TrustSource, Certificate: at.TrustCertificate}, Observe: envoyWatch{g}, Handshake: g.handshakes("ext_proc"),
	}
	socket, side, err := g.listenPeer(ctx, "ext_proc", at.EnvoySocket)
	if err != nil {
		return nil, fmt.Errorf("envoy.ext_proc: %w", err)
	}
	c.TLS = side
	return &processor{extproc.New(c), socket}, nil
}

// listenPeer binds a socket for Envoys alone. Over TCP they show certificates.
func (g *Gateway) listenPeer(ctx context.Context, name string, at boot.EnvoySocket) (net.Listener, *tls.Config, error) {
	if path, unix := at.Socket(); unix {
		socket, err := listenUnix(path, at)
		return socket, nil, err
	}
	pair, err := g.openPair(ctx, name, at.TLS)
	if err != nil {
		return nil, nil, err
	}
	g.pairs = append(g.pairs, edgePair{name, pair})
	socket, err := net.Listen("tcp", at.Listen)
	if err != nil {
		return nil, nil, fmt.Errorf("%w; stop what listens there, or write another address", err)
	}
	return socket, pair.Server(), nil
}

// listenUnix makes a socket that nobody but its owner and group can open at any
// time: it is made in a folder of its own. One that a killed gateway left is
// replaced; one that somebody listens on is not.
func listenUnix(path string, at boot.EnvoySocket) (net.Listener, error) {
	if c, err := net.DialTimeout("unix", path, time.Second); err == nil {
		return nil, errors.Join(fmt.Errorf("%s is in use; stop what listens there, or write another path", path), c.Close())
	}
	if info, err := os.Lstat(path); err == nil && info.Mode()&os.ModeSocket == 0 {
		return nil, fmt.Errorf("%s is no socket; remove it, or write another path", path)
	}
	dir, err := os.MkdirTemp(filepath.Dir(path), ".socket-")
	if err != nil {
		return nil, fmt.Errorf("%w; make the folder of the socket, owned by the gateway's user", err)
	}
	defer os.RemoveAll(dir) //nolint:errcheck // it is empty by then
	made := filepath.Join(dir, "s")
	socket, err := net.ListenUnix("unix", &net.UnixAddr{Name: made, Net: "unix"})
	if err != nil {
		return nil, err
	}
	socket.SetUnlinkOnClose(false) // its path is another one: the next start replaces it
	if err := errors.Join(grant(made, at), os.Rename(made, path)); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return socket, nil
}

// grant lets the owner's group open a socket, as far as the configuration says.
func grant(path string, at boot.EnvoySocket) error {
	if at.Group != "" {
		id, err := groupID(at.Group)
		if err != nil {
			return fmt.Errorf("give the socket to socket_group: %w; make that group, or name the one of Envoy's user", err)
		}
		if err := os.Chown(path, -1, id); err != nil {
			return fmt.Errorf("give the socket to socket_group: %w; make the gateway's user a member of it", err)
		}
	}
	if err := os.Chmod(path, os.FileMode(at.Mode)); err != nil {
		return fmt.Errorf("set socket_mode: %w", err)
	}
	return nil
}

func groupID(name string) (int, error) {
	if id, err := strconv.Atoi(name); err == nil {
		return id, nil
	}
	g, err := user.LookupGroup(name)
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(g.Gid)
}

func (p *processor) part() boot.Part {
	return served("ext_proc", func() error { return p.server.Serve(p.socket) }, p.server.Stop)
}

// certificate gives the names in the client certificate of a request: of its
// connection, or as Envoy says.
func (g *Gateway) certificate(r *http.Request) ([]string, error) {
	if r.TLS == nil {
		return extproc.Names(r.Context()), nil
	}
	return certs.ClientNames(r.TLS, g.now())
}

// envoyWatch hears of Envoy's streams.
type envoyWatch struct{ g *Gateway }

// StreamOpened implements extproc.Observer.
func (w envoyWatch) StreamOpened() { w.g.metrics.streams.Inc() }

// StreamEnded implements extproc.Observer.
func (w envoyWatch) StreamEnded(how extproc.End) {
	w.g.metrics.streams.Dec()
	w.g.metrics.streamEnds.WithLabelValues(string(how)).Inc()
}

// Misshapen implements extproc.Observer.
func (w envoyWatch) Misshapen(lacks string) {
	w.g.metrics.Alarm("envoy_misshapen")
	w.g.log.Error().Str("lacks", lacks).Msg("Envoy is not set up for the gateway: see proxy/extproc/README.md, or postern envoy check")
}
