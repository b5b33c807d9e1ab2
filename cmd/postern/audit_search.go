package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"postern/audit"
	exports "postern/audit/export"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
)

// search is one run of audit search.
type search struct {
	journal.Search
	where
	person, since, until string
	words                string
	csv                  bool
	timeout              time.Duration
}

func newAuditSearch(p *program) *cobra.Command {
	s := search{}
	c := &cobra.Command{
		Use:   "search",
		Short: "Search the trail by person, time, reason, template or words",
		Long: `Finds the records that meet every condition given, newest first. --words looks for
whole words of redacted bodies: what redaction took out cannot be found. With words
--kind finds revisions of such records, too: ref is the record that one revises. What was
found is a page; --page asks for the next one, and stays right while new records
come. In the embedded store a page ends early where it has looked at 500,000
records; --store clickhouse has an index of words.

That it was searched is recorded, whatever came of it: who, by which columns, how
many rows and of whom, never for what.`,
		Example: `  postern audit search --person +4915112345678 --since 2026-11-01
  postern audit search --words "parcel noon" --kind inbound
  postern audit search --reason opted_out --template spring_offer --csv
  postern audit search --app shop --json --limit 500 --page 81234
  postern audit search --store clickhouse --words "parcel noon"`,
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error { return p.auditSearch(c.Context(), s) },
	}
	f := c.Flags()
	s.where.flags(c)
	f.StringVar(&s.person, "person", "", "only records about this `PERSON`: a number, user id or subject id")
	f.StringVar(&s.since, "since", "", "from this `DAY` or RFC 3339 time on")
	f.StringVar(&s.until, "until", "", "before this `DAY` or RFC 3339 time")
	f.StringVar(&s.words, "words", "", "all of these `WORDS` in the redacted body")
	f.StringVar(&s.Reason, "reason", "", "decided for this `REASON`")
	f.StringVar(&s.Template, "template", "", "of this template, `NAME` or NAME/LANGUAGE")
	f.StringVar(&s.Kind, "kind", "", "of this `KIND`, such as admission or inbound")
	f.StringVar(&s.App, "app", "", "of this `APP`")
	f.StringVar(&s.Number, "number", "", "of this phone number `ID` of the business")
	f.StringVar(&s.Tenant, "tenant", "", "only records of this tenant")
	f.IntVar(&s.Limit, "limit", 50, "at most this many records")
	f.Uint64Var(&s.Before, "page", 0, "the page that begins at this `PLACE`, as the answer before named it")
	f.BoolVar(&s.csv, "csv", false, "print CSV")
	f.DurationVar(&s.timeout, "timeout", 30*time.Second, "at most this long")
	return c
}

func (p *program) auditSearch(ctx context.Context, s search) (err error) {
	if s.csv && p.json {
		return errOneForm
	}
	if err := s.prepare(); err != nil {
		return usageError{err}
	}
	t, err := p.openAnswering(ctx, s.where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	subject, err := p.subject(ctx, t.trail, s.person, s.Tenant)
	if err != nil {
		return err
	}
	if s.Subject, err = subjectID(subject); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.timeout, journal.ErrTooLong)
	defer cancel()
	hits, err := t.questioned.Search(ctx, s.Search)
	if err != nil {
		err = errors.Join(err, context.Cause(ctx))
	}
	asked := admin.TrailRead{What: "search", Rows: int64(len(hits.Rows)), Subject: subject, Store: t.name, Asked: s.asked()}
	if err := t.answered(ctx, asked, err); err != nil {
		return err
	}
	return p.hits(hits, s)
}

// asked names the columns that are searched by.
func (s *search) asked() string {
	var by []string
	for _, c := range []struct {
		column string
		asked  bool
	}{
		{"tenant", s.Tenant != ""}, {"app", s.App != ""}, {"number", s.Number != ""}, {"kind", s.Kind != ""}, {"reason", s.Reason != ""},
		{"template", s.Template != ""}, {"subject", !s.Subject.IsZero()}, {"time", s.From != 0 || s.Until != 0}, {"body", len(s.Words) > 0},
	} {
		if c.asked {
			by = append(by, c.column)
		}
	}
	return strings.Join(by, " and ")
}

// prepare reads what the flags say in words.
func (s *search) prepare() error {
	s.Words = journal.Words(s.words)
	if s.words != "" && len(s.Words) == 0 {
		return errors.New("--words has no word: letters and digits make one")
	}
	if kinds := append(exports.Kinds(), string(audit.KindPurged)); s.Kind != "" && !slices.Contains(kinds, s.Kind) {
		return errors.New("--kind is no kind of record: there are " + strings.Join(kinds, ", "))
	}
	var err error
	if s.From, s.Until, err = period(s.since, s.until); err != nil {
		return err
	}
	if s.timeout <= 0 {
		return errors.New("the timeout is above 0")
	}
	return s.Check()
}

// period reads --since and --until as microseconds, 0 for open ends.
func period(since, until string) (from, to int64, err error) {
	for _, e := range []struct {
		name, text string
		out        *int64
	}{{"since", since, &from}, {"until", until, &to}} {
		if e.text == "" {
			continue
		}
		at, err := parseDay(e.text)
		if err != nil {
			return 0, 0, fmt.Errorf("--%s: %w", e.name, err)
		}
		*e.out = at.UnixMicro()
	}
	return from, to, nil
}

// subjectID is the id of a person named, zero for none.
func subjectID(hex string) (audit.SubjectID, error) {
	if hex == "" {
		return audit.SubjectID{}, nil
	}
	id, err := audit.ParseID(hex) // a subject has the same form
	return audit.SubjectID(id), err
}

// hits shows a page: everything for programs, what fits a line for people.
func (p *program) hits(h journal.Hits, s search) error {
	var err error
	switch {
	case p.json:
		return p.hitsJSON(h)
	case s.csv:
		err = p.answerCSV(h.Table)
	default:
		err = p.answerTable(brief(h.Table))
	}
	if h.Next != 0 {
		err = errors.Join(err, p.note("There may be more: --page %d", h.Next))
	}
	return err
}

// hitsJSON prints the records and the place of the next page, 0 where there is none.
func (p *program) hitsJSON(h journal.Hits) error {
	enc := jsontext.NewEncoder(p.stdout, jsontext.WithIndent("  "))
	errs := []error{
		enc.WriteToken(jsontext.BeginObject), enc.WriteToken(jsontext.String("next")), enc.WriteToken(jsontext.Uint(h.Next)),
		enc.WriteToken(jsontext.String("records")), enc.WriteToken(jsontext.BeginArray),
	}
	for _, row := range h.Rows {
		errs = append(errs, writeRow(enc, h.Columns, row))
	}
	return errors.Join(append(errs, enc.WriteToken(jsontext.EndArray), enc.WriteToken(jsontext.EndObject))...)
}

// brief is what fits a line.
func brief(t journal.Table) journal.Table {
	const wide = 60 // characters of a body
	out := journal.Table{Columns: []string{"seq", "time", "kind", "type", "template", "effect", "reasons", "result", "code", "id", "body"}}
	at := map[string]int{}
	for i, name := range t.Columns {
		at[name] = i
	}
	if slices.ContainsFunc(t.Rows, func(row []any) bool { return row[at["kind"]] == string(audit.KindRevision) }) {
		out.Columns = slices.Insert(out.Columns, len(out.Columns)-1, "ref") // what is revised
	}
	for _, row := range t.Rows {
		short := make([]any, len(out.Columns))
		for i, name := range out.Columns {
			short[i] = row[at[name]]
		}
		if micro, ok := short[1].(int64); ok {
			short[1] = time.UnixMicro(micro).UTC().Format("2006-01-02T15:04:05.000Z")
		}
		if body, ok := short[len(short)-1].(string); ok {
			if r := []rune(body); len(r) > wide {
				short[len(short)-1] = string(r[:wide]) + "…"
			}
		}
		out.Rows = append(out.Rows, short)
	}
	return out
}
