package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"

	"postern/cmd/internal/bench/load"
)

// Keeping is what the end of the trail costs beside the traffic: a backup, a
// purge, a person's erasure.
type Keeping struct {
	Records  float64 `json:"records"`
	SizeMB   float64 `json:"size_mb"`
	Backup   Beside  `json:"backup"`
	BackupMB float64 `json:"backup_mb"` // of the sealed copy, as its manifest says
	Verify   float64 `json:"verify_s"`  // until all of it was read back and proved
	Purge    Beside  `json:"purge"`
	Erase    float64 `json:"erase_s"`  // one person, until what there is of it is overwritten and the log cut
	Absent   float64 `json:"absent_s"` // until that is certified, too, after a look through the file
}

// Beside is one long work and the sends beside it and, as long, before it.
type Beside struct {
	Took     float64 `json:"took_s"`
	Sent     float64 `json:"sent"`
	Failed   float64 `json:"failed"`
	QuietP99 float64 `json:"quiet_p99_ms"`
	P99      float64 `json:"p99_ms"`
	Ratio    float64 `json:"p99_ratio"`
}

const (
	keepingRate     = 500 // messages a second
	keepingPatience = time.Hour

	// What the past holds is over, what is sent is not.
	keepingPolicy = "version: 1\nclasses:\n  messages: {days: 30, action: purge}\n  deliveries: {days: 30, action: purge}\n"
	keepingConfig = "policy: {dir: ./policies}\nbackup: {dir: ./backups, every: 744h}\n"
)

// measureKeeping fills a store with what is over, then works on it under load.
func measureKeeping(ctx context.Context, o *options, dir string, say func(string)) (_ *Keeping, err error) {
	dir = filepath.Join(dir, partKeeping)
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
	if err := g.keep(ctx, s); err != nil {
		return nil, err
	}
	k := &Keeping{}
	say(fmt.Sprintf("filling a store with %d records that are over", o.Kept))
	if err := k.fill(ctx, o, g.config); err != nil {
		return nil, err
	}
	if err := k.work(ctx, o, g, s, say); err != nil {
		return nil, err
	}
	say("reading the backup back")
	return k, k.verify(ctx, g)
}

func (k *Keeping) work(ctx context.Context, o *options, g *gateway, s site, say func(string)) (err error) {
	if err := g.start(ctx, s, o.program); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, g.stop()) }()
	t, err := g.target(s, o.People)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.pool.Close()) }()
	// The stored trail is checked at a tenth of a processor, which takes minutes:
	// before the works begin, beside them, and in both phases alike.
	if err := g.awaitReady(ctx, false); err != nil {
		return err
	}
	say("a backup under load")
	if k.Backup, err = beside(ctx, o, t, func(ctx context.Context) error { return k.backUp(ctx, g.client(), g) }); err != nil {
		return err
	}
	say("a purge under load")
	if k.Purge, err = beside(ctx, o, t, g.purge); err != nil {
		return err
	}
	say("a person's erasure")
	return k.eraseOne(ctx, g)
}

// beside sends in a quiet phase, then until act is over.
func beside(ctx context.Context, o *options, t *target, act func(context.Context) error) (Beside, error) {
	s := scenario{partKeeping, keepingRate, 128}
	quiet := send(ctx, t, s, o.Duration)
	ctx, cancel := context.WithTimeout(ctx, keepingPatience)
	defer cancel()
	acted, ended := make(chan error, 1), time.Duration(0)
	begin := time.Now()
	go func() {
		err := act(ctx)
		ended = time.Since(begin)
		acted <- err
	}()
	var out Beside
	var latencies []time.Duration
	for {
		r := send(ctx, t, s, time.Second)
		latencies = append(latencies, r.Latencies...)
		out.Failed += float64(r.Failed)
		select {
		case err := <-acted:
			slices.Sort(latencies)
			out.Took, out.Sent, out.Failed = ended.Seconds(), float64(len(latencies))+out.Failed, out.Failed+float64(quiet.Failed)
			out.QuietP99, out.P99 = load.Milliseconds(load.Quantile(quiet.Latencies, 0.99)), load.Milliseconds(load.Quantile(latencies, 0.99))
			out.Ratio = out.P99 / max(out.QuietP99, 1e-9)
			return out, err
		default:
		}
	}
}

func (k *Keeping) figures() []Figure {
	speed := func(name string, mb float64) Figure {
		return judge(Figure{Name: name, Unit: "MB/s", Value: mb / k.Backup.Took, Goal: 100, AtLeast: true})
	}
	out := []Figure{
		speed("backup under load, of the database", k.SizeMB), speed("of what lies there afterwards", k.BackupMB),
		within("one person erased", "s", k.Erase, 1), within("absence of the person certified", "s", k.Absent, 60),
	}
	for _, b := range k.beside() {
		out = append(out, within("p99 at 500/s beside a "+b.name, "x quiet", b.Ratio, 2), within("failed beside a "+b.name, "messages", b.Failed, 0))
	}
	return out
}

// work is one that sends went beside.
type work struct {
	name string
	Beside
}

func (k *Keeping) beside() []work { return []work{{"backup", k.Backup}, {"purge", k.Purge}} }

func (k *Keeping) print(p *page) {
	p.line("\nstore of %.0f records, %.0f MB; its backup of %.0f MB was read back and proved in %s s; one person erased in %s s, certified in %s s",
		k.Records, k.SizeMB, k.BackupMB, num(k.Verify), num(k.Erase), num(k.Absent))
	rows := [][]string{{"at 500 messages/s", "took s", "messages", "failed", "quiet p99 ms", "p99 ms", "ratio"}}
	for _, b := range k.beside() {
		rows = append(rows, []string{b.name, num(b.Took), num(b.Sent), num(b.Failed), num(b.QuietP99), num(b.P99), num(b.Ratio)})
	}
	p.table(rows)
}
