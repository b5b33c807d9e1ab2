package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"
)

// How long what is not part of the trail is kept.
const (
	keepIdempotency = 24 * time.Hour
	keepSeen        = 8 * 24 * time.Hour
	keepDelivered   = 24 * time.Hour
	keepMessageIDs  = 60 * 24 * time.Hour
)

// sweepRows bounds one step of housekeeping: rows looked at in one transaction.
const sweepRows = 1000

// sweep walks a table along its key in steps and deletes what is too old. The
// keys are random or nearly in order of time, so no index on time is needed.
type sweep struct {
	table string
	keys  []string // columns of the primary key
	old   string   // condition with ?, the oldest moment that stays
	keep  time.Duration
	after []any // key of the last row looked at; nil begins anew
}

// sweeps are the tables that are swept. Dead letters stay until they are
// replayed or purged with their keys.
func sweeps() []*sweep {
	return []*sweep{
		{table: "idempotency", keys: []string{"key", "app", "number"}, old: "time < ?", keep: keepIdempotency},
		{table: "seen", keys: []string{"hash"}, old: "time < ?", keep: keepSeen},
		{table: "deliveries", keys: []string{"seq"}, old: "state = 1 AND ended < ?", keep: keepDelivered},
		{table: "message_ids", keys: []string{"admission"}, old: "time < ?", keep: keepMessageIDs},
	}
}

// Housekeep does one bounded step of housekeeping in the writer and reports
// whether all tables have been walked to their end; call it again until then,
// then once in a while. now is the caller's, who knows whether the clock can
// be trusted.
func (j *Journal) Housekeep(ctx context.Context, now time.Time) (done bool, err error) {
	err = j.alone(ctx, func() error {
		if len(j.sweeps) == 0 {
			j.sweeps = sweeps()
		}
		s := j.sweeps[0]
		if err := j.inTransaction(func() error { return s.step(j.w, now) }); err != nil {
			return fmt.Errorf("housekeeping: %w", err)
		}
		if s.after == nil {
			j.sweeps = j.sweeps[1:]
		}
		done = len(j.sweeps) == 0
		return nil
	})
	return done, err
}

// step looks at the next rows. It leaves after nil at the end of the table.
func (s *sweep) step(c *conn, now time.Time) error {
	keys := strings.Join(s.keys, ", ")
	from, values := "", s.after
	if s.after != nil {
		from = fmt.Sprintf(" WHERE (%s) > (?%s)", keys, strings.Repeat(", ?", len(s.keys)-1))
	}
	var last []any
	err := c.query(fmt.Sprintf("SELECT %s FROM %s%s ORDER BY %s LIMIT 1 OFFSET %d", keys, s.table, from, keys, sweepRows-1),
		func(row []driver.Value) error {
			for _, v := range row {
				last = append(last, v)
			}
			return nil
		}, values...)
	if err != nil {
		return err
	}
	if last != nil {
		from = strings.Replace(from+" AND", " AND", fmt.Sprintf(" AND (%s) <= (?%s)", keys, strings.Repeat(", ?", len(s.keys)-1)), 1)
		values = append(values[:len(values):len(values)], last...)
	}
	s.after = last
	return s.remove(c, from, values, now)
}

func (s *sweep) remove(c *conn, within string, values []any, now time.Time) error {
	text := fmt.Sprintf("DELETE FROM %s WHERE %s", s.table, s.old)
	within = strings.TrimPrefix(strings.TrimPrefix(within, " WHERE "), " AND ")
	if within != "" {
		text += " AND " + within
	}
	_, err := c.exec(text, append([]any{now.Add(-s.keep).UnixMicro()}, values...)...)
	return err
}
