package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
)

// replay is one run of policy replay.
type replay struct {
	since, dir, file string
	show             int
	progress         bool
}

func newPolicyReplay(p *program) *cobra.Command {
	r := replay{since: "30d"}
	c := &cobra.Command{
		Use:   "replay --with DIR",
		Short: "Run a changed policy over what was judged, and show what would change",
		Long: `Judges the kept input of every message since then by the policy in DIR, and shows
who would now be refused or allowed, by rule. Nothing is sent or changed. Inputs
that were erased or written by another version are counted, not judged.

Time and facts are those of the moment: a consent given since does not count, and
a stop word that settings did not know then was no stop.`,
		Example: "  postern policy replay --since 30d --with ./policies\n  postern policy replay --since 2026-11-01 --with ./policies --show 20 --json",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.policyReplay(c.Context(), r) },
	}
	f := c.Flags()
	f.StringVar(&r.since, "since", r.since, "how far back: `30d`, 12h, a day or a time")
	f.StringVar(&r.dir, "with", "", "policy `DIR` to judge by (default: the configured one as it is now)")
	f.StringVar(&r.file, "file", "", "read this journal `FILE` or folder, such as a copy")
	f.IntVar(&r.show, "show", 10, "name at most this many records of each change")
	f.BoolVar(&r.progress, "progress", isTerminal(p.stderr), "say on standard error how far it is")
	return c
}

// change is what several records have in common: the old and the new word.
type change struct {
	Kind    string     `json:"kind"`
	From    string     `json:"from"` // "allow" or the code refused with
	To      string     `json:"to"`
	Count   int        `json:"count"`
	Records []affected `json:"records"` // the first ones
}

// affected is a message that would fare otherwise, and the person it concerns.
type affected struct {
	Record  string `json:"record"`
	Subject string `json:"subject"`
}

type replayReport struct {
	Since     string    `json:"since"`
	Revision  string    `json:"revision"`
	Judged    int       `json:"judged"`
	Unchanged int       `json:"unchanged"`
	Missing   int       `json:"missing"` // erased, or of another version
	Changes   []*change `json:"changes"`
}

func (p *program) policyReplay(ctx context.Context, r replay) (err error) {
	from, err := sinceTime(r.since, p.now())
	if err != nil {
		return usageError{err}
	}
	engine, err := p.engine(ctx, r.dir)
	if err != nil {
		return err
	}
	t, err := p.openTrail(ctx, r.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	run := replaying{engine: engine, show: r.show, changes: map[change3]*change{}}
	run.report.Since, run.report.Revision = from.UTC().Format(time.RFC3339), engine.Revision()
	start, end, err := seqRange(ctx, t, from)
	if err != nil {
		return err
	}
	told := func(done, total uint64) {}
	if r.progress {
		told = p.progress()
	}
	if err := run.all(ctx, t, start, end, from.UnixMicro(), told); err != nil {
		return err
	}
	report := run.result()
	if err := t.read(ctx, "replay", report.Judged, ""); err != nil {
		return err
	}
	return p.result(report, func() error { return p.replayed(report) })
}

// sinceTime reads a duration back from now, in days too, or a moment.
func sinceTime(s string, now time.Time) (time.Time, error) {
	if days, isDays := strings.CutSuffix(s, "d"); isDays {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n < 36500 {
			return now.AddDate(0, 0, -n), nil
		}
	}
	if d, err := time.ParseDuration(s); err == nil && d > 0 {
		return now.Add(-d), nil
	}
	t, err := parseDay(s)
	if err != nil {
		return t, fmt.Errorf("--since: write 30d, 12h, 2026-11-21 or 2026-11-21T14:30:00Z")
	}
	return t, nil
}

// clockSlack is how far records may be out of order of time: clocks jump.
const clockSlack = time.Hour

// seqRange finds the first record that may be as young as from, by halving:
// records stand in order of sequence, which is nearly that of time.
func seqRange(ctx context.Context, t *trail, from time.Time) (start, end uint64, err error) {
	head, err := t.Head(ctx)
	if err != nil {
		return 0, 0, err
	}
	limit := from.Add(-clockSlack).UnixMicro()
	low, high := uint64(0), head.Records
	for low < high {
		mid := low + (high-low)/2
		var at int64
		err := t.Records(ctx, mid, mid+1, func(r *audit.Record) error { at = madeAt(r); return nil })
		if err != nil {
			return 0, 0, err
		}
		if at < limit {
			low = mid + 1
		} else {
			high = mid
		}
	}
	return low, head.Records, nil
}

// madeAt is when a record was made, microseconds. A purged one has no time any
// more, but in its id.
func madeAt(r *audit.Record) int64 {
	if r.Purged {
		return r.ID.Milli() * 1000
	}
	return r.Time
}

func (p *program) replayed(r replayReport) error {
	errs := []error{p.say("%d judged since %s by revision %.12s: %d as before, %d differently", r.Judged, r.Since, r.Revision, r.Unchanged, r.Judged-r.Unchanged)}
	if r.Missing > 0 {
		errs = append(errs, p.say("%d not judged: their input was erased, never kept, or is of another version", r.Missing))
	}
	for _, c := range r.Changes {
		errs = append(errs, p.say("\n%d %s: %s -> %s", c.Count, c.Kind, c.From, c.To))
		for _, a := range c.Records {
			errs = append(errs, p.say("  record %s, subject %s", a.Record, a.Subject))
		}
	}
	return errors.Join(errs...)
}
