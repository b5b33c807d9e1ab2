package gateway

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/inbound"
)

// grace is how long each part may take to finish what it holds.
const grace = 20 * time.Second

// Run listens until ctx ends, then stops in order: no new requests, requests
// under way finish, deliveries under way finish, a last checkpoint is signed,
// the store is closed. ready is called once everything listens.
func (g *Gateway) Run(ctx context.Context, ready func()) error {
	hangups, stop := boot.Hangups() // before anybody is told that it runs: unheard, the signal ends a process
	defer stop()
	if err := g.begin(ctx); err != nil {
		return errors.Join(err, g.store.Close())
	}
	listeners, envoy, err := g.listen(ctx)
	if err != nil {
		return errors.Join(err, g.store.Close())
	}
	parts := []boot.Part{
		{Name: "trail", Run: g.checkTrail},
		{Name: "clocks", Run: func(ctx context.Context) error { return g.clocks(ctx, hangups) }},
		{Name: "delivery", Run: g.deliver},
		{Name: "media", Run: g.keepMedia},
		{Name: "media_s3", Run: g.keepFilesAtS3},
		{Name: "vault", Run: g.followVault},
		{Name: "rotation", Run: g.rotation.Run},
		{Name: "stamp", Run: g.stampCheckpoints},
		{Name: "exports", Run: g.runExports},
		{Name: "clickhouse", Run: g.ship},
		{Name: "retention", Run: g.keepRetention},
		{Name: "notices", Run: g.keepNotices},
		{Name: "backup", Run: g.backUp},
		{Name: "outside", Run: g.copyOutside},
	}
	for _, l := range listeners {
		parts = append(parts, l.part())
	}
	parts = append(parts, envoy...)
	ready()
	err = boot.Run(ctx, grace, parts...)
	return errors.Join(err, g.end(context.WithoutCancel(ctx)))
}

// listener is a bound socket with its server.
type listener struct {
	name   string
	server *http.Server
	socket net.Listener
	tls    bool
}

func (l listener) part() boot.Part {
	return served(l.name, l.serve, func(ctx context.Context) error {
		if err := l.server.Shutdown(ctx); err != nil {
			return errors.Join(err, l.server.Close())
		}
		return nil
	})
}

// served runs a server until it fails or the gateway ends, which leaves what is
// under way some time.
func served(name string, serve func() error, stop func(context.Context) error) boot.Part {
	return boot.Part{Name: name, Run: func(ctx context.Context) error {
		failed := make(chan error, 1)
		go func() { failed <- serve() }()
		select {
		case err := <-failed:
			return err
		case <-ctx.Done():
		}
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace-time.Second)
		defer cancel()
		return stop(end)
	}}
}

func (l listener) serve() error {
	if l.tls {
		return l.server.ServeTLS(l.socket, "", "")
	}
	return l.server.Serve(l.socket)
}

// listen binds every address before anything is served, so that a taken port
// stops the start and nothing half-runs.
func (g *Gateway) listen(ctx context.Context) ([]listener, []boot.Part, error) {
	cfg := g.config.Load()
	front, err := g.front(cfg)
	if err != nil {
		return nil, nil, err
	}
	app, err := g.tlsListener(ctx, "app listener", cfg.Listeners.App, front.app)
	if err != nil {
		return nil, nil, err
	}
	webhook, err := g.tlsListener(ctx, "webhook listener", cfg.Listeners.Webhook, front.webhook)
	if err != nil {
		return nil, nil, errors.Join(err, app.socket.Close())
	}
	socket, err := net.Listen("tcp", cfg.Listeners.Admin)
	if err != nil {
		return nil, nil, errors.Join(listenError("admin listener", err), app.socket.Close(), webhook.socket.Close())
	}
	envoy, err := g.listenEnvoys(ctx, front)
	if err != nil {
		return nil, nil, errors.Join(err, app.socket.Close(), webhook.socket.Close(), socket.Close())
	}
	server := edge.NewServer(edge.Config{Handler: g.adminHandler(), Refuse: g.refuseAdmin})
	return []listener{{name: "admin listener", server: server, socket: socket}, *webhook, *app}, envoy, nil
}

// front is what apps and Meta reach.
func (g *Gateway) front(cfg *boot.Config) (front, error) {
	apps, err := deliveryClient(cfg, g.guard)
	if err != nil {
		return front{}, err
	}
	hooks := inbound.New(inbound.Config{
		Gate: g.gate, Tenant: g.webhookTenant, Strangers: g.strangers, Now: g.now, Log: g.log, Observe: g.metrics.webhook,
		Flow: g.flow, Apps: apps, Media: g.files.Load, Alarm: g.metrics.Alarm,
	})
	return front{
		app:     edge.Config{Handler: g.outbound, Refuse: g.outbound.Refuse, Loose: dialect.Loose},
		webhook: edge.Config{Handler: hooks, Refuse: hooks.Refuse},
	}, nil
}

func listenError(name string, err error) error {
	return fmt.Errorf("%s: %w; stop what listens there, or write another address under listeners", name, err)
}

func (g *Gateway) tlsListener(ctx context.Context, name string, at boot.TLSListener, cfg edge.Config) (*listener, error) {
	word := strings.TrimSuffix(name, " listener")
	pair, err := g.openPair(ctx, word, at)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	g.pairs = append(g.pairs, edgePair{word, pair})
	cfg.TLS = pair.Server()
	cfg.Handshake = g.handshakes(word)
	socket, err := net.Listen("tcp", at.Address)
	if err != nil {
		return nil, listenError(name, err)
	}
	return &listener{name: name, server: edge.NewServer(cfg), socket: socket, tls: true}, nil
}

// handshakes counts those of a listener that failed.
func (g *Gateway) handshakes(listener string) func(failure string) {
	return func(failure string) { g.metrics.handshakes.WithLabelValues(listener, certs.FailureKind(failure)).Inc() }
}

// adminHandler serves operators on loopback.
func (g *Gateway) adminHandler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/admin/", g.admin.Handler())
	mux.Handle("GET /metrics", promhttp.HandlerFor(g.metrics.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"status": "ok"})
	})
	mux.HandleFunc("GET /readyz", g.readyz)
	mux.HandleFunc("/", func(w http.ResponseWriter, _ *http.Request) {
		writeAdminError(w, http.StatusNotFound, admin.NotFound, "there is GET /healthz, /readyz and /metrics, and POST /admin/v1/OPERATION")
	})
	return mux
}

// readyz is 200 only while messages can pass: the journal writes and every
// tenant's upstream answers and takes its token.
func (g *Gateway) readyz(w http.ResponseWriter, _ *http.Request) {
	status, state := http.StatusOK, "ready"
	journal := "ok"
	if g.store.Journal.Err() != nil {
		status, state, journal = http.StatusServiceUnavailable, "not_ready", "down"
	}
	tenants := g.health.ready(g.tenantNames())
	for _, s := range tenants {
		if s != "ok" {
			status, state = http.StatusServiceUnavailable, "not_ready"
		}
	}
	secrets, serves := g.vaultReady()
	if !serves {
		status, state = http.StatusServiceUnavailable, "not_ready"
	}
	writeJSON(w, status, map[string]any{"status": state, "journal": journal, "vault": secrets, "trail": g.trail.state(), "upstream": tenants, "certificates": g.certificateStates(), "tokens": g.tokenStates(), "flow_keys": g.flowKeyStates(), "numbers": g.numberStates(), "residency": g.residencyStates(), "stores": g.storeRegions(), "media": g.filesState(), "requests": g.requestStates(), "holds": g.holdStates(), "notices": g.notices.states(), "exports": g.exportStates(), "policy": g.policy.Revision()})
}

func (g *Gateway) tenantNames() []string {
	var out []string
	for _, t := range g.config.Load().Tenants {
		out = append(out, t.Name)
	}
	return out
}

// refuseAdmin answers what the strict shell stops.
func (g *Gateway) refuseAdmin(w http.ResponseWriter, r *http.Request, f edge.Fault) {
	g.strangers.Count(r.RemoteAddr, "malformed")
	writeAdminError(w, http.StatusBadRequest, admin.Invalid, string(f))
}

func writeAdminError(w http.ResponseWriter, status int, code admin.Code, message string) {
	writeJSON(w, status, map[string]admin.Error{"error": {Code: code, Message: message}})
}

// deliver waits for the end and then lets deliveries under way finish.
func (g *Gateway) deliver(ctx context.Context) error {
	<-ctx.Done()
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace-time.Second)
	defer cancel()
	g.delivery.Close(stop)
	return nil
}
