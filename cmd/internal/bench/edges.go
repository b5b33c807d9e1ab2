package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"

	"postern/cmd/internal/bench/load"
	program "postern/cmd/internal/gateway"
	"postern/proxy/xds"
)

// Edges is what a message costs on its way through an Envoy, by who decides
// about it there, beside the ways without Envoy.
type Edges struct {
	Loads        []EdgeLoad      `json:"loads"`
	Streams      IdleStreams     `json:"idle_streams"`
	Certificates NewCertificates `json:"new_certificates"`
}

// EdgeLoad is one kind of load on every way.
type EdgeLoad struct {
	Name string `json:"name"`
	Ways []Way  `json:"ways"`
}

// Way is one way to upstream. Metrics are the medians of its rounds.
type Way struct {
	Name    string    `json:"name"`
	Metrics Metrics   `json:"metrics"`
	Rounds  []Metrics `json:"rounds"`
}

// Names of ways, in the order of tables.
const (
	wayDirect  = "direct"
	wayBare    = bareName
	wayEnvoy   = "envoy"
	wayAllow   = "envoy+allow"
	wayOPA     = "envoy+opa"
	wayPostern = "envoy+postern"
	wayXDS     = "envoy+postern+xds" // the same, configured by Postern
	wayAlone   = posternName
)

// wayNames are all of them.
func wayNames() []string {
	return []string{wayDirect, wayBare, wayEnvoy, wayAllow, wayOPA, wayPostern, wayXDS, wayAlone}
}

// edges is what runs meanwhile.
type edges struct {
	*bench
	ways       []*target
	configured *target // the way whose Envoy Postern configures
}

// measureEdges starts all of it in a folder of its own, measures, and stops it.
func measureEdges(ctx context.Context, o *options, dir string, say func(string)) (_ *Edges, err error) {
	dir = filepath.Join(dir, partEnvoy)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	e := &edges{bench: &bench{options: o, say: say}}
	defer func() { err = errors.Join(err, e.close()) }()
	s, err := newSite(dir)
	if err != nil {
		return nil, err
	}
	if err := e.start(ctx, s); err != nil {
		return nil, err
	}
	out := &Edges{}
	if len(o.Ways) > 0 {
		out.Loads, err = e.compare(ctx)
		return out, err
	}
	say("idle streams")
	if out.Streams, err = e.idleStreams(ctx, s); err != nil {
		return nil, err
	}
	say("new certificates")
	if out.Certificates, err = e.newCertificates(ctx, s); err != nil {
		return nil, err
	}
	out.Loads, err = e.compare(ctx)
	return out, err
}

func (e *edges) start(ctx context.Context, s site) (err error) {
	if e.upstream, err = startChild(ctx, s, upstreamName); err != nil {
		return err
	}
	e.closers = append(e.closers, e.upstream.stop)
	if err := e.upstream.useStub(ctx, true); err != nil {
		return err
	}
	section := fmt.Sprintf(envoySection, "unix:"+s.path(posternSocket), "unix:"+s.path(xdsSocket), envoyNode)
	if e.gateway, err = setUp(ctx, s, e.upstream.Address, "127.0.0.1:9", section); err != nil {
		return err
	}
	if err := e.gateway.introduce(ctx, e.options.People); err != nil {
		return err
	}
	if err := errors.Join(e.startBare(ctx, s), e.startGateway(ctx, s)); err != nil {
		return err
	}
	token, err := s.read(metaToken)
	if err != nil {
		return err
	}
	e.ways = []*target{e.direct(token), e.bare}
	if err := e.startEnvoys(ctx, s, token); err != nil {
		return err
	}
	e.ways = slices.DeleteFunc(e.ways, func(t *target) bool { return !e.options.takes(t.name) })
	e.watch()
	return nil
}

// direct is the way without anything between.
func (e *edges) direct(token string) *target {
	t := &target{
		name: wayDirect, pool: &load.Pool{Address: e.upstream.Address, TLS: e.bare.pool.TLS}, letters: newLetters(e.upstream.Address, token, e.options.Active),
	}
	e.closers = append(e.closers, t.pool.Close)
	return t
}

// Where Envoys ask Postern, and what the one is called that Postern configures.
const (
	posternSocket = "postern.sock"
	xdsSocket     = "xds.sock"
	envoyNode     = "bench"
)

// envoySection is what Postern's configuration says of them.
const envoySection = `envoy:
  ext_proc: {listen: %q}
  xds: {listen: %q, nodes: [%s], app: "127.0.0.1:0"}
`

// startEnvoys starts one for each way, with the processor behind it.
func (e *edges) startEnvoys(ctx context.Context, s site, token string) error {
	if err := e.front(ctx, s, wayEnvoy, token, envoySettings{}, 0); err != nil {
		return err
	}
	for _, w := range []struct{ name, filter, processor string }{{wayAllow, filterProc, allowName}, {wayOPA, filterAuthz, opaName}} {
		if !e.options.takes(w.name) {
			continue
		}
		c, err := startChild(ctx, s, w.processor)
		if err != nil {
			return err
		}
		e.closers = append(e.closers, c.stop)
		if err := e.front(ctx, s, w.name, token, envoySettings{Filter: w.filter, Socket: c.Address}, c.pid); err != nil {
			return err
		}
	}
	// What the app holds is Postern's key; Postern writes Meta's token into what Envoy sends.
	err := e.front(ctx, s, wayPostern, e.gateway.key, envoySettings{Filter: filterProc, Socket: s.path(posternSocket)}, e.gateway.pid)
	if err != nil {
		return err
	}
	start := program.EnvoyStart(e.gateway.config, envoyNode)
	start.Admin, start.HeapBytes, start.Connections = "127.0.0.1:0", 1<<30, 10_000
	bootstrap, err := xds.Bootstrap(start)
	if err != nil {
		return err
	}
	if err := e.run(ctx, s, wayXDS, e.gateway.key, bootstrap, e.gateway.pid); err != nil {
		return err
	}
	e.configured = e.ways[len(e.ways)-1]
	for _, t := range e.ways[len(e.ways)-2:] {
		t.metrics = e.postern.metrics
	}
	e.ways = append(e.ways, e.postern)
	return nil
}

// front starts an Envoy as a way of its own.
func (e *edges) front(ctx context.Context, s site, name, token string, settings envoySettings, beside int) error {
	config, err := settings.config(s, e.upstream.Address)
	if err != nil {
		return err
	}
	return e.run(ctx, s, name, token, config, beside)
}

func (e *edges) run(ctx context.Context, s site, name, token string, config []byte, beside int) error {
	v, err := startEnvoy(ctx, s, name, config)
	if err != nil {
		return err
	}
	e.closers = append(e.closers, v.stop)
	t, err := v.target(s, token, e.options.Active, beside)
	if err != nil {
		return err
	}
	e.closers = append(e.closers, t.pool.Close)
	e.ways = append(e.ways, t)
	return nil
}

// watch has the counters of every process read.
func (e *edges) watch() {
	e.meter = meter{upstream: e.upstream.pid, pids: []int{os.Getpid(), e.upstream.pid}}
	for _, t := range e.ways {
		for _, pid := range []int{t.pid, t.beside} {
			if pid != 0 && !slices.Contains(e.meter.pids, pid) {
				e.meter.pids = append(e.meter.pids, pid)
			}
		}
	}
}

// acquaint has Postern write to everybody once. The first message of a month to
// a person is dearer, and all ways to Postern write to the same people: the one
// that is measured first would bear that for the others.
func (e *edges) acquaint(ctx context.Context) error {
	e.say("a first message to everybody")
	var next, failed atomic.Int64
	var wg sync.WaitGroup
	const workers = 8
	sheet := e.postern.letters.sheets(workers)
	for w := range workers {
		wg.Go(func() {
			for i := next.Add(1); i <= int64(e.options.Active) && ctx.Err() == nil; i = next.Add(1) {
				if e.postern.pool.Do(ctx, sheet(w, int(i))) != nil {
					failed.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if n := failed.Load(); n > 0 {
		return fmt.Errorf("write to everybody once: %d of %d messages failed", n, e.options.Active)
	}
	return ctx.Err()
}

// compare measures all ways in rounds that take turns. Each round begins with
// another way.
func (e *edges) compare(ctx context.Context) ([]EdgeLoad, error) {
	if err := e.acquaint(ctx); err != nil {
		return nil, err
	}
	var out []EdgeLoad
	loads := slices.DeleteFunc(scenarios(), func(s scenario) bool { return s.name != open1000 && s.name != closedLoop })
	for _, s := range loads {
		out = append(out, EdgeLoad{Name: s.name, Ways: make([]Way, len(e.ways))})
	}
	for round := range e.options.Rounds {
		for i, s := range loads {
			e.say(fmt.Sprintf("round %d of %d: %s on %d ways", round+1, e.options.Rounds, s.name, len(e.ways)))
			for n := range e.ways {
				at := (n + round) % len(e.ways)
				m, err := e.meter.measure(ctx, e.ways[at], s, e.options)
				if err != nil {
					return nil, err
				}
				out[i].Ways[at].Rounds = append(out[i].Ways[at].Rounds, m)
			}
		}
	}
	for i := range out {
		for n := range out[i].Ways {
			w := &out[i].Ways[n]
			w.Name, w.Metrics = e.ways[n].name, medians(w.Rounds)
		}
	}
	return out, nil
}
