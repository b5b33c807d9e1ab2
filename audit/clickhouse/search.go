package clickhouse

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// searchTime is the server's limit for a search.
const searchTime = 30 * time.Second

// Search answers one page as the embedded store's Reader does, of the trail
// whose chain Config names.
func (s *Store) Search(ctx context.Context, q journal.Search) (journal.Hits, error) {
	out := journal.Hits{Table: journal.Table{Columns: journal.SearchColumns()}}
	if err := q.Check(); err != nil {
		return out, err
	}
	if s.cfg.Chain == "" {
		return out, errors.New("search: the trail's chain is not known")
	}
	of, err := s.ofStore(ctx, s.cfg.Chain)
	if err != nil {
		return out, unanswered(err)
	}
	parts, err := s.parts(ctx, q)
	if err != nil {
		return out, unanswered(err)
	}
	for _, p := range parts {
		p.Limit -= len(out.Rows)
		params := map[string]string{}
		found, err := s.answer(ctx, s.page(p, of, params), ask{settings: limits(p.Limit+1, searchTime), params: params}, p.Limit+1)
		if err != nil {
			return out, unanswered(err)
		}
		out.Rows = append(out.Rows, found.Rows...)
		if len(out.Rows) > q.Limit {
			out.Rows = out.Rows[:q.Limit]
			last, _ := out.Rows[q.Limit-1][0].(int64) // a seq
			out.Next = uint64(max(last, 0))
			break
		}
	}
	return out, nil
}

// part is a search of the records from a seq on.
type part struct {
	journal.Search
	from uint64
}

// What a page is looked for in first: a sixteenth of a long trail, its newest.
// Who has many records has a page of them there, without the rest being read.
const (
	newestShare = 16
	longTrail   = 1_000_000 // records
)

// parts deals a search out into ranges of the trail, newest first.
func (s *Store) parts(ctx context.Context, q journal.Search) ([]part, error) {
	end := q.Before
	if end == 0 {
		err := s.query(ctx, "look for the trail's end", "SELECT toUInt64(max(until)) FROM "+s.table("counts")+" WHERE chain = "+text(s.cfg.Chain),
			ask{}, func(scan func(...any) error) error { return scan(&end) })
		if err != nil {
			return nil, err
		}
	}
	if end < s.long {
		return []part{{q, 0}}, nil
	}
	older := q
	older.Before = end - end/newestShare
	return []part{{q, older.Before}, {older, 0}}, nil
}

// page is the question for a page and one row more; of is ofStore's. Each table
// is asked for its newest by itself: so the server looks for the rows in the
// columns of the conditions alone, reads the others of those that it found,
// and uses the tables' indexes, which the view's computed columns have none of.
func (s *Store) page(q part, of string, params map[string]string) string {
	conditions := conditions(q, of, params)
	newest := " ORDER BY seq DESC LIMIT " + strconv.Itoa(q.Limit+1)
	columns := strings.Join(journal.SearchColumns(), ", ")
	computed := shown.Replace(columns)
	from := func(table string) string {
		return "SELECT " + computed + " FROM (SELECT * FROM " + s.table(table) + conditions + newest + ")"
	}
	tables := from("records") + " UNION ALL " + from("held")
	if len(q.Words) == 0 && q.Subject.IsZero() { // purged records have neither words nor a person
		tables += " UNION ALL SELECT " + columns + " FROM (SELECT * FROM " + s.table("audit") + conditions + " AND kind = 'purged'" + newest + ")"
	}
	return "SELECT " + columns + " FROM (" + tables + ")" + newest
}

// shown makes of the tables' columns those of the view that are not the same.
var shown = strings.NewReplacer(
	" id,", " lower(hex(id)) AS id,",
	" ref,", " if(ref = toFixedString('', 16), '', lower(hex(ref))) AS ref,",
	" subject,", " if(subject = toFixedString('', 16), '', lower(hex(subject))) AS subject,",
)

// conditions is the WHERE of a search over columns that are the same in the
// tables and the view, but for subject. Values go into params.
func conditions(q part, of string, params map[string]string) string {
	where := []string{of}
	add := func(name, value, condition string) {
		if value != "" {
			params[name] = value
			where = append(where, condition)
		}
	}
	add("tenant", escape(q.Tenant), "tenant = {tenant:String}")
	add("app", escape(q.App), "app = {app:String}")
	add("number", escape(q.Number), "number = {number:String}")
	if len(q.Words) > 0 {
		add("kind", escape(q.Kind), "(kind = {kind:String} OR kind = 'revision' AND has(splitByChar(',', labels), concat('"+audit.LabelRevises+"', {kind:String})))")
	} else {
		add("kind", escape(q.Kind), "kind = {kind:String}")
	}
	add("reason", escape(q.Reason), "has(splitByChar(',', reasons), {reason:String})")
	if strings.Contains(q.Template, "/") {
		add("template", escape(q.Template), "template = {template:String}")
	} else {
		add("template", escape(q.Template), "substring(template, 1, position(template, '/') - 1) = {template:String}")
	}
	whole := func(name string, n int64, condition string) {
		if n != 0 {
			add(name, strconv.FormatInt(n, 10), condition)
		}
	}
	whole("from", q.From, "time >= {from:Int64}")
	whole("until", q.Until, "time < {until:Int64}")
	whole("before", int64(q.Before), "seq < {before:Int64}")    //nolint:gosec // checked
	whole("from_seq", int64(q.from), "seq >= {from_seq:Int64}") //nolint:gosec // far below 2^63
	if !q.Subject.IsZero() {
		add("subject", q.Subject.String(), "subject = toFixedString(unhex({subject:String}), 16)")
	}
	if len(q.Words) > 0 { // letters and digits only: nothing to escape
		add("words", "['"+strings.Join(q.Words, "','")+"']", "hasAllTokens(body, {words:Array(String)})")
	}
	return " WHERE " + strings.Join(where, " AND ")
}
