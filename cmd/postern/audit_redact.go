package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

// redaction is one run of audit redact.
type redaction struct {
	in       admin.Redact
	packs    []string
	since    string
	until    string
	person   string
	progress bool

	apply   bool
	waiting bool
	request string
	approve string
	why     string
}

func newAuditRedact(p *program) *cobra.Command {
	var r redaction
	c := &cobra.Command{
		Use:   "redact --pack {NAME | FILE} --since TIME",
		Short: "Show what stricter packs would take out of records kept, and take it",
		Long: `Treats the body that each record keeps once more, by the policy as it is with
these packs added, and counts the records whose body would change: by type, class
and day. Those that a legal hold, a clause of the retention policy, a person's open
request or a restriction keeps as they are count as such. Nothing is changed, and
no value is shown. That it was asked is recorded.

With --apply the bodies are treated for good: a revision on record takes the place
of each, and the one before is erased, in the trail and in ClickHouse. That is asked
for first; another operator with role approve says yes with --approve; then who
asked carries it out with --request and the same packs. A pack that changed in
between is refused. Interrupted, it goes on where it was. In the end there is a
certificate. Sealed originals stay, unless a pack says "original: erase"
and no clause of a law has them kept.

A pack is named as in settings (personal_data.packs), or is a file such as
./pii/acme.yaml, with its lists beside it. It is read from here and need not be in
use. Type FIELD counts members of a message that are personal by what they are.`,
		Example: "  postern audit redact --pack hipaa --since 90d\n" +
			"  postern audit redact --pack ./acme.yaml --since 2026-01-01 --until 2026-07-01 --app shop --json\n" +
			"  postern audit redact --pack hipaa --since 90d --apply --why minimisation\n" +
			"  postern audit redact --approve 019b1d2c3e4f5a6b7c8d9e0f1a2b3c4d\n" +
			"  postern audit redact --pack hipaa --apply --request 019b1d2c3e4f5a6b7c8d9e0f1a2b3c4d",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.auditRedact(c.Context(), &r) },
	}
	tenantFlag(c, &r.in.Tenant)
	f := c.Flags()
	f.StringArrayVar(&r.packs, "pack", nil, "`NAME` or file of a pack; repeatable")
	f.StringVar(&r.since, "since", "", "from then on: `30d`, 12h, a day or a time")
	f.StringVar(&r.until, "until", "", "before this `DAY` or time (default: now)")
	f.StringVar(&r.in.App, "app", "", "only of this app `NAME`: inbound records name none")
	f.StringVar(&r.person, "person", "", "only of this `PERSON`: number, user id or subject id")
	f.StringVar(&r.in.Class, "class", "", "only of this retention `CLASS`")
	f.BoolVar(&r.apply, "apply", false, "do it: ask for it, or with --request carry it out")
	f.StringVar(&r.why, "why", "", "with --apply: a short `WORD` that goes on record")
	f.StringVar(&r.request, "request", "", "with --apply: carry out this `REQUEST`, which somebody else approved")
	f.StringVar(&r.approve, "approve", "", "approve another operator's `REQUEST`")
	f.BoolVar(&r.waiting, "waiting", false, "list requests that wait or go on")
	f.BoolVar(&r.progress, "progress", isTerminal(p.stderr), "say on standard error how far it is")
	return c
}

// read takes over what the command line says.
func (r *redaction) read(p *program) error {
	if err := r.check(); err != nil {
		return usageError{err}
	}
	if len(r.packs) == 0 || r.since == "" && r.request == "" {
		return usageError{errors.New("name a pack and from when on, such as: --pack hipaa --since 90d")}
	}
	var err error
	if r.in.RedactPacks, err = p.redactPacks(r.packs); err != nil || r.request != "" {
		return err
	}
	from, err := sinceTime(r.since, p.now())
	if err != nil {
		return usageError{err}
	}
	r.in.Since = from.UTC().Format(time.RFC3339)
	if r.until != "" {
		until, err := parseDay(r.until)
		if err != nil {
			return usageError{errors.New("--until: write 2027-01-01 or 2027-01-01T14:30:00Z")}
		}
		r.in.Until = until.UTC().Format(time.RFC3339)
	}
	return nil
}

func (p *program) auditRedact(ctx context.Context, r *redaction) (err error) {
	if r.approve != "" || r.waiting {
		if err := r.check(); err != nil {
			return usageError{err}
		}
		if r.waiting {
			return p.redactWaiting(ctx)
		}
		return p.redactApprove(ctx, r.approve)
	}
	if err := r.read(p); err != nil {
		return err
	}
	s, err := p.connect(ctx, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if r.person != "" {
		w, err := p.who(r.person, r.in.Tenant)
		if err != nil {
			return err
		}
		found, err := do[admin.Found](ctx, s, "subject.find", w)
		if err != nil {
			return err
		}
		r.in.Person = found.Subject
	}
	switch {
	case r.request != "":
		return p.redactApply(ctx, s, r)
	case r.apply:
		return p.redactAsk(ctx, s, r)
	}
	out, err := p.redactAll(ctx, s, r)
	if err != nil {
		return err
	}
	return p.result(out, func() error { return p.redacted(&out) })
}

// redactAll asks page by page.
func (p *program) redactAll(ctx context.Context, s *session, r *redaction) (admin.Redacting, error) {
	told := func(_, _ uint64) {}
	if r.progress {
		told = p.progress()
	}
	var all admin.Redacting
	for {
		page, err := do[admin.Redacting](ctx, s, "trail.redact", r.in)
		if err != nil {
			return all, err
		}
		all.Add(&page)
		if page.Next == 0 {
			told(page.Size, page.Size)
			return all, nil
		}
		told(page.Next, page.Size)
		r.in.From = page.Next
	}
}
