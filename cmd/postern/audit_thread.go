package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"postern/audit/journal"
	"postern/audit/thread"
	"postern/cmd/internal/admin"
)

// conversation is one run of audit thread.
type conversation struct {
	where
	person, since, until, tenant, number string
	html                                 bool
	timeout                              time.Duration
}

func newAuditThread(p *program) *cobra.Command {
	v := conversation{}
	c := &cobra.Command{
		Use:   "thread PERSON",
		Short: "Show the conversation with one person",
		Long: `Puts what is on record about one person together as a conversation, oldest first:
what either side wrote, redacted as it is kept, why it was let through or
refused, what became of it, consents, and the names of files. What was erased is
named as erased. Sealed parts, legal holds, labels of lexicons and contact cards,
which name third parties, are not in it.

It is JSON, or with --html one page that stands alone: no scripts, nothing from
outside. PERSON is a number, a user id or a subject id; with "-" it is read from
standard input and stands in no list of processes.

That it was read is recorded: who, how many records and of whom.`,
		Example: `  postern audit thread +4915112345678
  postern audit thread +4915112345678 --html --since 2026-11-01 > conversation.html`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			v.person = args[0]
			return p.auditThread(c.Context(), v)
		},
	}
	f := c.Flags()
	v.where.flags(c)
	f.StringVar(&v.since, "since", "", "from this `DAY` or RFC 3339 time on")
	f.StringVar(&v.until, "until", "", "before this `DAY` or RFC 3339 time")
	f.StringVar(&v.number, "number", "", "only with this phone number `ID` of the business")
	tenantFlag(c, &v.tenant)
	f.BoolVar(&v.html, "html", false, "write one HTML page")
	f.DurationVar(&v.timeout, "timeout", time.Minute, "at most this long")
	return c
}

func (p *program) auditThread(ctx context.Context, v conversation) (err error) {
	if v.html && p.json {
		return usageError{errors.New("use --html or --json, not both")}
	}
	s := journal.Search{Tenant: v.tenant, Number: v.number, Limit: journal.MaxHits}
	if s.From, s.Until, err = period(v.since, v.until); err != nil {
		return usageError{err}
	}
	if err := s.Check(); err != nil || v.timeout <= 0 {
		return usageError{errors.Join(err, errTimeout(v.timeout))}
	}
	t, err := p.openAnswering(ctx, v.where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	subject, err := p.subject(ctx, t.trail, v.person, v.tenant)
	if err != nil {
		return err
	}
	id, err := subjectID(subject)
	if err != nil {
		return err
	}
	if id.IsZero() {
		return usageError{errors.New("name a person")}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, v.timeout, journal.ErrTooLong)
	defer cancel()
	talk, records, err := thread.Collect(id, s, func(s journal.Search) (journal.Hits, error) { return t.questioned.Search(ctx, s) })
	if err != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	if err := t.answered(ctx, admin.TrailRead{What: "thread", Rows: int64(records), Subject: subject, Store: t.name}, err); err != nil {
		return err
	}
	if v.html {
		return talk.HTML(p.stdout)
	}
	return p.emit(talk)
}

func errTimeout(d time.Duration) error {
	if d > 0 {
		return nil
	}
	return errors.New("the timeout is above 0")
}
