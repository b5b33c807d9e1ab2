package retention

import (
	"context"
	"fmt"
	"strings"

	"postern/audit/journal"
)

// Count is how many records the scope covers now, how many of them have lost a
// part already, and how many of the whole trail were purged: of those nobody can
// tell any more whether they were its.
func (h *Holds) Count(ctx context.Context, s Scope) (records, emptied, purged int64, err error) {
	q := s.question()
	text := "SELECT count(*), coalesce(sum(erased), 0), (SELECT count(*) FROM audit WHERE kind = 'purged') FROM audit WHERE " +
		strings.Join(q.where, " AND ")
	t, err := h.cfg.Journal.Reader().Query(ctx, text, journal.QueryOptions{Named: q.values, Timeout: queryTime})
	if err != nil {
		return 0, 0, 0, fmt.Errorf("count what a hold covers: %w", err)
	}
	records, _ = t.Rows[0][0].(int64)
	emptied, _ = t.Rows[0][1].(int64)
	purged, _ = t.Rows[0][2].(int64)
	return records, emptied, purged, nil
}

// question are conditions over the view audit, with the values they name.
type question struct {
	where  []string
	values map[string]any
}

func (s *Scope) question() *question {
	q := &question{where: []string{"kind <> 'purged'"}, values: map[string]any{}}
	q.text("tenant = :tenant", "tenant", s.Tenant)
	q.text("number = :number", "number", s.Number)
	q.text("instr(',' || reasons || ',', :reason) > 0", "reason", between(s.Reason))
	q.moment("time >= :from", "from", s.From)
	q.moment("time < :until", "until", s.Until)
	if len(s.Subjects) > 0 {
		ids := make([]string, len(s.Subjects))
		for i, id := range s.Subjects {
			ids[i] = id.String()
		}
		q.where = append(q.where, "subject IN ("+q.list("subject", ids)+")")
	}
	if len(s.AppNumbers) > 0 {
		q.text("(app = :app OR app = '' AND number IN ("+q.list("own", s.AppNumbers)+"))", "app", s.App)
	} else {
		q.text("app = :app", "app", s.App)
	}
	if s.Query != "" {
		q.where = append(q.where, "seq IN (SELECT seq FROM (\n"+bare(s.Query)+"\n))")
	}
	return q
}

// between sets a code off from those it is part of.
func between(code string) string {
	if code == "" {
		return ""
	}
	return "," + code + ","
}

func (q *question) text(condition, name, value string) {
	if value != "" {
		q.where, q.values[name] = append(q.where, condition), value
	}
}

func (q *question) moment(condition, name string, micro int64) {
	if micro != 0 {
		q.where, q.values[name] = append(q.where, condition), micro
	}
}

// list names each of the values.
func (q *question) list(name string, all []string) string {
	names := make([]string, len(all))
	for i, v := range all {
		names[i] = fmt.Sprintf("%s%d", name, i)
		q.values[names[i]] = v
	}
	return ":" + strings.Join(names, ", :")
}
