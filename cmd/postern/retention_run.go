package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/cmd/internal/admin"
	"postern/retention"
)

func newRetentionRun(p *program) *cobra.Command {
	var yes, dry bool
	c := &cobra.Command{
		Use:   "run",
		Short: "Have what the retention policy lets go purged now, and certified",
		Long: `Starts a run in the running gateway and waits for its end; interrupted, the run goes
on, and with the gateway's next start where that was interrupted. "retention plan"
shows before what it would take. What a legal hold, a floor, an open request or
another store still needs stays, up to the last moment.

A run is on record before it acts and works in small steps beside the traffic. It
ends with a certificate: what went by class and day, under which revision of the
policy, where it is gone from and where it is still to disappear. It is for good,
so it asks unless --yes is given. Needs role approve.`,
		Example: "  postern retention run --dry-run\n  postern retention run\n  postern retention run --yes --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			if dry {
				return p.retentionDryRun(c.Context())
			}
			return p.retentionRun(c.Context(), yes)
		},
	}
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	c.Flags().BoolVar(&dry, "dry-run", false, "show what would go, as \"retention plan\" does")
	return c
}

func (p *program) retentionDryRun(ctx context.Context) error {
	out, err := ask[retention.Plan](ctx, p, "retention.plan", admin.RetentionPlan{})
	if err != nil {
		return err
	}
	return p.result(out, func() error { return p.retentionPlanned(out) })
}

var errNotPurged = errors.New("nothing was purged")

func (p *program) retentionRun(ctx context.Context, yes bool) error {
	before, err := ask[admin.RetentionState](ctx, p, "retention.status", nil)
	if err != nil {
		return err
	}
	if !yes {
		if err := p.askPurge("What the retention policy lets go"); err != nil {
			return err
		}
	}
	now, err := ask[admin.RetentionState](ctx, p, "retention.run", admin.RetentionRun{Confirm: "purge"})
	for err == nil && (now.Running || now.Failed == "" && len(now.Certificates) == len(before.Certificates)) {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(250 * time.Millisecond):
		}
		now, err = ask[admin.RetentionState](ctx, p, "retention.status", nil)
	}
	switch {
	case err != nil:
		return err
	case now.Failed != "":
		return fmt.Errorf("the run ended before its end: %s", now.Failed)
	}
	return p.showCertificate(ctx, now.Certificates[0].ID, "")
}

func (p *program) askPurge(what string) error {
	unasked := usageError{errors.New("no terminal to ask on: purging is for good; add --yes")}
	if !isTerminal(p.stdin) {
		return unasked
	}
	return p.typed(bufio.NewReader(p.stdin), what+" will be gone for good. Type the word purge: ", "purge", unasked, errNotPurged)
}

func newRetentionStatus(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Show whether a retention run is under way, and the certificates of those before",
		Long:    "Shows whether a run is under way or waits to go on, when the next one starts by\nitself (retention.at), and the certificates on record, newest first. What would have\nthe next run refused, or leave what is due, comes first, with the remedy.",
		Example: "  postern retention status\n  postern retention status --json",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			out, err := ask[admin.RetentionState](c.Context(), p, "retention.status", nil)
			if err != nil {
				return err
			}
			return p.result(out, func() error { return p.retentionState(out) })
		},
	}
}

func (p *program) retentionState(s admin.RetentionState) error {
	word := "No run is under way"
	switch {
	case s.Running:
		word = "A run is under way"
	case s.Waiting:
		word = "A run was interrupted; it goes on with the gateway's start or the next run"
	case s.Failed != "":
		word = "The last run ended before its end: " + s.Failed
	}
	if s.Next != 0 {
		word += "; one starts by itself at " + date(s.Next/1_000_000)
	}
	errs := []error{p.obstacles(s.Obstacles), p.say("%s.", strings.TrimSuffix(word, "."))}
	var rows [][]string
	for _, c := range s.Certificates {
		rows = append(rows, []string{c.ID.String(), date(c.Time / 1_000_000), c.Run.String()})
	}
	if len(rows) > 0 {
		errs = append(errs, table(p.stdout, []string{"CERTIFICATE", "MADE", "RUN"}, rows))
	}
	return errors.Join(errs...)
}

func newRetentionCertificate(p *program) *cobra.Command {
	out := ""
	c := &cobra.Command{
		Use:   "certificate ID",
		Short: "Show the certificate of a retention run, or write it to a file",
		Long: `ID is of "retention status". The file that --out writes proves offline what a run
took: it is signed by the checkpoint key, and once a checkpoint covers its record a
receipt is in it. Check it with: postern retention verify FILE`,
		Example: "  postern retention certificate 019b1d2c3e4f5a6b7c8d9e0f1a2b3c4d\n  postern retention certificate 019b1d2c3e4f5a6b7c8d9e0f1a2b3c4d --out purged-2026-11.json",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := idOf(args[0], "retention status")
			if err != nil {
				return err
			}
			return p.showCertificate(c.Context(), id, out)
		},
	}
	c.Flags().StringVar(&out, "out", "", "write the signed certificate to `FILE`")
	return c
}

func (p *program) showCertificate(ctx context.Context, id audit.ID, out string) error {
	f, err := ask[retention.CertificateFile](ctx, p, "retention.proof", admin.RetentionCertificate{ID: id})
	if err != nil {
		return err
	}
	if out == "" {
		c, err := f.Unchecked()
		if err != nil {
			return err
		}
		return p.result(c, func() error { return p.certificate(&c) })
	}
	raw, err := f.Encode()
	if err != nil {
		return err
	}
	if err := os.WriteFile(out, raw, 0o600); err != nil {
		return fmt.Errorf("write certificate: %w", err)
	}
	if len(f.Receipt) == 0 {
		return p.note("No checkpoint covers its record yet: write it again after the next one, and a receipt is in it.")
	}
	return nil
}

func (p *program) certificate(c *retention.Certificate) error {
	var gone, stay, places [][]string
	for _, g := range c.Gone {
		gone = append(gone, []string{g.Class, g.Day, string(g.Store), string(g.Action), strconv.FormatInt(g.Count, 10)})
	}
	for _, s := range c.Stay {
		stay = append(stay, []string{s.Why, strconv.FormatInt(s.Count, 10)})
	}
	for _, l := range c.Place {
		by := "-"
		if l.By != 0 {
			by = date(l.By / 1_000_000)
		}
		places = append(places, []string{l.Name, l.State, by, l.How})
	}
	word := "ended"
	if !c.Complete {
		word = "was cut short by a change of the policy"
	}
	what := "Run"
	if c.Of != "" {
		what = "Erasure"
		if !c.Complete {
			word = "took a part and left what clauses keep"
		}
	}
	if c.Packs != "" {
		what, word = "Redaction", fmt.Sprintf("approved by %s, by packs %.12s, ended", c.Second, c.Packs)
	}
	errs := []error{p.say(what+" %s of %s, started by %s, %s at %s.\nPolicy %.12s. %s destroyed.", c.Run, c.Chain, c.Actor, word, date(c.Ended/1_000_000), c.Revision, count(int(c.Keys), "data key"))}
	if len(gone) > 0 {
		errs = append(errs, table(p.stdout, []string{"CLASS", "DAY", "STORE", "ACTION", "GONE"}, gone))
	}
	if len(stay) > 0 {
		errs = append(errs, p.say("\nDue, and kept by:"), table(p.stdout, []string{"BY", "ROWS"}, stay))
	}
	return errors.Join(append(errs, p.say(""), table(p.stdout, []string{"PLACE", "STATE", "BY", "HOW"}, places))...)
}

func newRetentionVerify(p *program) *cobra.Command {
	var keys []string
	c := &cobra.Command{
		Use:   "verify FILE",
		Short: "Check a certificate of a retention run with the public key alone",
		Long: `Checks that FILE was signed by a checkpoint key and, where a receipt is in it, that
the trail has it on record. Needs no store; without --key the keys of the
configured keystore are taken.

Exits 0 if everything holds, 3 if not, 1 if FILE cannot be read.`,
		Example: "  postern retention verify purged-2026-11.json --key \"postern.example/keys+428702ca+AYqI4910CfGV/VLbLTy6XXLKZwm/HZQSG/N0iAG0D29c\"",
		Args:    cobra.ExactArgs(1),
		RunE:    func(_ *cobra.Command, args []string) error { return p.retentionVerify(args[0], keys) },
	}
	c.Flags().StringArrayVar(&keys, "key", nil, "public checkpoint `KEY` to trust; may be repeated")
	return c
}

// certificateChecked is the check of a certificate as JSON.
type certificateChecked struct {
	OK          bool                   `json:"ok"`
	Problem     string                 `json:"problem,omitempty"`
	Proven      bool                   `json:"proven"` // a receipt shows it on record
	Record      uint64                 `json:"record,omitempty"`
	Size        uint64                 `json:"size,omitempty"` // of the checkpoint that covers it
	Certificate *retention.Certificate `json:"certificate,omitempty"`
}

func (p *program) retentionVerify(file string, keys []string) error {
	pinned, err := p.receiptKeys(keys)
	if err != nil {
		return err
	}
	raw, err := p.readInput(file)
	if err != nil {
		return err
	}
	got, err := retention.VerifyCertificate(raw, pinned...)
	if err != nil {
		out := certificateChecked{Problem: err.Error()}
		if err := p.result(out, func() error { return p.say("%s", out.Problem) }); err != nil {
			return err
		}
		return errFound
	}
	out := certificateChecked{OK: true, Proven: got.Proven, Record: got.Record, Size: got.Size, Certificate: &got.Certificate}
	return p.result(out, func() error {
		word := "Signed, and no receipt is in it: that it is on record is not proved. Write it again after the next checkpoint."
		if got.Proven {
			word = fmt.Sprintf("Signed, and on record: record %d, under a checkpoint of %d records.", got.Record, got.Size)
		}
		return errors.Join(p.certificate(&got.Certificate), p.say("\n%s", word))
	})
}
