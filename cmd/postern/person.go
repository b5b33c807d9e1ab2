package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"postern/cmd/internal/admin"
)

// who reads a person from an argument: a number, a business-scoped user id
// (country, dot, digits) or a subject id; "-" takes it from standard input, so
// that it stands in no list of processes.
func (p *program) who(arg, tenant string) (admin.Who, error) {
	if arg == "-" {
		raw, err := p.readInput("-")
		if err != nil {
			return admin.Who{}, err
		}
		arg = strings.TrimSpace(string(raw))
	}
	w := admin.Who{Tenant: tenant}
	switch {
	case len(arg) == 32 && strings.Trim(arg, "0123456789abcdef") == "":
		w.Subject = arg
	case len(arg) > 3 && arg[2] == '.':
		w.UserID = arg
	default:
		w.Number = arg
	}
	return w, nil
}

// askKnown shows what an operation answers about a person.
func (p *program) askKnown(c *cobra.Command, name, arg, tenant string) error {
	w, err := p.who(arg, tenant)
	if err != nil {
		return err
	}
	known, err := ask[admin.Known](c.Context(), p, name, w)
	if err != nil {
		return err
	}
	return p.result(known, func() error { return p.known(known) })
}

const personArg = `PERSON is a number with country code, a business-scoped user id, or a subject
id; "-" reads it from standard input, so that it stands in no list of processes.`

func tenantFlag(c *cobra.Command, tenant *string) {
	c.Flags().StringVar(tenant, "tenant", "", "tenant `NAME`, needed where the configuration has several")
}

func newSubjectCommand(p *program) *cobra.Command {
	return group("subject", "Answer what persons ask for: show, restrict, erase what is kept of them", newSubjectShow(p),
		newSubjectRequest(p), newSubjectRequests(p), newSubjectClose(p), newSubjectRestrict(p),
		newSubjectExport(p), newSubjectVerify(p), newSubjectNotices(p), newSubjectAffected(p), newSubjectRectify(p), newSubjectErase(p))
}

func newSubjectShow(p *program) *cobra.Command {
	var tenant string
	c := &cobra.Command{
		Use:     "find PERSON",
		Aliases: []string{"show"},
		Short:   "Find the facts and the newest records about a person",
		Long: personArg + `

The number is looked up through the blind index and enters no record. That
somebody looked is recorded.`,
		Example: "  postern subject find +4915112345678",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.askKnown(c, "subject.show", args[0], tenant) },
	}
	tenantFlag(c, &tenant)
	return c
}

func (p *program) known(k admin.Known) error {
	var rows [][]string
	for _, f := range k.Facts {
		rows = append(rows, []string{f.Kind, f.Key, f.Time, f.Until, string(f.Value)})
	}
	err := errors.Join(p.say("Subject %s of %s", k.Subject, k.Tenant), table(p.stdout, []string{"FACT", "KEY", "SINCE", "UNTIL", "VALUE"}, rows))
	if len(k.Records) == 0 {
		return err
	}
	return errors.Join(err, p.say(""), p.entries(k.Records))
}

func (p *program) entries(records []admin.Entry) error {
	var rows [][]string
	for _, r := range records {
		rows = append(rows, []string{r.ID.String(), r.Time, r.Kind, r.Type, r.Effect, strings.Join(r.Reasons, ","), r.Result, r.Actor})
	}
	return table(p.stdout, []string{"RECORD", "TIME", "KIND", "TYPE", "EFFECT", "REASONS", "RESULT", "ACTOR"}, rows)
}

func newConsentCommand(p *program) *cobra.Command {
	return group("consent", "Keep the ledger of consents", newConsentAdd(p), newConsentRevoke(p), newConsentShow(p))
}

func newConsentAdd(p *program) *cobra.Command {
	var in admin.Consent
	c := &cobra.Command{
		Use:   "add PERSON --category CATEGORY --source SOURCE",
		Short: "Record that a person consented",
		Long: personArg + `

Each category needs its own consent: marketing, utility, authentication; general
counts where the settings say so. No value may hold the number or an address:
--evidence refers to the proof in your own files.`,
		Example: "  postern consent add +4915112345678 --category marketing --source web_form --evidence form-2026-118 --notice v3",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.consent(c, "consent.add", args[0], in) },
	}
	consentFlags(c, &in)
	c.Flags().StringVar(&in.Notice, "notice", "", "`VERSION` of the text that was shown")
	c.Flags().StringVar(&in.Language, "language", "", "`LANGUAGE` of that text")
	c.Flags().StringVar(&in.Entity, "entity", "", "legal `ENTITY` it was given to (default: the tenant's)")
	c.Flags().StringVar(&in.Until, "until", "", "`TIME` it ends, RFC 3339 (default: no end)")
	c.Flags().BoolVar(&in.OptIn, "undo-opt-out", false, "also undo the person's own STOP; only if the person said so")
	return c
}

func consentFlags(c *cobra.Command, in *admin.Consent) {
	tenantFlag(c, &in.Tenant)
	c.Flags().StringVar(&in.Category, "category", "", "marketing, utility, authentication or general")
	c.Flags().StringVar(&in.Source, "source", "", "where it came from, such as web_form or branch")
	c.Flags().StringVar(&in.Scope, "scope", "", "what it covers, in your words")
	c.Flags().StringVar(&in.Evidence, "evidence", "", "`REFERENCE` to the proof")
	c.Flags().StringVar(&in.At, "at", "", "`TIME` it happened, RFC 3339 (default: now)")
}

func newConsentRevoke(p *program) *cobra.Command {
	var in admin.Consent
	c := &cobra.Command{
		Use:     "revoke PERSON --category CATEGORY",
		Short:   "Record that a person took a consent back, or wants nothing at all",
		Long:    personArg + "\n\nCategory all stands for a STOP: it ends everything the settings let a STOP end.",
		Example: "  postern consent revoke +4915112345678 --category all --source phone_call",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.consent(c, "consent.revoke", args[0], in) },
	}
	consentFlags(c, &in)
	return c
}

func (p *program) consent(c *cobra.Command, name, arg string, in admin.Consent) error {
	w, err := p.who(arg, in.Tenant)
	if err != nil {
		return err
	}
	in.Who = w
	found, err := ask[admin.Found](c.Context(), p, name, in)
	if err != nil {
		return err
	}
	return p.result(found, func() error { return p.say("Recorded for subject %s of %s.", found.Subject, found.Tenant) })
}

func newConsentShow(p *program) *cobra.Command {
	var tenant string
	c := &cobra.Command{
		Use:     "show PERSON",
		Short:   "Show a person's consents and opt-outs with their evidence",
		Long:    personArg,
		Example: "  postern consent show +4915112345678 --json",
		Args:    cobra.ExactArgs(1),
		RunE:    func(c *cobra.Command, args []string) error { return p.askKnown(c, "consent.show", args[0], tenant) },
	}
	tenantFlag(c, &tenant)
	return c
}

func newFactsCommand(p *program) *cobra.Command {
	return group("facts", "Bring what is known of people", newFactsImport(p))
}

func newFactsImport(p *program) *cobra.Command {
	var in admin.Import
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "Import consents, opt-outs, open windows, time zones and confirmed identities",
		Long: `Reads CSV (first line names the columns) or JSON lines, as policy/facts/IMPORT.md
describes. Every line is stored or reported with its place, reason and remedy;
none is dropped silently. --check stores nothing.

Exits 0 if every line is good, 3 if some are not: the good ones are stored.`,
		Example: "  postern facts import consents.csv --check\n  postern facts import consents.csv\n  crm-export | postern facts import - --format jsonl",
		Args:    cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			return p.factsImport(c, args[0], in)
		},
	}
	tenantFlag(c, &in.Tenant)
	c.Flags().StringVar(&in.Format, "format", "", "csv or jsonl (default: by the file's name)")
	c.Flags().BoolVar(&in.Check, "check", false, "read and judge only, store nothing")
	return c
}

func (p *program) factsImport(c *cobra.Command, file string, in admin.Import) error {
	if in.Format == "" {
		switch {
		case strings.HasSuffix(file, ".csv"):
			in.Format = "csv"
		case strings.HasSuffix(file, ".jsonl"), strings.HasSuffix(file, ".ndjson"):
			in.Format = "jsonl"
		default:
			return usageError{errors.New("say the file's form: --format csv or --format jsonl")}
		}
	}
	raw, err := p.readInput(file)
	if err != nil {
		return err
	}
	done, err := p.importPieces(c.Context(), in, raw)
	if err != nil {
		if done.Read == 0 {
			return err
		}
		return fmt.Errorf("stopped after %d lines, %d of them stored: %w; import the file again: what is stored is then named as known", done.Read, done.Stored, err)
	}
	if err := p.result(done, func() error { return p.imported(file, in.Check, done) }); err != nil {
		return err
	}
	if len(done.Problems) > 0 {
		return errFound
	}
	return nil
}

// importPieces imports piece by piece, so that a big file meets no deadline,
// and tells how far it is.
func (p *program) importPieces(ctx context.Context, in admin.Import, raw []byte) (admin.Imported, error) {
	done := admin.Imported{Problems: []admin.LineProblem{}}
	s, err := p.connect(ctx, false)
	if err != nil {
		return done, err
	}
	for piece := range admin.Pieces(in.Format, raw) {
		if done.Read > 0 {
			err = errors.Join(err, p.note("%d lines read, %d stored, %d not; going on", done.Read, done.Stored, len(done.Problems)))
		}
		in.Data = piece.Data
		answer, failed := do[admin.Imported](ctx, s, "facts.import", in)
		if err = errors.Join(err, failed); err != nil {
			break
		}
		done.Add(piece, answer)
	}
	return done, errors.Join(err, s.close())
}

func (p *program) imported(file string, check bool, done admin.Imported) error {
	var errs []error
	for _, l := range done.Problems {
		errs = append(errs, p.say("%s:%d:%d: %s", file, l.Line, l.Column, l.Reason))
	}
	verb := "stored"
	if check {
		verb = "would be stored"
	}
	return errors.Join(append(errs, p.say("%d lines read, %d %s, %d not", done.Read, done.Stored, verb, len(done.Problems)))...)
}

// note is for people only: on standard error, so that a pipe gets the result alone.
func (p *program) note(format string, args ...any) error {
	_, err := fmt.Fprintf(p.stderr, format+"\n", args...)
	return err
}

// isTerminal reports whether the file is a terminal.
func isTerminal(f any) bool {
	file, ok := f.(*os.File)
	if !ok {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
