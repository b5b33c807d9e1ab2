package journal

import (
	"context"
	"crypto/rand"
	"database/sql/driver"
	"errors"
	"fmt"
	"iter"
	"regexp"
	"slices"
	"strings"
	"time"

	"modernc.org/sqlite"
)

// QueryOptions bound a question to the trail.
type QueryOptions struct {
	MaxRows int            // 10,000 if zero; more are cut off and Table.More is set
	Timeout time.Duration  // 30 s if zero
	Named   map[string]any // values for :name in the text: string or int64
}

// Table is an answer. Values are int64, float64, string, []byte or nil.
type Table struct {
	Columns []string
	Rows    [][]any
	More    bool // there were more rows than MaxRows
}

// Errors of Query.
var (
	// ErrQuery: the text is not one SELECT over the views; the error says
	// where. It quotes the text and is for the person who wrote it only.
	ErrQuery = errors.New("question cannot be asked")
	// ErrTooLong: the time limit passed.
	ErrTooLong = errors.New("question took too long: narrow it by day, or raise --timeout")
)

// Query answers one SELECT over the views audit and audit_counts. It runs on
// a connection of its own that cannot write, and needs no lock.
func (r *Reader) Query(ctx context.Context, text string, opt QueryOptions) (t Table, err error) {
	if opt.MaxRows <= 0 {
		opt.MaxRows = 10_000
	}
	if opt.Timeout <= 0 {
		opt.Timeout = 30 * time.Second
	}
	text, err = Single(text)
	if err := errors.Join(err, Bound(text, opt.Named)); err != nil {
		return Table{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, opt.Timeout, ErrTooLong)
	defer cancel()
	c, err := r.dial(ctx, false)
	if err != nil {
		return Table{}, damaged(err)
	}
	defer func() { err = errors.Join(err, c.close()) }()
	t, err = ask(ctx, c, text, opt)
	if err != nil && ctx.Err() != nil {
		err = context.Cause(ctx)
	}
	return t, err
}

// ask checks the question alone, then answers it into a temporary table: so
// the whole of it, not only its first row, ends with ctx.
func ask(ctx context.Context, c *conn, text string, opt QueryOptions) (Table, error) {
	guard := c.dc.(sqlite.AuthorizerRegisterer)
	g, err := hideTables(c)
	if err != nil {
		return Table{}, fmt.Errorf("guard question: %w", err)
	}
	if err := guard.RegisterAuthorizer(g.question); err != nil {
		return Table{}, fmt.Errorf("guard question: %w", err)
	}
	if s, err := c.dc.(driver.ConnPrepareContext).PrepareContext(ctx, text); err != nil {
		return Table{}, fmt.Errorf("%w: %w", ErrQuery, err)
	} else if err := s.Close(); err != nil {
		return Table{}, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	if err := guard.RegisterAuthorizer(g.answer); err != nil {
		return Table{}, fmt.Errorf("guard question: %w", err)
	}
	create := fmt.Sprintf("CREATE TEMP TABLE answer AS SELECT * FROM (\n%s\n) LIMIT %d", text, opt.MaxRows+1)
	if _, err := c.dc.(driver.ExecerContext).ExecContext(ctx, create, named(opt.Named)); err != nil {
		return Table{}, fmt.Errorf("%w: %w", ErrQuery, err)
	}
	if err := guard.RegisterAuthorizer(nil); err != nil {
		return Table{}, fmt.Errorf("guard question: %w", err)
	}
	return readAnswer(c, opt.MaxRows)
}

func readAnswer(c *conn, limit int) (t Table, err error) {
	err = c.query("SELECT name FROM pragma_table_info('answer', 'temp') ORDER BY cid", func(row []driver.Value) error {
		t.Columns = append(t.Columns, asString(row[0]))
		return nil
	})
	if err != nil {
		return Table{}, fmt.Errorf("read answer: %w", err)
	}
	err = c.query("SELECT * FROM temp.answer ORDER BY rowid", func(row []driver.Value) error {
		if len(t.Rows) == limit {
			t.More = true
			return nil
		}
		out := make([]any, len(row))
		for i, v := range row {
			out[i] = v
		}
		t.Rows = append(t.Rows, out)
		return nil
	})
	if err != nil {
		return Table{}, fmt.Errorf("read answer: %w", err)
	}
	return t, nil
}

func named(values map[string]any) []driver.NamedValue {
	out := make([]driver.NamedValue, 0, len(values))
	for name, v := range values {
		out = append(out, driver.NamedValue{Name: name, Ordinal: len(out) + 1, Value: v})
	}
	return out
}

// guard decides what a question may touch. SQLite says in which view a table
// is read, but a common table expression may take a view's name; so on this
// connection the views' bodies have a name that nobody can guess.
type guard struct{ bodies []string }

// hideTables puts temporary views before those of the file.
func hideTables(c *conn) (guard, error) {
	var g guard
	for _, view := range []string{"audit", "audit_counts"} {
		var text string
		err := c.query("SELECT sql FROM sqlite_schema WHERE type = 'view' AND name = ?", func(row []driver.Value) error {
			text = asString(row[0])
			return nil
		}, view)
		if err != nil {
			return g, err
		}
		_, body, ok := strings.Cut(text, " AS\n")
		if !ok {
			return g, fmt.Errorf("%w: its view %s is missing", ErrDamaged, view)
		}
		name := view + "_" + strings.ToLower(rand.Text())
		script := fmt.Sprintf("CREATE TEMP VIEW %[1]s AS %[2]s; CREATE TEMP VIEW %[3]s AS SELECT * FROM %[1]s", name, body, view)
		if err := c.script(script); err != nil {
			return g, err
		}
		g.bodies = append(g.bodies, name)
	}
	return g, nil
}

// question lets a statement read the views and nothing else.
func (g guard) question(action sqlite.AuthorizerActionCode, arg1, arg2, _, view string) sqlite.AuthorizerReturnCode {
	ok := false
	switch action {
	case sqlite.AuthSelect, sqlite.AuthRecursive:
		ok = true
	case sqlite.AuthFunction:
		ok = arg2 != "load_extension"
	case sqlite.AuthRead:
		// No column means that a table is only counted, or joined in a view.
		ok = arg2 == "" || slices.Contains(g.bodies, view) || slices.Contains(g.bodies, arg1) ||
			slices.Contains([]string{"audit", "audit_counts", "json_each", "json_tree"}, arg1)
	default:
	}
	if ok {
		return sqlite.AuthorizerOK
	}
	return sqlite.AuthorizerDeny
}

// answer is question plus the table that takes the answer.
func (g guard) answer(action sqlite.AuthorizerActionCode, arg1, arg2, db, view string) sqlite.AuthorizerReturnCode {
	temp := db == "temp" && (arg1 == "answer" || strings.HasPrefix(arg1, "sqlite_temp_") || arg1 == "sqlite_master")
	switch action {
	case sqlite.AuthCreateTempTable, sqlite.AuthInsert, sqlite.AuthUpdate, sqlite.AuthRead:
		if temp {
			return sqlite.AuthorizerOK
		}
	default:
	}
	return g.question(action, arg1, arg2, db, view)
}

// Single checks that the text is one statement that asks, and takes its
// semicolon off. What quotes and comments hold is skipped.
func Single(text string) (string, error) {
	begin, end, at := -1, len(text), 0
	for piece, quoted := range Pieces(text) {
		comment := strings.HasPrefix(piece, "--") || strings.HasPrefix(piece, "/*")
		for i := 0; i < len(piece); i++ {
			c := piece[i]
			if c == 0 {
				return "", fmt.Errorf("%w: it holds a zero byte", ErrQuery)
			}
			if begin < 0 && c > ' ' && !comment {
				begin = at + i
			}
			switch {
			case comment:
			case c == ';' && !quoted:
				end = min(end, at+i)
			case end < at+i && c > ' ':
				return "", fmt.Errorf("%w: it is more than one statement; ask one at a time", ErrQuery)
			}
		}
		at += len(piece)
	}
	text = text[min(max(begin, 0), end):end]
	word := strings.ToUpper(text)
	if !strings.HasPrefix(word, "SELECT") && !strings.HasPrefix(word, "WITH") && !strings.HasPrefix(word, "VALUES") {
		return "", fmt.Errorf("%w: it must begin with SELECT or WITH; the trail is read only", ErrQuery)
	}
	return text, nil
}

var personName = regexp.MustCompile(`:person\b`)

// Bound refuses a question about :person where nobody is named: each store has
// words of its own for that, and none says what to do.
func Bound(text string, named map[string]any) error {
	if _, there := named["person"]; there {
		return nil
	}
	for piece, quoted := range Pieces(text) {
		if !quoted && personName.MatchString(piece) {
			return fmt.Errorf("%w: it asks about :person and nobody is named; add --person", ErrQuery)
		}
	}
	return nil
}

// Pieces cuts SQL into what is quoted or a comment, and what is between, in order.
func Pieces(text string) iter.Seq2[string, bool] {
	return func(yield func(piece string, quoted bool) bool) {
		from := 0
		for i := 0; i < len(text); i++ {
			end := closing(text, i)
			if end < 0 {
				continue
			}
			end = min(end+1, len(text))
			if i > from && !yield(text[from:i], false) || !yield(text[i:end], true) {
				return
			}
			from, i = end, end-1
		}
		if from < len(text) {
			yield(text[from:], false)
		}
	}
}

// closing is the index of the last byte of what is quoted or a comment from i
// on, -1 if nothing is.
func closing(text string, i int) int {
	switch c := text[i]; {
	case c == '\'' || c == '"' || c == '`':
		return skip(text, i+1, string(c))
	case c == '[':
		return skip(text, i+1, "]")
	case strings.HasPrefix(text[i:], "--"):
		return skip(text, i+2, "\n")
	case strings.HasPrefix(text[i:], "/*"):
		return skip(text, i+2, "*/")
	}
	return -1
}

// skip returns the index of the last byte of the closing mark.
func skip(text string, from int, closing string) int {
	if n := strings.Index(text[from:], closing); n >= 0 {
		return from + n + len(closing) - 1
	}
	return len(text)
}
