package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"strings"
	"time"

	"postern/audit"
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
	row   string // columns of a Resting; "" where a row is nobody's to keep
	after []any  // key of the last row looked at; nil begins anew
}

// sweeps are the tables that are swept. Dead letters stay until they are
// replayed or purged with their keys.
func sweeps() []*sweep {
	return []*sweep{
		{table: "idempotency", keys: []string{"key", "app", "number"}, old: "time < ?", keep: keepIdempotency},
		{table: "seen", keys: []string{"hash"}, old: "time < ?", keep: keepSeen},
		{
			table: "deliveries", keys: []string{"seq"}, old: "state = 1 AND ended < ?", keep: keepDelivered,
			row: "id, tenant, app, number, subject, created",
		},
		{
			table: "message_ids", keys: []string{"admission"}, old: "time < ?", keep: keepMessageIDs,
			row: "admission, tenant, '', number, subject, time",
		},
	}
}

// Resting is a row beside the trail whose time is over, as whoever keeps it
// longer judges it.
type Resting struct {
	Record      audit.ID // the record it belongs to
	Tenant, App string   // App is empty where the row does not say
	Number      string
	Subject     audit.SubjectID
	Time        int64 // microseconds
}

// Housekeep does one bounded step of housekeeping in the writer and reports
// whether all tables have been walked to their end; call it again until then,
// then once in a while. now is the caller's, who knows whether the clock can
// be trusted. keep, if not nil, names webhooks and message ids that stay all the
// same; the writer waits for it.
func (j *Journal) Housekeep(ctx context.Context, now time.Time, keep func(Resting) bool) (done bool, err error) {
	err = j.alone(ctx, func() error {
		if len(j.sweeps) == 0 {
			j.sweeps = sweeps()
		}
		s := j.sweeps[0]
		if err := j.inTransaction(func() error { return s.step(j.w, now, keep) }); err != nil {
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
func (s *sweep) step(c *conn, now time.Time, keep func(Resting) bool) error {
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
	return s.remove(c, from, values, now, keep)
}

func (s *sweep) remove(c *conn, within string, values []any, now time.Time, keep func(Resting) bool) error {
	where := s.old
	within = strings.TrimPrefix(strings.TrimPrefix(within, " WHERE "), " AND ")
	if within != "" {
		where += " AND " + within
	}
	values = append([]any{now.Add(-s.keep).UnixMicro()}, values...)
	if keep == nil || s.row == "" {
		_, err := c.exec(fmt.Sprintf("DELETE FROM %s WHERE %s", s.table, where), values...)
		return err
	}
	return s.removeBut(c, where, values, keep)
}

// removeBut looks at each row before it goes.
func (s *sweep) removeBut(c *conn, where string, values []any, keep func(Resting) bool) error {
	var gone []any
	err := c.query(fmt.Sprintf("SELECT %s, %s FROM %s WHERE %s", s.row, s.keys[0], s.table, where), func(row []driver.Value) error {
		r := Resting{Tenant: asString(row[1]), App: asString(row[2]), Number: asString(row[3]), Time: asInt(row[5])}
		copy(r.Record[:], asBytes(row[0]))
		copy(r.Subject[:], asBytes(row[4]))
		if !keep(r) {
			gone = append(gone, row[6])
		}
		return nil
	}, values...)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("DELETE FROM %s WHERE %s = ?", s.table, s.keys[0])
	return each(c, gone, text, func(key any) []any { return []any{key} })
}
