package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"strings"

	"postern/audit"
)

// Search says which records are looked for. Zero values leave a condition out.
type Search struct {
	Tenant, App, Number, Kind string
	Reason                    string // any of the record's reasons
	Template                  string // "name/en_US", or "name" in any language
	Subject                   audit.SubjectID
	From, Until               int64    // microseconds; Until is excluded
	Words                     []string // every one, as whole words of the redacted body; see Words. With Kind, revisions of such records count
	Before                    uint64   // only records with a lower seq: Hits.Next of the page before; 0 begins at the newest
	Limit                     int      // of one page; 1 to MaxHits
}

// Hits is one page, newest first, in SearchColumns.
type Hits struct {
	Table
	Next uint64 // Search.Before of the next page; 0: there is no more
}

const (
	// MaxHits bounds a page.
	MaxHits = 10_000
	// searchScan is how many records one page looks at before it answers with
	// what it has: a page takes seconds, whatever the trail's size.
	searchScan = 500_000
	// searchWindow is how many of them one statement looks at.
	searchWindow = 50_000
)

// SearchColumns are those of the view audit that a search answers.
func SearchColumns() []string {
	return []string{
		"seq", "time", "id", "kind", "ref", "tenant", "app", "number", "actor", "subject", "direction", "type", "category", "template",
		"effect", "reasons", "observed", "revision", "findings", "changed", "result", "code", "labels", "erased", "body", "detail",
	}
}

// ErrSearch: the search is not possible as it is described.
var ErrSearch = errors.New("search is not possible")

// Check refuses what cannot be searched for.
func (s Search) Check() error {
	switch {
	case s.Limit < 1 || s.Limit > MaxHits:
		return fmt.Errorf("%w: a page is from 1 to %d records", ErrSearch, MaxHits)
	case s.From < 0 || s.Until < 0 || s.Until != 0 && s.Until <= s.From:
		return fmt.Errorf("%w: the time it ends is not after the time it begins", ErrSearch)
	case s.Before > 1<<62:
		return fmt.Errorf("%w: the page does not come from an answer", ErrSearch)
	}
	for _, w := range s.Words {
		if words := Words(w); len(words) != 1 || words[0] != w {
			return fmt.Errorf("%w: a word is letters and digits only", ErrSearch)
		}
	}
	return nil
}

// Words are the words of a text as a search knows them: runs of letters and
// digits, with A to Z as a to z. Every character beyond ASCII is taken for a
// letter, in its own case, as ClickHouse's tokenizer splitByNonAlpha does.
func Words(text string) []string {
	return strings.FieldsFunc(lowerASCII(text), func(c rune) bool {
		return c < 0x80 && (c < '0' || c > '9') && (c < 'a' || c > 'z')
	})
}

func lowerASCII(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= 'A' && c <= 'Z' {
			return c + 'a' - 'A'
		}
		return c
	}, text)
}

// Search answers one page. Bodies that were erased hold no words.
func (r *Reader) Search(ctx context.Context, s Search) (Hits, error) {
	out := Hits{Table: Table{Columns: SearchColumns()}}
	if err := s.Check(); err != nil {
		return out, err
	}
	var size int64
	err := r.view(ctx, func(c *conn) (err error) {
		size, err = c.integer("SELECT coalesce(max(seq) + 1, 0) FROM records")
		return err
	})
	if err != nil {
		return out, fmt.Errorf("search: %w", err)
	}
	end := uint64(max(size, 0)) //nolint:gosec // not below zero
	if s.Before > 0 {
		end = min(end, s.Before)
	}
	text, values := s.statement()
	for scanned := 0; end > 0; scanned += searchWindow {
		if scanned == searchScan {
			out.Next = end
			return out, nil
		}
		begin := end - min(end, searchWindow)
		full, err := r.window(ctx, text, append(slices.Clone(values), int64(begin), int64(end)), s, &out) //nolint:gosec // far below 2^62
		if full || err != nil {
			return out, err
		}
		end = begin
	}
	return out, nil
}

// window adds the hits of one window until the page is full.
func (r *Reader) window(ctx context.Context, text string, values []any, s Search, out *Hits) (full bool, err error) {
	body := slices.Index(out.Columns, "body")
	err = r.view(ctx, func(c *conn) error {
		return c.query(text, func(row []driver.Value) error {
			if !holds(asString(row[body]), s.Words) {
				return ctx.Err()
			}
			if len(out.Rows) == s.Limit {
				out.Next = uint64(out.Rows[len(out.Rows)-1][0].(int64)) //nolint:gosec // a seq
				return errPageFull
			}
			out.Rows = append(out.Rows, asAny(row))
			return ctx.Err()
		}, values...)
	})
	if errors.Is(err, errPageFull) {
		return true, nil
	}
	if err != nil {
		return false, fmt.Errorf("search: %w", err)
	}
	return false, nil
}

// errPageFull ends reading at the first hit of the next page.
var errPageFull = errors.New("page is full")

func holds(body string, words []string) bool {
	if len(words) == 0 {
		return true
	}
	in := Words(body)
	for _, w := range words {
		if !slices.Contains(in, w) {
			return false
		}
	}
	return true
}

// statement is the question for a window of seq, whose bounds come last.
func (s Search) statement() (string, []any) {
	var where []string
	var values []any
	add := func(set bool, condition string, value any) {
		if set {
			where, values = append(where, condition), append(values, value)
		}
	}
	add(s.Tenant != "", "tenant = ?", s.Tenant)
	add(s.App != "", "app = ?", s.App)
	add(s.Number != "", "number = ?", s.Number)
	if s.Kind != "" && len(s.Words) > 0 {
		add(true, "(kind = ? OR kind = 'revision' AND instr(',' || labels || ',', ',"+audit.LabelRevises+"' || ? || ',') > 0)", s.Kind)
		values = append(values, s.Kind)
	} else {
		add(s.Kind != "", "kind = ?", s.Kind)
	}
	add(s.Reason != "", "instr(',' || reasons || ',', ',' || ? || ',') > 0", s.Reason)
	if strings.Contains(s.Template, "/") {
		add(true, "template = ?", s.Template)
	} else {
		add(s.Template != "", "substr(template, 1, instr(template, '/') - 1) = ?", s.Template)
	}
	add(s.From != 0, "time >= ?", s.From)
	add(s.Until != 0, "time < ?", s.Until)
	for _, w := range s.Words {
		add(true, "instr(lower(body), ?) > 0", w) // before the words are cut: most bodies end here
	}
	bounds := "seq >= ? AND seq < ?"
	if !s.Subject.IsZero() { // by the plain column: the view's is computed for each record
		bounds = "seq IN (SELECT seq FROM records WHERE subject = ? AND " + bounds + ")"
		values = append(values, s.Subject[:])
	}
	return "SELECT " + strings.Join(SearchColumns(), ", ") + " FROM audit WHERE " + strings.Join(append(where, bounds), " AND ") + " ORDER BY seq DESC", values
}
