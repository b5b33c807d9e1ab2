package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"postern/cmd/internal/bench/load"
	"postern/cmd/internal/bench/machine"
)

// run is the program without the process around it. A child ends when its
// standard input does, so that none outlives the harness.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) error {
	if len(args) > 0 && args[0] == childWord {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		go func() {
			_, _ = io.Copy(io.Discard, stdin) // either way nobody is left to serve
			cancel()
		}()
		return runChild(ctx, args[1:], stdout)
	}
	o, err := parse(args, stderr)
	if err != nil {
		return err
	}
	report, err := measureAll(ctx, o, stderr)
	if err != nil {
		return err
	}
	if o.update {
		if err := writeSpeed(report); err != nil {
			return err
		}
	}
	if o.json {
		return report.writeJSON(stdout)
	}
	return report.writeText(stdout)
}

// measureAll does every part that was asked for, one after the other.
func measureAll(ctx context.Context, o *options, progress io.Writer) (r *Report, err error) {
	dir, remove, err := folder(o.dir)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	if o.program, err = filepath.Abs(o.program); err != nil {
		return nil, fmt.Errorf("find the program to measure: %w", err)
	}
	r = &Report{Settings: *o}
	if err := r.Machine.begin(dir); err != nil {
		return nil, err
	}
	say := func(what string) { _, _ = fmt.Fprintln(progress, "bench: "+what) } // progress is a courtesy
	if err := r.measure(ctx, o, dir, say); err != nil {
		return nil, err
	}
	if err := r.Machine.end(dir); err != nil {
		return nil, err
	}
	r.Figures = figures(r)
	return r, nil
}

func (r *Report) measure(ctx context.Context, o *options, dir string, say func(string)) (err error) {
	for _, part := range []struct {
		wanted  bool
		says    string
		measure func() error
	}{
		{o.wants(partPolicy), "policy decisions", func() error { r.Decisions, err = decisions(ctx, o.Calls, o.Crowd); return err }},
		{o.wants(partKeys), "keys", func() error { r.Keys, err = keyCosts(ctx, o.Calls, dir); return err }},
		{o.wants(partPII), "personal data", func() error { r.PersonalData, err = detection(ctx, o); return err }},
		{o.running(), "gateways", func() error { return sideBySide(ctx, o, dir, r, say) }},
		{o.wants(partEnvoy), "behind Envoy", func() error { r.Edges, err = measureEdges(ctx, o, dir, say); return err }},
		{o.wants(partRewrap), "rewrap", func() error { r.Rewrap, err = rewrap(ctx, o, dir, say); return err }},
		{o.wants(partProofs), "proofs", func() error { r.Proofs, err = proofs(ctx, o, dir, say); return err }},
		{o.wants(partBig), "a filled journal", func() error { r.Big, err = bigJournal(ctx, o, dir, say); return err }},
		{o.wants(partTrail), "the trail in ClickHouse", func() error { r.Trail, err = measureTrail(ctx, o, dir, say); return err }},
		{o.wants(partKeeping), "backup, purge, erasure", func() error { r.Keeping, err = measureKeeping(ctx, o, dir, say); return err }},
	} {
		if !part.wanted {
			continue
		}
		say(part.says)
		if err := part.measure(); err != nil {
			return err
		}
	}
	return nil
}

// folder is the one asked for, kept for a look at the logs, or a temporary
// one. It must be empty: a journal of an earlier run would be measured too.
func folder(asked string) (dir string, remove func() error, err error) {
	if asked == "" {
		dir, err = os.MkdirTemp("", "postern-bench-")
		return dir, func() error { return os.RemoveAll(dir) }, err
	}
	if err := os.MkdirAll(asked, 0o700); err != nil {
		return "", nil, fmt.Errorf("make folder: %w", err)
	}
	inside, err := os.ReadDir(asked)
	if err == nil && len(inside) > 0 {
		err = errors.New("-dir is not empty; name a new folder")
	}
	dir, absErr := filepath.Abs(asked)
	return dir, func() error { return nil }, errors.Join(err, absErr)
}

// bench is what runs while both gateways are compared.
type bench struct {
	options  *options
	upstream *child
	bare     *target
	postern  *target
	gateway  *gateway
	receiver *receiver
	meter    meter
	say      func(string)
	closers  []func() error // in the order in which they were opened
}

// sideBySide starts everything, measures, and stops everything.
func sideBySide(ctx context.Context, o *options, dir string, r *Report, say func(string)) (err error) {
	b := &bench{options: o, say: say}
	defer func() { err = errors.Join(err, b.close()) }()
	dir = filepath.Join(dir, "gateways")
	if err := b.start(ctx, dir, r); err != nil {
		return err
	}
	if r.Scenarios, err = b.compare(ctx); err != nil {
		return err
	}
	if o.wants(partBacklog) {
		say("backlog of status events")
		if r.Backlog, err = b.backlog(ctx); err != nil {
			return err
		}
	}
	if o.wants(partMedia) {
		say("files")
		if r.Media, err = b.media(ctx, site(dir)); err != nil {
			return err
		}
	}
	if o.wants(partSwap) {
		say("certificate swaps")
		if r.Swap, err = b.swap(ctx, site(dir)); err != nil {
			return err
		}
	}
	if o.wants(partRotate) {
		r.Rotations, err = b.rotations(ctx)
	}
	return err
}

// close stops what was started, the last first.
func (b *bench) close() (err error) {
	for _, c := range slices.Backward(b.closers) {
		err = errors.Join(err, c())
	}
	return err
}

func (b *bench) start(ctx context.Context, dir string, r *Report) error {
	if err := os.Mkdir(dir, 0o700); err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	s, err := newSite(dir)
	if err != nil {
		return err
	}
	if b.receiver, err = newReceiver(ctx, s); err != nil {
		return err
	}
	b.closers = append(b.closers, b.receiver.close)
	if b.upstream, err = startChild(ctx, s, upstreamName); err != nil {
		return err
	}
	b.closers = append(b.closers, b.upstream.stop)
	if b.gateway, err = setUp(ctx, s, b.upstream.Address, b.receiver.address); err != nil {
		return err
	}
	if r.EmptyMB, err = b.measureEmpty(ctx, s); err != nil {
		return err
	}
	b.say(fmt.Sprintf("setting up Postern with %d recipients", b.options.People))
	if err := b.gateway.introduce(ctx, b.options.People); err != nil {
		return err
	}
	if err := b.startBare(ctx, s); err != nil {
		return err
	}
	return b.startPostern(ctx, s, r)
}

func (b *bench) startBare(ctx context.Context, s site) error {
	bare, err := startChild(ctx, s, bareName, b.upstream.Address)
	if err != nil {
		return err
	}
	b.closers = append(b.closers, bare.stop)
	token, err := s.read(metaToken)
	if err != nil {
		return err
	}
	tls, err := s.clientTLS()
	b.bare = &target{
		name: bareName, pid: bare.pid, pool: &load.Pool{Address: bare.Address, TLS: tls},
		letters: newLetters(bare.Address, token, b.options.Active), metrics: "http://" + bare.Control + "/metrics",
	}
	b.closers = append(b.closers, b.bare.pool.Close)
	return err
}

// startPostern also reads the memory it takes before its first message.
func (b *bench) startPostern(ctx context.Context, s site, r *Report) error {
	err := b.startGateway(ctx, s)
	if err != nil {
		return err
	}
	b.meter = meter{upstream: b.upstream.pid, pids: []int{os.Getpid(), b.upstream.pid, b.bare.pid, b.postern.pid}}
	r.IdleMB, err = b.idle(b.postern.pid)
	return err
}

func (b *bench) startGateway(ctx context.Context, s site) error {
	err := b.gateway.start(ctx, s, b.options.program)
	if err != nil {
		return err
	}
	b.closers = append(b.closers, b.gateway.stop)
	if err := b.gateway.awaitReady(ctx, true); err != nil {
		return err
	}
	if b.postern, err = b.gateway.target(s, b.options.Active); err != nil {
		return err
	}
	b.closers = append(b.closers, b.postern.pool.Close)
	return nil
}

// measureEmpty is the memory of a gateway that knows nobody yet.
func (b *bench) measureEmpty(ctx context.Context, s site) (float64, error) {
	if err := b.gateway.start(ctx, s, b.options.program); err != nil {
		return 0, err
	}
	err := b.gateway.awaitReady(ctx, true)
	mb, idleErr := b.idle(b.gateway.pid)
	return mb, errors.Join(err, idleErr, b.gateway.stop())
}

func (b *bench) idle(pid int) (float64, error) {
	machine.Nap(b.options.Idle)
	use, err := machine.Process(pid)
	return float64(use.Resident) / (1 << 20), err
}

// compare puts the same loads on both gateways in turns; who begins changes
// with each round.
func (b *bench) compare(ctx context.Context) ([]Scenario, error) {
	if err := b.upstream.useStub(ctx, b.options.Upstream == upstreamStub); err != nil {
		return nil, err
	}
	var out []Scenario
	for _, s := range scenarios() {
		if b.options.wants(s.name) {
			out = append(out, Scenario{Name: s.name, scenario: s})
		}
	}
	for round := range b.options.Rounds {
		for i := range out {
			b.say(fmt.Sprintf("round %d of %d: %s", round+1, b.options.Rounds, out[i].Name))
			pair, err := b.pair(ctx, out[i].scenario, round%2 == 0)
			if err != nil {
				return nil, err
			}
			out[i].Rounds = append(out[i].Rounds, pair)
		}
	}
	for i := range out {
		out[i].summarise()
	}
	return out, nil
}

func (b *bench) pair(ctx context.Context, s scenario, bareFirst bool) (p Pair, err error) {
	type turn struct {
		t  *target
		to *Metrics
	}
	turns := []turn{{b.bare, &p.Bare}, {b.postern, &p.Postern}}
	if !bareFirst {
		slices.Reverse(turns)
	}
	for _, now := range turns {
		if *now.to, err = b.meter.measure(ctx, now.t, s, b.options); err != nil {
			return p, err
		}
	}
	return p, nil
}
