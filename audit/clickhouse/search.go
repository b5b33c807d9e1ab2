package clickhouse

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"postern/audit/journal"
)

// searchTime is the server's limit for each of a search's statements.
const searchTime = 30 * time.Second

// Search answers one page as the embedded store's Reader does, of the trail
// whose chain Config names. The places are found first, in the columns that
// are asked for alone; then the rows of the page are read.
func (s *Store) Search(ctx context.Context, q journal.Search) (journal.Hits, error) {
	out := journal.Hits{Table: journal.Table{Columns: journal.SearchColumns()}}
	if err := q.Check(); err != nil {
		return out, err
	}
	of, err := s.asked(ctx)
	if err != nil {
		return out, unanswered(err)
	}
	params := map[string]string{}
	found, err := s.answer(ctx, s.places(q, of, params), ask{settings: limits(q.Limit+1, searchTime), params: params}, q.Limit+1)
	if err != nil || len(found.Rows) == 0 {
		return out, unanswered(err)
	}
	seqs := make([]string, 0, len(found.Rows))
	for _, row := range found.Rows[:min(len(found.Rows), q.Limit)] {
		seqs = append(seqs, fmt.Sprint(row[0]))
	}
	page := "SELECT " + strings.Join(out.Columns, ", ") + " FROM " + s.table("audit") +
		" WHERE " + of + " AND seq IN (" + strings.Join(seqs, ",") + ") ORDER BY seq DESC"
	if out.Table, err = s.answer(ctx, page, ask{settings: limits(q.Limit, searchTime)}, q.Limit); err != nil {
		return out, unanswered(err)
	}
	if len(found.Rows) > q.Limit {
		last, _ := found.Rows[q.Limit-1][0].(int64) // a seq
		out.Next = uint64(max(last, 0))
	}
	return out, nil
}

// asked is the condition that a row is of the trail that is asked.
func (s *Store) asked(ctx context.Context) (string, error) {
	chain := s.cfg.Chain
	if chain == "" {
		err := s.one(ctx, "look for the newest chain", "SELECT argMax(chain, time) FROM "+s.table("records"), ask{settings: limits(1, searchTime)}, &chain)
		if err != nil {
			return "", err
		}
	}
	return s.ofStore(ctx, chain)
}

// places is the question for the seqs of a page and one more; of is ofStore's.
func (s *Store) places(q journal.Search, of string, params map[string]string) string {
	conditions := conditions(q, of, params)
	from := s.table("audit")
	if len(q.Words) > 0 || !q.Subject.IsZero() {
		// The view's columns are computed; the tables' have indexes. Purged
		// records have neither subject nor body.
		from = "(SELECT seq FROM " + s.table("records") + conditions + " UNION ALL SELECT seq FROM " + s.table("held") + conditions + ")"
		conditions = ""
	}
	return "SELECT seq FROM " + from + conditions + " ORDER BY seq DESC LIMIT " + strconv.Itoa(q.Limit+1)
}

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
	add("kind", escape(q.Kind), "kind = {kind:String}")
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
