package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"golang.org/x/sys/unix"

	"postern/audit"
	"postern/cmd/internal/admin"
)

// reveal is one run of audit show --reveal.
type reveal struct {
	id      audit.ID
	parts   []string
	reason  string
	request string
	output  string
}

var (
	errWhatToReveal = usageError{errors.New("--reveal takes --part and --reason, or --request alone; without any of them it lists what is kept")}
	errWhereTo      = usageError{errors.New("what is opened goes to a terminal only: name a new file with --output, or --output - for standard output")}
	errOneFile      = usageError{errors.New("several parts go into one file as JSON: add --json, or open one part")}
)

func (p *program) auditReveal(ctx context.Context, v reveal) error {
	in := admin.Reveal{ID: v.id, Parts: v.parts, Reason: v.reason}
	asks := len(v.parts) > 0 || v.reason != ""
	switch {
	case v.request == "" && !asks:
		return p.auditSealed(ctx, v.id)
	case v.request != "" && asks:
		return errWhatToReveal
	case v.request != "":
		id, err := audit.ParseID(v.request)
		if err != nil {
			return usageError{err}
		}
		in.Request = &id
	case len(v.parts) == 0 || v.reason == "":
		return errWhatToReveal
	}
	return p.revealTo(ctx, v, in)
}

// revealTo finds where the answer may go before it is asked for: what was
// opened and could not be shown is recorded all the same.
func (p *program) revealTo(ctx context.Context, v reveal, in admin.Reveal) (err error) {
	raw := v.output != "" && !p.json
	if raw && len(v.parts) > 1 {
		return errOneFile
	}
	to, done, err := p.target(v.output)
	if err != nil {
		return err
	}
	shown := false
	defer func() { err = errors.Join(err, done(shown)) }()
	out, err := ask[admin.Revealed](ctx, p, "record.reveal", in)
	switch {
	case err != nil:
		return err
	case out.Waits != nil:
		return p.waits(out.Waits)
	}
	shown = true
	if raw && len(out.Parts) != 1 { // those of a request
		raw = false
	}
	return p.opened(to, out, raw)
}

// target is a terminal, a new file that only its owner reads, or, where it is
// asked for, whatever standard output is.
func (p *program) target(output string) (io.Writer, func(kept bool) error, error) {
	nothing := func(bool) error { return nil }
	switch output {
	case "":
		if f, ok := p.stdout.(*os.File); !ok || !terminal(f) {
			return nil, nil, errWhereTo
		}
		return p.stdout, nothing, nil
	case "-":
		return p.stdout, nothing, nil
	}
	f, err := os.OpenFile(output, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the user names the file
	if err != nil {
		return nil, nil, fmt.Errorf("open output: %w", err)
	}
	return f, func(kept bool) error {
		err := f.Close()
		if !kept {
			err = errors.Join(err, os.Remove(output))
		}
		return err
	}, nil
}

// terminal reports whether f is one.
func terminal(f *os.File) bool {
	_, err := unix.IoctlGetTermios(int(f.Fd()), unix.TCGETS)
	return err == nil
}

// revealed is what was opened as JSON: text where it is text.
type revealed struct {
	ID     string         `json:"id"`
	Record string         `json:"record"`
	Parts  []revealedPart `json:"parts"`
}

type revealedPart struct {
	Name string `json:"name"`
	Text string `json:"text,omitempty"`
	Body []byte `json:"base64,omitempty"` // of what is no UTF-8
}

func (p *program) opened(to io.Writer, out admin.Revealed, raw bool) error {
	if raw {
		_, err := to.Write(out.Parts[0].Body)
		return err
	}
	where := *p
	where.stdout = to
	if p.json || to != p.stdout {
		doc := revealed{ID: out.ID.String(), Record: out.Record.String(), Parts: []revealedPart{}}
		for _, part := range out.Parts {
			one := revealedPart{Name: part.Name}
			if utf8.Valid(part.Body) {
				one.Text = string(part.Body)
			} else {
				one.Body = part.Body
			}
			doc.Parts = append(doc.Parts, one)
		}
		return where.emit(doc)
	}
	errs := []error{p.note("That you were shown this is record %s.", out.Record)}
	for _, part := range out.Parts {
		errs = append(errs, p.say("%s:\n%s", part.Name, readable(string(part.Body))))
	}
	return errors.Join(errs...)
}

// readable keeps lines and shows other control characters, which a terminal
// would obey.
func readable(text string) string {
	lines := strings.Split(strings.ToValidUTF8(text, "\uFFFD"), "\n")
	for i, l := range lines {
		lines[i] = visible(l)
	}
	return strings.Join(lines, "\n")
}

func (p *program) waits(q *admin.RevealRequest) error {
	return p.result(q, func() error {
		return errors.Join(
			p.say("Nothing is shown yet: another operator with role reveal has to approve, before %s:", date(q.Expires.Unix())),
			p.say("  postern audit approve %s", q.ID),
			p.say("Then, once: postern audit show %s --reveal --request %s", q.Record, q.ID))
	})
}

// auditSealed lists what is kept sealed of a record, and opens nothing.
func (p *program) auditSealed(ctx context.Context, id audit.ID) error {
	s, err := ask[admin.Sealed](ctx, p, "record.sealed", admin.Record{ID: id})
	if err != nil {
		return err
	}
	return p.result(s, func() error {
		var rows [][]string
		for _, part := range s.Parts {
			rows = append(rows, []string{part.Name, part.State, part.Note})
		}
		return table(p.stdout, []string{"PART", "STATE", "NOTE"}, rows)
	})
}

func newAuditApprove(p *program) *cobra.Command {
	return &cobra.Command{
		Use:   "approve REQUEST",
		Short: "Let another operator open what is kept sealed, once",
		Long: `Approves a request of another operator to open what is kept sealed of a record.
It needs role reveal for the record's tenant, and is recorded. The other operator
can then open it once, until the request expires. Look first: postern audit
requests names record, parts and reason.`,
		Example: "  postern audit requests\n  postern audit approve 019ac3d2...",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			id, err := audit.ParseID(args[0])
			if err != nil {
				return usageError{err}
			}
			q, err := ask[admin.RevealRequest](c.Context(), p, "reveal.approve", admin.RevealApprove{Request: id})
			if err != nil {
				return err
			}
			return p.result(q, func() error {
				return p.say("Approved: %s may open %s of record %s once, before %s.", q.Operator, strings.Join(q.Parts, ", "), q.Record, date(q.Expires.Unix()))
			})
		},
	}
}

func newAuditRequests(p *program) *cobra.Command {
	return &cobra.Command{
		Use:     "requests",
		Short:   "List who asked to open what is kept sealed, and waits",
		Example: "  postern audit requests",
		Args:    cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			all, err := ask[[]admin.RevealRequest](c.Context(), p, "reveal.requests", admin.None{})
			if err != nil {
				return err
			}
			return p.result(all, func() error {
				var rows [][]string
				for _, q := range all {
					rows = append(rows, []string{q.ID.String(), q.Record.String(), q.Tenant, strings.Join(q.Parts, ","), q.Reason, q.Operator, date(q.Expires.Unix()), q.Approver})
				}
				return table(p.stdout, []string{"REQUEST", "RECORD", "TENANT", "PARTS", "REASON", "BY", "UNTIL", "APPROVED"}, rows)
			})
		},
	}
}
