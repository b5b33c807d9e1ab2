package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
)

func newAuditCommand(p *program) *cobra.Command {
	return group("audit", "Ask the trail and verify it",
		newAuditSQL(p), newAuditSearch(p), newAuditThread(p), newAuditShow(p), newAuditApprove(p), newAuditRequests(p), newAuditVerify(p), newAuditReceipt(p), newAuditWitness(p), newAuditKeys(p), newAuditExport(p), newAuditRedact(p))
}

// trail is a journal to read: the configured one, whose readings are recorded,
// or a file of its own, such as a copy.
type trail struct {
	*journal.Reader
	session *session // nil for a file
}

// openTrail opens the file named, else the configured journal.
func (p *program) openTrail(ctx context.Context, file string) (t *trail, err error) {
	t = &trail{}
	path := file
	if file == "" {
		if t.session, err = p.connect(ctx, false); err != nil {
			return nil, err
		}
		path = t.session.config.JournalPath()
	}
	if t.Reader, err = journal.OpenReader(ctx, path); err != nil {
		return nil, errors.Join(err, t.closeSession())
	}
	return t, nil
}

func (t *trail) closeSession() error {
	if t.session == nil {
		return nil
	}
	return t.session.close()
}

// close ends reading before the store, so that nothing holds its log.
func (t *trail) close() error { return errors.Join(t.Close(), t.closeSession()) }

// read records that rows are about to be shown. It comes before showing: what
// cannot be recorded is not shown.
func (t *trail) read(ctx context.Context, what string, rows int, subject string) error {
	return t.record(ctx, admin.TrailRead{What: what, Rows: int64(rows), Subject: subject})
}

// answered records a question and what came of it, also where that is an error,
// which it gives back.
func (t *trail) answered(ctx context.Context, r admin.TrailRead, err error) error {
	switch {
	case err == nil:
	case errors.Is(err, journal.ErrQuery) || errors.Is(err, journal.ErrSearch):
		r.Failed = "refused"
	case errors.Is(err, journal.ErrTooLong):
		r.Failed = "too_long"
	default:
		r.Failed = "failed"
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recordTime)
	defer cancel()
	return errors.Join(err, t.record(ctx, r))
}

// recordTime is how long the record of a question may take, however long that
// itself took.
const recordTime = 10 * time.Second

func (t *trail) record(ctx context.Context, r admin.TrailRead) error {
	if t.session == nil {
		return nil
	}
	_, err := do[admin.None](ctx, t.session, "trail.read", r)
	return err
}

// subject is the id of the person named; empty for none.
func (p *program) subject(ctx context.Context, t *trail, arg, tenant string) (string, error) {
	w, err := p.who(arg, tenant)
	switch {
	case err != nil || arg == "":
		return "", err
	case w.Subject != "":
		return w.Subject, nil
	case t.session == nil:
		return "", usageError{errors.New("a number can be looked up in the configured journal only; give the subject id with --file")}
	}
	found, err := do[admin.Found](ctx, t.session, "subject.find", w)
	return found.Subject, err
}

func newAuditShow(p *program) *cobra.Command {
	var parts []string
	var open bool
	var v reveal
	c := &cobra.Command{
		Use:   "show ID",
		Short: "Show one record and those that belong to it",
		Long: `Shows a record, the parts of it that are kept in the clear, and the records that
refer to it: the outcome and the statuses of a message. That it was shown is recorded.

--reveal opens what is kept sealed of it: original, answer (the app's own value),
message_id, delivery and person. It needs an operator with role reveal for the
record's tenant and a reason, a reference such as CASE-123. Who opened which
parts and why is recorded before anything is shown. Without --part it lists what
is kept, and says of what is gone which record erased it.

Where reveal.second_person is set, --reveal files a request; another operator
approves it (postern audit approve), and it is then opened once with --request.

In place of ID a reversible token may stand, as policy's operator "token" leaves
it: the records that show it are listed, and --reveal --reason opens its value,
kept sealed with the newest of them.

What is opened goes to a terminal only, or where --output says: a new file that
only its owner can read, or - for standard output.`,
		Example: `  postern audit show 019ac3d2...
  postern audit show 019ac3d2... --part input
  postern audit show 019ac3d2... --reveal
  postern audit show 019ac3d2... --reveal --part original --reason CASE-123
  postern audit show 019ac3d2... --reveal --request 019ac3d5... --output original.json
  postern audit show tok_PHONE_v1_3m5k... --reveal --reason CASE-123`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			if strings.HasPrefix(args[0], "tok_") {
				v.parts = parts
				return p.auditToken(c.Context(), args[0], v, open)
			}
			id, err := audit.ParseID(args[0])
			if err != nil {
				return usageError{err}
			}
			if open {
				v.id, v.parts = id, parts
				return p.auditReveal(c.Context(), v)
			}
			if v.reason+v.request+v.output != "" || len(parts) > 1 {
				return usageError{errors.New("--reason, --request, --output and several --part go with --reveal")}
			}
			r, err := ask[admin.Shown](c.Context(), p, "record.show", admin.Record{ID: id})
			if err != nil {
				return err
			}
			return p.record(r, strings.Join(parts, ""))
		},
	}
	f := c.Flags()
	f.StringArrayVar(&parts, "part", nil, "print only this `PART`: body, input or detail; with --reveal one to open, repeatable")
	f.BoolVar(&open, "reveal", false, "open what is kept sealed")
	f.StringVar(&v.reason, "reason", "", "with --reveal: `REFERENCE` of the case, such as CASE-123")
	f.StringVar(&v.request, "request", "", "with --reveal: `REQUEST` that another operator approved")
	f.StringVar(&v.output, "output", "", "with --reveal: write to this new `FILE`, - for standard output")
	return c
}

func (p *program) record(r admin.Shown, part string) error {
	if part != "" {
		text, ok := r.Parts[part]
		switch {
		case ok:
			return p.say("%s", text)
		case slices.Contains(r.Erased, part):
			return fmt.Errorf("part %s was erased", part)
		case slices.Contains(r.Sealed, part):
			return fmt.Errorf("part %s is kept sealed", part)
		}
		return fmt.Errorf("the record has no part %s", part)
	}
	return p.result(r, func() error { return p.recordText(r) })
}

func (p *program) recordText(r admin.Shown) error {
	lines := [][2]string{
		{"record", r.ID.String()}, {"seq", fmt.Sprint(r.Seq)}, {"time", r.Time}, {"kind", r.Kind}, {"type", r.Type},
		{"tenant", r.Tenant}, {"app", r.App}, {"number", r.Number}, {"actor", r.Actor}, {"subject", r.Subject}, {"country", r.Country},
		{"direction", r.Direction}, {"dialect", r.Dialect}, {"category", r.Category}, {"template", r.Template},
		{"effect", r.Effect}, {"reasons", strings.Join(r.Reasons, ", ")}, {"observed", strings.Join(r.Observed, ", ")},
		{"policy", r.Revision}, {"facts", r.Facts}, {"findings", r.Findings}, {"result", r.Result}, {"code", number(r.Code)},
		{"labels", strings.Join(r.Labels, ", ")}, {refers(r), r.Ref}, {"revised by", r.RevisedBy}, {"sealed", strings.Join(r.Sealed, ", ")}, {"erased", strings.Join(r.Erased, ", ")},
	}
	if r.Changed {
		lines = append(lines, [2]string{"changed", "what was sent differs from what was asked"})
	}
	var errs []error
	for _, l := range lines {
		if l[1] != "" {
			errs = append(errs, p.say("%-10s %s", l[0], visible(l[1])))
		}
	}
	for _, name := range []string{audit.PartBody, audit.PartDetail} {
		if text, ok := r.Parts[name]; ok {
			errs = append(errs, p.say("%-10s %s", name, visible(text)))
		}
	}
	if len(r.Related) > 0 {
		errs = append(errs, p.say(""), p.entries(r.Related))
	}
	if r.More {
		errs = append(errs, p.say("and more; all of them: postern audit sql \"SELECT * FROM audit WHERE ref = '%s'\"", r.ID))
	}
	return errors.Join(errs...)
}

// refers is how a record stands to the one it names.
func refers(r admin.Shown) string {
	if r.Kind == string(audit.KindRevision) {
		return "revises"
	}
	return "refers to"
}

func number(n int64) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}
