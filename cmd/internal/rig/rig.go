// Package rig runs a whole gateway inside a test: the demo's folder with its
// keys, certificates, three apps and people, the real gateway behind its three
// listeners, the simulator behind TLS, and a receiver of the apps' webhooks.
// Nothing is mocked; clock and journal faults are injected through the hooks
// that the parts have for it.
//
// It fails the test where anything does not start or does not stop in order.
package rig

import (
	"context"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/demo"
	"postern/cmd/internal/envoytest"
	"postern/cmd/internal/gateway"
	"postern/cmd/metasim/sim"
)

// Options change how a rig is made. The zero value is the demo as it is.
type Options struct {
	Fault    func(journal.Step) error // fails a step of the journal's writer
	Settings func(*sim.Settings)      // changes the simulator's behaviour
	Policies map[string]string        // files of a policy folder over the embedded ones, by name
	Config   func(text string) string // rewrites the configuration file
	Keep     string                   // a folder of an earlier rig to go on with

	// D360 connects the numbers of the demo's account through the simulator's face
	// of 360dialog in place of Meta's.
	D360 bool

	// Resolver looks up the names of webhook targets. Nil is the system's.
	Resolver *net.Resolver

	// Numbers the simulator has besides the demo's, of other accounts.
	Numbers []sim.Number

	// ExtProc has the gateway listen for an Envoy, too; see Rig.ExtProc. Without
	// it the variable POSTERN_EDGE=envoy puts a real Envoy in front of both
	// listeners: POSTERN_URL and POSTERN_WEBHOOK_URL are Envoy's.
	ExtProc ExtProc

	// Watch stands before the simulator and sees every request as it left the
	// gateway. Nil is nothing.
	Watch func(simulator http.Handler) http.Handler

	// Tap stands where TLS ends at the simulator and sees every byte that comes and
	// goes, over HTTP/1.1 alone. Nil is nothing.
	Tap func(net.Conn) net.Conn
}

// Rig is a running gateway with all around it.
type Rig struct {
	Env   map[string]string // the variables of demo.env, process ids excepted
	Dir   string
	Sim   *sim.Server
	Hooks *Receiver
	Clock *Clock
	Log   *Log

	ExtProc Processor        // where Options.ExtProc is set
	Envoy   *envoytest.Envoy // with POSTERN_EDGE=envoy, else nil

	Gateway *gateway.Gateway
	options Options
	d360    *d360Face // nil for Meta
	halt    func()    // ends the gateway; nil while none runs
	stop    func()    // ends the simulator
}

// Start runs a gateway until the test ends.
func Start(t testing.TB, o Options) *Rig {
	t.Helper()
	r := &Rig{Dir: o.Keep, Clock: newClock(), Log: &Log{}, options: o}
	if r.Dir == "" {
		r.Dir = t.TempDir()
	}
	port, release, err := demo.ClaimPorts()
	check(t, err)
	t.Cleanup(release)
	r.Hooks = NewReceiver(t)
	site, err := demo.NewSite(r.Dir, r.Dir, port, r.Hooks.URL)
	check(t, err)
	if o.ExtProc == NoExtProc && os.Getenv("POSTERN_EDGE") == "envoy" {
		envoytest.Program(t) // before anything is started for nothing
		site.Front, site.Sockets = true, sockets(t)
	}
	check(t, site.Setup(t.Context(), time.Now()))
	r.Env = maps.Clone(site.Env())
	if o.D360 {
		r.d360 = newD360Face(t, r, o.Numbers)
	}
	r.amend(t, o)
	r.startSim(t, o)
	r.Resume(t)
	if site.Front {
		config, err := site.Bootstrap()
		check(t, err)
		r.Envoy = envoytest.Start(t, config)
		r.Envoy.Address(t, "postern_app") // which it has once it was configured
		r.Envoy.Address(t, "postern_webhook")
	}
	if o.D360 {
		r.SubscribeD360(t)
	}
	t.Cleanup(r.Stop)
	return r
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// amend rewrites the configuration and adds a policy folder.
func (r *Rig) amend(t testing.TB, o Options) {
	t.Helper()
	raw, err := os.ReadFile(r.Env["POSTERN_CONFIG"])
	check(t, err)
	text := string(raw)
	if len(o.Policies) > 0 {
		dir := filepath.Join(r.Dir, "policies")
		for name, body := range o.Policies {
			path := filepath.Join(dir, name)
			check(t, os.MkdirAll(filepath.Dir(path), 0o700))
			check(t, os.WriteFile(path, []byte(body), 0o600))
		}
		text += "policy: {dir: ./policies}\n"
	}
	if o.ExtProc != NoExtProc {
		text += r.listenForEnvoy(t, o.ExtProc)
	}
	if o.D360 {
		text = r.d360.config(text)
	}
	if o.Config != nil {
		text = o.Config(text)
	}
	check(t, os.WriteFile(r.Env["POSTERN_CONFIG"], []byte(text), 0o600))
}

// Rewrite changes the configuration file that the gateway runs by, and gives a
// function that puts back what was there.
func (r *Rig) Rewrite(t testing.TB, change func(text string) string) (restore func()) {
	t.Helper()
	was, err := os.ReadFile(r.Env["POSTERN_CONFIG"])
	check(t, err)
	r.Write(t, "postern.yaml", change(string(was)))
	return func() { r.Write(t, "postern.yaml", string(was)) }
}

// Write writes a file of the demo folder as its owner's alone.
func (r *Rig) Write(t testing.TB, name, text string) {
	t.Helper()
	path := filepath.Join(r.Dir, name)
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	check(t, os.WriteFile(path, []byte(text), 0o600))
}

// Secret reads a secret of the demo folder.
func (r *Rig) Secret(t testing.TB, name string) string {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(r.Dir, "secrets", name))
	check(t, err)
	return strings.TrimSpace(string(raw))
}

// open opens the gateway as serve does, by the configuration file as it is.
func (r *Rig) open(ctx context.Context) (*gateway.Gateway, error) {
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	if err != nil {
		return nil, err
	}
	log, err := boot.NewLogger(r.Log, "debug", r.Clock.Now)
	if err != nil {
		return nil, err
	}
	return gateway.Open(ctx, cfg, gateway.Surroundings{Now: r.Clock.Now, Elapsed: r.Clock.Elapsed, Log: log, Fault: r.options.Fault, Resolver: r.options.Resolver})
}

// Refused is why a halted gateway does not start again; the test fails if it
// would.
func (r *Rig) Refused(t testing.TB) error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	defer cancel()
	g, err := r.open(ctx)
	if err == nil {
		cancel()
		check(t, g.Run(ctx, func() {}))
		t.Fatal("the gateway starts")
	}
	return err
}

// Resume starts the gateway that Halt ended, and waits until it listens.
func (r *Rig) Resume(t testing.TB) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	var err error
	if r.Gateway, err = r.open(ctx); err != nil {
		cancel()
		t.Fatal(err)
	}
	r.Sim.Reopen()
	ready, ended := make(chan struct{}), make(chan error, 1)
	go func() { ended <- r.Gateway.Run(ctx, func() { close(ready) }) }()
	select {
	case <-ready:
	case err := <-ended:
		cancel()
		t.Fatalf("gateway: %v", err)
	}
	r.halt = func() {
		r.Sim.Release()
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("gateway ended: %v", err)
		}
	}
}

// Halt ends the gateway alone, in order. It may be called twice.
func (r *Rig) Halt() {
	if r.halt != nil {
		r.halt()
		r.halt = nil
	}
}

// Stop ends gateway and simulator in order. It may be called twice.
func (r *Rig) Stop() {
	r.Halt()
	if r.stop != nil {
		r.stop()
		r.stop = nil
	}
}
