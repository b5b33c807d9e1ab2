package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/bench/load"
	"postern/cmd/internal/bench/machine"
	"postern/cmd/internal/boot"
)

// Big compares a filled journal with an empty one.
type Big struct {
	Records  float64 `json:"records"`
	SizeMB   float64 `json:"size_mb"`
	Filling  float64 `json:"filled_records_per_s"`
	Empty    Commits `json:"empty"`
	Full     Commits `json:"full"`
	Start    float64 `json:"start_s"` // of the whole program, until its first message was answered
	Ready    float64 `json:"ready_s"` // until it said so, upstream checked
	Resident float64 `json:"resident_mb"`
}

// Commits is how long an admission waits for its commit, at 1,000 messages and
// so 2,000 records a second, in milliseconds.
type Commits struct {
	P50  float64 `json:"p50_ms"`
	P99  float64 `json:"p99_ms"`
	P999 float64 `json:"p999_ms"`
	Max  float64 `json:"max_ms"`
}

const (
	commitRate  = 1000 // messages a second
	fillBatch   = 250  // messages in one transaction
	fillWriters = 4
)

// bigJournal fills the store of a Postern that is not running, measures it
// before and after, and then starts the program on it.
func bigJournal(ctx context.Context, o *options, dir string, say func(string)) (_ *Big, err error) {
	dir = filepath.Join(dir, partBig)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder: %w", err)
	}
	s, err := newSite(dir)
	if err != nil {
		return nil, err
	}
	up, err := startChild(ctx, s, upstreamName)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, up.stop()) }()
	g, err := setUp(ctx, s, up.Address, "127.0.0.1:9")
	if err != nil {
		return nil, err
	}
	if err := g.introduce(ctx, o.People); err != nil {
		return nil, err
	}
	out := &Big{}
	if err := out.fill(ctx, o, g.config, say); err != nil {
		return nil, err
	}
	file, err := os.Stat(g.config.JournalPath())
	if err != nil {
		return nil, fmt.Errorf("look at the journal: %w", err)
	}
	out.SizeMB = float64(file.Size()) / (1 << 20)
	say("starting Postern on the filled journal")
	return out, out.start(ctx, o, g, s)
}

// start runs the program on the filled store, and through its first message.
func (b *Big) start(ctx context.Context, o *options, g *gateway, s site) (err error) {
	begin := time.Now()
	if err := g.start(ctx, s, o.program); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	t, err := g.target(s, o.People)
	if err != nil {
		return err
	}
	if err := t.pool.Do(ctx, t.letters.whole); err != nil {
		return fmt.Errorf("first message after the start: %w", err)
	}
	b.Start = time.Since(begin).Seconds()
	if err := g.awaitReady(ctx, false); err != nil {
		return err
	}
	b.Ready = time.Since(begin).Seconds()
	usage, err := machine.Process(g.pid)
	b.Resident = float64(usage.Resident) / (1 << 20)
	return errors.Join(err, t.pool.Close())
}

func (b *Big) fill(ctx context.Context, o *options, c *boot.Config, say func(string)) (err error) {
	var late firstError
	store, err := boot.OpenStore(ctx, c, boot.StoreConfig{Now: time.Now, OnError: late.keep})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close(), late.get()) }()
	f := &filler{journal: store.Journal, revision: randomText()}
	for range o.People {
		f.people = append(f.people, audit.NewSubjectID())
	}
	say("commits on the empty journal")
	if b.Empty, err = f.commits(ctx, o); err != nil {
		return err
	}
	say(fmt.Sprintf("filling the journal up to %d records", o.Records))
	if err := b.pour(ctx, f, o.Records); err != nil {
		return err
	}
	say("commits on the filled journal")
	machine.Nap(o.Settle) // the log of the filling is copied into the file
	b.Full, err = f.commits(ctx, o)
	b.Records = float64(store.Journal.Head().Size)
	return err
}

// pour appends records until there are as many as wanted.
func (b *Big) pour(ctx context.Context, f *filler, wanted int) error {
	begin, had := time.Now(), f.journal.Head().Size
	group, ctx := errgroup.WithContext(ctx)
	for range fillWriters {
		group.Go(func() error {
			for f.journal.Head().Size < uint64(wanted) { //nolint:gosec // not negative
				if err := f.journal.Append(ctx, f.messages(fillBatch)); err != nil {
					return fmt.Errorf("fill journal: %w", err)
				}
			}
			return nil
		})
	}
	err := group.Wait()
	b.Filling = float64(f.journal.Head().Size-had) / time.Since(begin).Seconds()
	return err
}

// firstError keeps the first of the errors that nobody waits for.
type firstError struct {
	mu  sync.Mutex
	err error
}

func (f *firstError) keep(err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.err == nil {
		f.err = err
	}
}

func (f *firstError) get() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.err
}

// filler makes records like those of the gateway.
type filler struct {
	journal  *journal.Journal
	people   []audit.SubjectID
	revision string
}

// commits is an open loop of messages: the admission is waited for, the
// outcome rides with a later commit.
func (f *filler) commits(ctx context.Context, o *options) (Commits, error) {
	s := scenario{partBig, commitRate, 256}
	appended := func(_, _ int) error {
		admission, settled := f.message()
		if err := f.journal.Append(ctx, admission); err != nil {
			return err
		}
		return f.journal.Append(ctx, settled)
	}
	load.Run(ctx, generator(s, o.WarmUp), appended)
	r := load.Run(ctx, generator(s, o.Duration*time.Duration(o.Rounds)), appended)
	if r.Failed > 0 {
		return Commits{}, fmt.Errorf("append: %w", r.First)
	}
	at := func(q float64) float64 { return load.Milliseconds(load.Quantile(r.Latencies, q)) }
	return Commits{at(0.5), at(0.99), at(0.999), at(1)}, ctx.Err()
}

// messages is one batch of whole messages.
func (f *filler) messages(n int) journal.Batch {
	var all journal.Batch
	for range n {
		admission, settled := f.message()
		all.Records = append(append(all.Records, admission.Records...), settled.Records...)
		all.MessageIDs = append(all.MessageIDs, settled.MessageIDs...)
	}
	return all
}

// message is what one text message leaves: its admission with body, policy
// input and sealed original, and its outcome with upstream's id.
func (f *filler) message() (admission, settled journal.Batch) {
	now := time.Now()
	a := audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: now.UnixMicro(),
		Tenant: tenantName, App: appName, Number: phoneID, Actor: "app:" + appName, Subject: f.someone(), Country: "DE",
		Direction: "outbound", Dialect: "cloud", Type: "text", Category: "service",
		Effect: audit.EffectAllow, Reasons: []string{"ok"}, Revision: f.revision, Result: "admitted",
		Facts: `{"window":{"open":true,"expires":1795345200},"identity":"ok","account":"ok"}`,
		Mac:   randomBytes(32), MacKey: 1, Retention: "message",
		Parts: []audit.Part{
			audit.NewPart(audit.PartBody, []byte(`{"text":{"body":"Your order has left our house and will be with you by noon."}}`)),
			audit.NewPart(audit.PartInput, bytes.Repeat([]byte("policy input "), 55)),
			audit.NewPart(audit.PartOriginal, randomBytes(240)),
		},
	}
	hash := randomBytes(16)
	o := audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindSettle, Time: now.UnixMicro(), Ref: a.ID,
		Tenant: tenantName, App: appName, Number: phoneID, Actor: "system", Subject: a.Subject, Direction: "outbound",
		Dialect: "cloud", Type: "text", Category: "service", Result: "accepted", MessageID: hash,
	}
	id := journal.MessageID{
		Admission: a.ID, Tenant: tenantName, Number: phoneID, Subject: a.Subject, Hash: [16]byte(hash),
		Upstream: randomBytes(96), Month: now.UTC().Format("2006-01"), Time: o.Time,
	}
	admission.Records = []audit.Record{a}
	return admission, journal.Batch{Records: []audit.Record{o}, MessageIDs: []journal.MessageID{id}, Lazy: true}
}

func (f *filler) someone() audit.SubjectID {
	b := randomBytes(4)
	n := uint(b[0])<<24 | uint(b[1])<<16 | uint(b[2])<<8 | uint(b[3])
	return f.people[n%uint(len(f.people))]
}

func randomBytes(n int) []byte {
	b := make([]byte, n)
	rand.Read(b) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return b
}

func (b *Big) print(p *page) {
	p.line("\njournal of %.0f records, %.0f MB, filled with %.0f records/s; first message answered %s s after the start, ready after %s s, memory then %s MB",
		b.Records, b.SizeMB, b.Filling, num(b.Start), num(b.Ready), num(b.Resident))
	p.table([][]string{
		{"commit at 2,000 records/s", "p50 ms", "p99 ms", "p99.9 ms", "max ms"},
		{"empty", num(b.Empty.P50), num(b.Empty.P99), num(b.Empty.P999), num(b.Empty.Max)},
		{"filled", num(b.Full.P50), num(b.Full.P99), num(b.Full.P999), num(b.Full.Max)},
	})
}
