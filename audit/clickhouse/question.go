package clickhouse

import (
	"context"
	"errors"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"

	"postern/audit/journal"
)

// maxQuestionMemory bounds what one question may take on the server, in bytes.
const maxQuestionMemory = 2 << 30

// dialectSettings make the server read the common subset of SQL (VIEW.md) as
// the embedded store does: a row that a join did not find is NULL, and a name
// means the column before it means an alias.
func dialectSettings() map[string]any {
	return map[string]any{"join_use_nulls": 1, "prefer_column_name_to_alias": 1, "transform_null_in": 0}
}

// limits are what one question may take; readonly forbids writing and DDL.
func limits(rows int, timeout time.Duration) map[string]any {
	out := dialectSettings()
	out["readonly"] = 2
	out["max_execution_time"] = max(1, int(math.Ceil(timeout.Seconds())))
	out["max_memory_usage"] = maxQuestionMemory
	out["max_result_rows"] = rows + 1
	out["result_overflow_mode"] = "break"
	return out
}

// OpenToAsk prepares the way for questions. cfg.User is the one who may read
// the views and nothing else (access/): what a question may touch is decided by
// the server's grants and row policies, not here.
func OpenToAsk(cfg Config) (*Store, error) {
	cfg.asks = true
	return Open(cfg)
}

// Query answers one SELECT over the views audit and audit_counts, as the
// embedded store's Reader does, within its limits of time and rows. The store
// is one of OpenToAsk.
func (s *Store) Query(ctx context.Context, question string, opt journal.QueryOptions) (journal.Table, error) {
	if opt.MaxRows <= 0 {
		opt.MaxRows = 10_000
	}
	if opt.Timeout <= 0 {
		opt.Timeout = 30 * time.Second
	}
	question, err := journal.Single(question)
	if err := errors.Join(err, journal.Bound(question, opt.Named)); err != nil {
		return journal.Table{}, err
	}
	if question, err = common(question); err != nil {
		return journal.Table{}, err
	}
	question, params, err := bind(question, opt.Named)
	if err != nil {
		return journal.Table{}, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, opt.Timeout+time.Second, journal.ErrTooLong) // the server's own limit comes first
	defer cancel()
	t, err := s.answer(ctx, question, ask{settings: limits(opt.MaxRows, opt.Timeout), params: params}, opt.MaxRows)
	if err != nil && ctx.Err() != nil {
		return journal.Table{}, context.Cause(ctx)
	}
	return t, unanswered(err)
}

// unanswered says of the server's refusal what the person who asked can do.
// Its own words stay behind: they may quote what the trail holds.
func unanswered(err error) error {
	var r Refusal
	if !errors.As(err, &r) {
		return err
	}
	why := ""
	switch r.Code {
	case 159, 160, 396:
		return journal.ErrTooLong
	case 62:
		why = "it is not written in SQL that ClickHouse reads"
	case 47, 36, 43, 42, 44, 46, 50, 53, 386, 352, 207, 179:
		why = "a column, a function or what is given to one does not fit; audit/VIEW.md has the columns"
	case 60, 81, 497, 164:
		why = "it asks for what is not the views audit and audit_counts"
	case 6, 27, 32, 38, 41, 72:
		why = "some value there cannot be read as what a function makes of it"
	case 452:
		why = "the server allows read_user no such limits: lower --timeout and --limit"
	case 456:
		why = "it has a parameter without a value; :person takes that of --person"
	case 241:
		why = "it takes more memory than a question may: narrow it by day"
	case 158, 307:
		why = "it reads more than a question may: narrow it by day"
	default:
		return err
	}
	return fmt.Errorf("%w: %s (ClickHouse code %d)", journal.ErrQuery, why, r.Code)
}

// bind writes the values of :name as parameters of the server's.
func bind(question string, named map[string]any) (string, map[string]string, error) {
	params := map[string]string{}
	var out strings.Builder
	for part, quoted := range journal.Pieces(question) {
		if !quoted {
			for name, value := range named {
				kind := "String"
				switch v := value.(type) {
				case string:
					params[name] = escape(v)
				case int64:
					kind, params[name] = "Int64", strconv.FormatInt(v, 10)
				default:
					return "", nil, fmt.Errorf("%w: the value of :%s is of no type that can be asked with", journal.ErrQuery, name)
				}
				part = replaceName(part, ":"+name, "{"+name+":"+kind+"}")
			}
		}
		out.WriteString(part)
	}
	return out.String(), params, nil
}

// replaceName replaces whole names only.
func replaceName(text, name, by string) string {
	var out strings.Builder
	for {
		i := strings.Index(text, name)
		if i < 0 {
			out.WriteString(text)
			return out.String()
		}
		rest := text[i+len(name):]
		out.WriteString(text[:i])
		if rest != "" && (rest[0] == '_' || rest[0] >= '0' && rest[0] <= '9' || rest[0]|0x20 >= 'a' && rest[0]|0x20 <= 'z') {
			out.WriteString(name)
		} else {
			out.WriteString(by)
		}
		text = rest
	}
}

// escape writes a parameter's value as the field of tab-separated text that
// the server reads it as.
func escape(value string) string {
	return strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n", "\r", "\\r", "\x00", "\\0", "'", "\\'").Replace(value)
}

// answer reads at most limit rows, whatever their types.
func (s *Store) answer(ctx context.Context, text string, a ask, limit int) (journal.Table, error) {
	ctx, cancel := s.context(ctx, a)
	defer cancel()
	rows, err := s.connection().Query(ctx, text)
	if err != nil {
		return journal.Table{}, fmt.Errorf("ask: %w", refused(err))
	}
	defer rows.Close() //nolint:errcheck // rows.Err says it
	t := journal.Table{Columns: rows.Columns()}
	types := rows.ColumnTypes()
	for rows.Next() {
		if len(t.Rows) == limit {
			t.More = true
			return t, nil
		}
		into := make([]any, len(types))
		for i, c := range types {
			into[i] = reflect.New(c.ScanType()).Interface()
		}
		if err := rows.Scan(into...); err != nil {
			return journal.Table{}, fmt.Errorf("read answer: %w", refused(err))
		}
		row := make([]any, len(into))
		for i, v := range into {
			row[i] = plain(reflect.ValueOf(v).Elem())
		}
		t.Rows = append(t.Rows, row)
	}
	if err := rows.Err(); err != nil {
		return journal.Table{}, fmt.Errorf("read answer: %w", refused(err))
	}
	return t, nil
}

// plain is a value as the embedded store gives it: int64, float64, string or
// nil. What is none of them becomes text.
func plain(v reflect.Value) any {
	for v.Kind() == reflect.Pointer || v.Kind() == reflect.Interface {
		if v.IsNil() {
			return nil
		}
		v = v.Elem()
	}
	switch {
	case !v.IsValid():
		return nil
	case v.CanInt():
		return v.Int()
	case v.CanUint():
		if n := v.Uint(); n <= math.MaxInt64 {
			return int64(n)
		}
		return strconv.FormatUint(v.Uint(), 10)
	case v.CanFloat():
		if f := v.Float(); !math.IsNaN(f) && !math.IsInf(f, 0) {
			return f
		}
		return nil // as the embedded store: no number
	case v.Kind() == reflect.Bool:
		return map[bool]int64{false: 0, true: 1}[v.Bool()]
	case v.Kind() == reflect.String:
		return v.String()
	}
	switch other := v.Interface().(type) {
	case clickhouse.Variant: // a UNION of a count and a sum
		return plain(reflect.ValueOf(other.Any()))
	case time.Time:
		return other.UTC().Format(time.RFC3339Nano)
	default:
		return fmt.Sprint(other)
	}
}
