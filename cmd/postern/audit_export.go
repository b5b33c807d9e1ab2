package main

import (
	"bufio"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/spf13/cobra"

	"postern/audit/journal"
)

// exportPage is how many records one reading takes, so that memory stays flat.
const exportPage = 5000

// export is one run of audit export.
type export struct {
	file           string
	since, until   string
	person, tenant string
	csv            bool
}

func newAuditExport(p *program) *cobra.Command {
	x := export{}
	c := &cobra.Command{
		Use:   "export",
		Short: "Write the records out for another system",
		Long: `Writes every record as the view audit has it (audit/VIEW.md), in order, as JSON
lines or CSV. Sealed parts stay behind. That it was exported is recorded first,
with the number of records.

An export is for reading on, not for proof: it leaves out what leaf hashes are
made of. To prove, hand over a copy of the journal, the keys of "postern audit
keys" and the checkpoints kept outside; see postern audit verify.`,
		Example: "  postern audit export --since 2026-11-01 --until 2026-12-01 > november.jsonl\n  postern audit export --csv --person +4915112345678",
		Args:    cobra.NoArgs,
		RunE:    func(c *cobra.Command, _ []string) error { return p.auditExport(c.Context(), x) },
	}
	f := c.Flags()
	f.StringVar(&x.file, "file", "", "read this journal `FILE` or folder, such as a copy")
	f.StringVar(&x.since, "since", "", "from this `DAY` or RFC 3339 time on")
	f.StringVar(&x.until, "until", "", "before this `DAY` or RFC 3339 time")
	f.StringVar(&x.person, "person", "", "only records about this `PERSON`")
	f.StringVar(&x.tenant, "tenant", "", "only records of this tenant")
	f.BoolVar(&x.csv, "csv", false, "write CSV instead of JSON lines")
	return c
}

func (p *program) auditExport(ctx context.Context, x export) (err error) {
	if x.csv && p.json {
		return errOneForm
	}
	t, err := p.openTrail(ctx, x.file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	where, named, err := p.where(ctx, t, x)
	if err != nil {
		return err
	}
	total, err := one(ctx, t, "SELECT count(*), coalesce(max(seq) + 1, 0) FROM audit WHERE "+where, named)
	if err != nil {
		return err
	}
	subject, _ := named["person"].(string)
	if err := t.read(ctx, "export", int(total[0]), subject); err != nil {
		return err
	}
	out := bufio.NewWriterSize(p.stdout, 64<<10)
	write := x.writer(out)
	for from := int64(0); from < total[1]; {
		named["from"], named["end"] = from, total[1]
		page, err := t.Query(ctx, fmt.Sprintf("SELECT * FROM audit WHERE seq >= :from AND seq < :end AND %s ORDER BY seq LIMIT %d", where, exportPage),
			journal.QueryOptions{MaxRows: exportPage, Timeout: time.Hour, Named: named})
		if err != nil {
			return err
		}
		if err := write(page); err != nil {
			return fmt.Errorf("write export: %w", err)
		}
		if len(page.Rows) < exportPage {
			break
		}
		from = last(page) + 1
	}
	return out.Flush()
}

// one asks for one row of integers.
func one(ctx context.Context, t *trail, text string, named map[string]any) ([2]int64, error) {
	var out [2]int64
	a, err := t.Query(ctx, text, journal.QueryOptions{MaxRows: 1, Timeout: time.Hour, Named: named})
	if err != nil || len(a.Rows) != 1 {
		return out, errors.Join(err, errRows(len(a.Rows)))
	}
	for i := range out {
		out[i], _ = a.Rows[0][i].(int64) // count and sequence numbers are integers
	}
	return out, nil
}

func errRows(n int) error {
	if n == 1 {
		return nil
	}
	return fmt.Errorf("the trail answered %d rows instead of one", n)
}

func last(page journal.Table) int64 {
	for i, name := range page.Columns {
		if name == "seq" {
			n, _ := page.Rows[len(page.Rows)-1][i].(int64) // seq is an integer in the view
			return n
		}
	}
	return 0
}

// where builds the condition. Values are bound, never written into the text.
func (p *program) where(ctx context.Context, t *trail, x export) (string, map[string]any, error) {
	parts, named := []string{"1"}, map[string]any{}
	for _, e := range []struct{ name, text, cond string }{{"since", x.since, "time >= :since"}, {"until", x.until, "time < :until"}} {
		if e.text == "" {
			continue
		}
		at, err := parseDay(e.text)
		if err != nil {
			return "", nil, usageError{fmt.Errorf("--%s: %w", e.name, err)}
		}
		parts, named[e.name] = append(parts, e.cond), at.UnixMicro()
	}
	if x.person != "" {
		subject, err := p.subject(ctx, t, x.person, x.tenant)
		if err != nil {
			return "", nil, err
		}
		parts, named["person"] = append(parts, "subject = :person"), subject
	}
	if x.tenant != "" {
		parts, named["tenant"] = append(parts, "tenant = :tenant"), x.tenant
	}
	return strings.Join(parts, " AND "), named, nil
}

func parseDay(s string) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, errors.New("write 2026-11-21 or 2026-11-21T14:30:00Z")
}

// writer gives the function that writes one page in the form asked for.
func (x export) writer(w io.Writer) func(journal.Table) error {
	if !x.csv {
		enc := jsontext.NewEncoder(w)
		return func(page journal.Table) error {
			for _, row := range page.Rows {
				if err := writeRow(enc, page.Columns, row); err != nil {
					return err
				}
			}
			return nil
		}
	}
	begun := false
	c := csv.NewWriter(w)
	return func(page journal.Table) error {
		if !begun {
			begun = true
			if err := c.Write(page.Columns); err != nil {
				return err
			}
		}
		for _, row := range page.Rows {
			if err := c.Write(cells(row)); err != nil {
				return err
			}
		}
		c.Flush()
		return c.Error()
	}
}
