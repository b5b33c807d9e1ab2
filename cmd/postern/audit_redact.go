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
}

func newAuditRedact(p *program) *cobra.Command {
	var r redaction
	c := &cobra.Command{
		Use:   "redact --pack {NAME | FILE} --since TIME",
		Short: "Show what stricter packs would take out of records kept",
		Long: `Treats the body that each record keeps once more, by the policy as it is with
these packs added, and counts the records whose body would change: by type, class
and day. Those that a legal hold, a clause of the retention policy, a person's open
request or a restriction keeps as they are count as such. Nothing is changed, and
no value is shown. That it was asked is recorded.

A pack is named as in settings (personal_data.packs), or is a file such as
./pii/acme.yaml, with its lists beside it. It is read from here and need not be in
use. Type FIELD counts members of a message that are personal by what they are.`,
		Example: "  postern audit redact --pack hipaa --since 90d\n" +
			"  postern audit redact --pack ./acme.yaml --since 2026-01-01 --until 2026-07-01 --app shop --json",
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
	f.BoolVar(&r.progress, "progress", isTerminal(p.stderr), "say on standard error how far it is")
	return c
}

// read takes over what the command line says.
func (r *redaction) read(p *program) error {
	if len(r.packs) == 0 || r.since == "" {
		return usageError{errors.New("name a pack and from when on, such as: --pack hipaa --since 90d")}
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
	r.in.RedactPacks, err = p.redactPacks(r.packs)
	return err
}

func (p *program) auditRedact(ctx context.Context, r *redaction) (err error) {
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
