package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"postern/audit/journal"
	"postern/cmd/internal/admin"
)

var errOneForm = usageError{errors.New("use --csv or --json, not both")}

// question is one run of audit sql.
type question struct {
	where
	text           string
	person, tenant string
	csv            bool
	limit          int
	timeout        time.Duration
}

func newAuditSQL(p *program) *cobra.Command {
	q := question{}
	c := &cobra.Command{
		Use:   "sql QUERY",
		Short: "Ask the trail in SQL",
		Long: `Answers one SELECT over the views audit and audit_counts, whose columns are in
audit/VIEW.md; audit/QUERIES.md has questions an examiner asks. "-" reads the
query from standard input.

--person binds a person as :person, to compare with the column subject. The
number is looked up through the blind index: it enters no record. With "-" it is
read from standard input and stands in no list of processes.

Every question is recorded, answered or not: who asked, its form without values,
how many rows and of whom. With --store clickhouse the same question goes to the
trail in ClickHouse.
A copy is read with --file, without configuration and without a record.`,
		Example: `  postern audit sql "SELECT reason, count(*) AS n FROM audit WHERE effect = 'deny' GROUP BY reason ORDER BY n DESC"
  postern audit sql "SELECT time, kind, reason FROM audit WHERE subject = :person" --person +4915112345678
  postern audit sql "SELECT * FROM audit_counts" --csv > counts.csv
  postern audit sql --store clickhouse "SELECT month, count(*) AS n FROM audit GROUP BY month"`,
		Args: cobra.ExactArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			q.text = args[0]
			if q.text == "-" {
				raw, err := p.readInput("-")
				if err != nil {
					return err
				}
				q.text = string(raw)
			}
			return p.auditSQL(c.Context(), q)
		},
	}
	f := c.Flags()
	q.where.flags(c)
	f.StringVar(&q.person, "person", "", "`PERSON` bound as :person: a number, user id or subject id")
	tenantFlag(c, &q.tenant)
	f.BoolVar(&q.csv, "csv", false, "print CSV")
	f.IntVar(&q.limit, "limit", 1000, "at most this many rows")
	f.DurationVar(&q.timeout, "timeout", 30*time.Second, "at most this long")
	return c
}

func (p *program) auditSQL(ctx context.Context, q question) (err error) {
	if q.csv && p.json {
		return errOneForm
	}
	if q.limit < 1 || q.limit > 1_000_000 || q.timeout <= 0 {
		return usageError{errors.New("the limit is from 1 to 1000000 rows, the timeout above 0")}
	}
	t, err := p.openAnswering(ctx, q.where)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	subject, err := p.subject(ctx, t.trail, q.person, q.tenant)
	if err != nil {
		return err
	}
	opt := journal.QueryOptions{MaxRows: q.limit, Timeout: q.timeout}
	if q.person != "" {
		opt.Named = map[string]any{"person": subject}
	}
	answer, err := t.questioned.Query(ctx, q.text, opt)
	asked := admin.TrailRead{What: "sql", Rows: int64(len(answer.Rows)), Subject: subject, Store: t.name, Asked: q.text}
	if err := t.answered(ctx, asked, err); err != nil {
		return err
	}
	return p.answer(answer, q)
}

func (p *program) answer(a journal.Table, q question) error {
	show := p.answerTable
	switch {
	case q.csv:
		show = p.answerCSV
	case p.json:
		show = p.answerJSON
	}
	err := show(a)
	if a.More {
		err = errors.Join(err, p.note("There are more rows: raise --limit, or ask for fewer."))
	}
	return err
}

func (p *program) answerTable(a journal.Table) error {
	rows := make([][]string, len(a.Rows))
	for i, row := range a.Rows {
		rows[i] = cells(row)
	}
	return table(p.stdout, a.Columns, rows)
}

func (p *program) answerCSV(a journal.Table) error {
	w := csv.NewWriter(p.stdout)
	if err := w.Write(a.Columns); err != nil {
		return err
	}
	for _, row := range a.Rows {
		if err := w.Write(cells(row)); err != nil {
			return err
		}
	}
	w.Flush()
	return w.Error()
}

// answerJSON prints an array of objects, each row's members in the order of
// the columns.
func (p *program) answerJSON(a journal.Table) error {
	enc := jsontext.NewEncoder(p.stdout, jsontext.WithIndent("  "), jsontext.AllowDuplicateNames(true))
	errs := []error{enc.WriteToken(jsontext.BeginArray)}
	for _, row := range a.Rows {
		errs = append(errs, writeRow(enc, a.Columns, row))
	}
	return errors.Join(append(errs, enc.WriteToken(jsontext.EndArray))...)
}

func writeRow(enc *jsontext.Encoder, columns []string, row []any) error {
	errs := []error{enc.WriteToken(jsontext.BeginObject)}
	for i, v := range row {
		if raw, isBytes := v.([]byte); isBytes {
			v = fmt.Sprintf("%x", raw)
		}
		errs = append(errs, enc.WriteToken(jsontext.String(columns[i])), json.MarshalEncode(enc, v, jsontext.AllowInvalidUTF8(true)))
	}
	return errors.Join(append(errs, enc.WriteToken(jsontext.EndObject))...)
}

func cells(row []any) []string {
	out := make([]string, len(row))
	for i, v := range row {
		out[i] = cell(v)
	}
	return out
}

// cell shows one value; NULL is empty, bytes are hex.
func cell(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return strconv.FormatFloat(v, 'g', -1, 64)
	case []byte:
		return fmt.Sprintf("%x", v)
	}
	return strings.TrimSpace(fmt.Sprint(v))
}
