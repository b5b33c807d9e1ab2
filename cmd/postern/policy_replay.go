package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/policy"
)

// replay is one run of policy replay.
type replay struct {
	since, dir, file string
	show             int
}

func newPolicyReplay(p *program) *cobra.Command {
	r := replay{since: "30d"}
	c := &cobra.Command{
		Use:   "replay --with DIR",
		Short: "Run a changed policy over what was judged, and show what would change",
		Long: `Judges the kept input of every message since then by the policy in DIR, and shows
who would now be refused or allowed, by rule. Nothing is sent or changed. Inputs
that were erased or written by another version are counted, not judged.`,
		Example: "  postern policy replay --since 30d --with ./policies\n  postern policy replay --since 2026-11-01 --with ./policies --show 20 --json",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.policyReplay(c.Context(), r) },
	}
	f := c.Flags()
	f.StringVar(&r.since, "since", r.since, "how far back: `30d`, 12h, a day or a time")
	f.StringVar(&r.dir, "with", "", "policy `DIR` to judge by (default: the configured one as it is now)")
	f.StringVar(&r.file, "file", "", "read this journal `FILE` or folder, such as a copy")
	f.IntVar(&r.show, "show", 10, "name at most this many records of each change")
	return c
}

// change is what several records have in common: the old and the new word.
type change struct {
	Kind    string   `json:"kind"`
	From    string   `json:"from"` // "allow" or the code refused with
	To      string   `json:"to"`
	Count   int      `json:"count"`
	Records []string `json:"records"` // ids of the first ones
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
	if err := t.Records(ctx, start, end, func(rec *audit.Record) error { return run.judge(ctx, rec, from.UnixMicro()) }); err != nil {
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
		err := t.Records(ctx, mid, mid+1, func(r *audit.Record) error { at = r.Time; return nil })
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

// replaying judges records as they come.
type replaying struct {
	engine  *policy.Engine
	show    int
	report  replayReport
	changes map[change3]*change
}

type change3 struct{ kind, from, to string }

func (r *replaying) judge(ctx context.Context, rec *audit.Record, from int64) error {
	judged := rec.Kind == audit.KindAdmission || rec.Kind == audit.KindMedia || rec.Kind == audit.KindRead || rec.Kind == audit.KindInbound
	if !judged || rec.Time < from {
		return nil
	}
	in := inputOf(rec)
	if in == nil {
		r.report.Missing++
		return nil
	}
	d, err := r.engine.Decide(ctx, in)
	if err != nil && ctx.Err() != nil {
		return context.Cause(ctx)
	}
	r.report.Judged++
	before, after := word(rec.Effect == audit.EffectAllow, rec.Reasons), word(d.Effect == policy.Allow, codes(d.Reasons))
	if before == after {
		r.report.Unchanged++
		return nil
	}
	r.note(change3{string(rec.Kind), before, after}, rec.ID)
	return nil
}

// inputOf is the kept input, nil if it is gone or not for this version.
func inputOf(rec *audit.Record) *policy.Input {
	for i := range rec.Parts {
		if rec.Parts[i].Name == audit.PartInput && !rec.Parts[i].Erased {
			if in, err := policy.UnmarshalInput(rec.Parts[i].Body); err == nil {
				return in
			}
		}
	}
	return nil
}

// word is "allow", or the code that was answered.
func word(allowed bool, reasons []string) string {
	if allowed {
		return "allow"
	}
	if len(reasons) == 0 {
		return "deny"
	}
	return reasons[0]
}

func codes(reasons []policy.Reason) []string {
	out := make([]string, len(reasons))
	for i, r := range reasons {
		out[i] = r.Code
	}
	return out
}

func (r *replaying) note(key change3, id audit.ID) {
	c := r.changes[key]
	if c == nil {
		c = &change{Kind: key.kind, From: key.from, To: key.to, Records: []string{}}
		r.changes[key] = c
	}
	c.Count++
	if len(c.Records) < r.show {
		c.Records = append(c.Records, id.String())
	}
}

// result lists the changes, the most frequent first.
func (r *replaying) result() replayReport {
	r.report.Changes = slices.SortedFunc(maps.Values(r.changes), func(a, b *change) int {
		return cmp.Or(cmp.Compare(b.Count, a.Count), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return r.report
}

func (p *program) replayed(r replayReport) error {
	errs := []error{p.say("%d judged since %s by revision %.12s: %d as before, %d differently", r.Judged, r.Since, r.Revision, r.Unchanged, r.Judged-r.Unchanged)}
	if r.Missing > 0 {
		errs = append(errs, p.say("%d not judged: their input was erased, never kept, or is of another version", r.Missing))
	}
	for _, c := range r.Changes {
		errs = append(errs, p.say("\n%d %s: %s -> %s", c.Count, c.Kind, c.From, c.To))
		for _, id := range c.Records {
			errs = append(errs, p.say("  %s", id))
		}
	}
	return errors.Join(errs...)
}
