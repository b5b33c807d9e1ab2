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
	params := map[string]string{}
	found, err := s.answer(ctx, s.page(q, of, params), ask{settings: limits(q.Limit+1, searchTime), params: params}, q.Limit+1)
	if err != nil || len(found.Rows) == 0 {
		return out, unanswered(err)
	}
	out.Rows = found.Rows[:min(len(found.Rows), q.Limit)]
	if len(found.Rows) > q.Limit {
		last, _ := out.Rows[q.Limit-1][0].(int64) // a seq
		out.Next = uint64(max(last, 0))
	}
	return out, nil
}

// page is the question for a page and one row more; of is ofStore's. Each table
// is asked for its newest by itself: so the server looks for the rows in the
// columns of the conditions alone, reads the others of those that it found,
// and uses the tables' indexes, which the view's computed columns have none of.
func (s *Store) page(q journal.Search, of string, params map[string]string) string {
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
func conditions(q journal.Search, of string, params map[string]string) string {
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
	whole("before", int64(q.Before), "seq < {before:Int64}") //nolint:gosec // checked
	if !q.Subject.IsZero() {
		add("subject", q.Subject.String(), "subject = toFixedString(unhex({subject:String}), 16)")
	}
	if len(q.Words) > 0 { // letters and digits only: nothing to escape
		add("words", "['"+strings.Join(q.Words, "','")+"']", "hasAllTokens(body, {words:Array(String)})")
	}
	return " WHERE " + strings.Join(where, " AND ")
}
