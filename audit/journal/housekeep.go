package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
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

// sweepRows bounds one step of housekeeping: rows looked at.
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

	until int64 // microseconds: what is older goes
	stays func(Resting) bool
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

// Housekeep does one bounded step of housekeeping and reports whether all tables
// have been walked to their end; call it again until then, then once in a while.
// now is the caller's, who knows whether the clock can be trusted. keep, if not
// nil, names webhooks and message ids that stay all the same; the writer waits for
// it. What is to go is looked for beside the writer.
func (j *Journal) Housekeep(ctx context.Context, now time.Time, keep func(Resting) bool) (done bool, err error) {
	j.sweeping.Lock()
	defer j.sweeping.Unlock()
	if j.down.Load() {
		return false, fmt.Errorf("housekeeping: %w", ErrDown)
	}
	if len(j.sweeps) == 0 {
		j.sweeps, j.sweep = sweeps(), j.politely()
	}
	s := j.sweeps[0]
	s.until, s.stays = now.Add(-s.keep).UnixMicro(), keep
	if err := j.sweep(func() error { return s.step(ctx, j) }); err != nil {
		return false, fmt.Errorf("housekeeping: %w", err)
	}
	if s.after == nil {
		j.sweeps = j.sweeps[1:]
	}
	return len(j.sweeps) == 0, nil
}

// step looks at the next rows. It leaves after nil at the end of the table.
func (s *sweep) step(ctx context.Context, j *Journal) error {
	within, values, last, err := s.next(ctx, j)
	if err != nil {
		return err
	}
	text := fmt.Sprintf("SELECT %s FROM %s WHERE %s AND %s", strings.Join(s.keys, ", "), s.table, s.old, within)
	old, err := rows(ctx, j, text, keyOf, append([]any{s.until}, values...)...)
	if err != nil {
		return err
	}
	err = inSteps(ctx, j, old, func(some [][]any) error {
		return j.inTransaction(func() error { return s.remove(j.w, some) })
	})
	if err == nil {
		s.after = last
	}
	return err
}

// next are the rows behind the last one looked at, as a condition and its values;
// last is the key of their last, nil at the end of the table.
func (s *sweep) next(ctx context.Context, j *Journal) (within string, values, last []any, err error) {
	keys, marks := strings.Join(s.keys, ", "), "?"+strings.Repeat(", ?", len(s.keys)-1)
	within = "true"
	if s.after != nil {
		within, values = fmt.Sprintf("(%s) > (%s)", keys, marks), s.after
	}
	text := fmt.Sprintf("SELECT %s FROM %s WHERE %s ORDER BY %s LIMIT 1 OFFSET %d", keys, s.table, within, keys, sweepRows-1)
	found, err := rows(ctx, j, text, keyOf, values...)
	if err != nil || len(found) == 0 {
		return within, values, nil, err
	}
	return within + fmt.Sprintf(" AND (%s) <= (%s)", keys, marks), slices.Concat(values, found[0]), found[0], nil
}

func keyOf(row []driver.Value) []any {
	key := make([]any, len(row))
	for i, v := range row {
		key[i] = v
	}
	return key
}

// remove deletes, in the writer, those of the rows that are still too old and that
// nobody keeps.
func (s *sweep) remove(c *conn, keys [][]any) error {
	where := fmt.Sprintf(" FROM %s WHERE %s AND (%s) = (?%s)", s.table, s.old, strings.Join(s.keys, ", "), strings.Repeat(", ?", len(s.keys)-1))
	for _, key := range keys {
		values := append([]any{s.until}, key...)
		if kept, err := s.kept(c, where, values); err != nil {
			return err
		} else if kept {
			continue
		}
		if _, err := c.exec("DELETE"+where, values...); err != nil {
			return err
		}
	}
	return nil
}

// kept reports whether somebody keeps a row.
func (s *sweep) kept(c *conn, where string, values []any) (kept bool, err error) {
	if s.stays == nil || s.row == "" {
		return false, nil
	}
	err = c.query("SELECT "+s.row+where, func(row []driver.Value) error {
		r := Resting{Tenant: asString(row[1]), App: asString(row[2]), Number: asString(row[3]), Time: asInt(row[5])}
		copy(r.Record[:], asBytes(row[0]))
		copy(r.Subject[:], asBytes(row[4]))
		kept = s.stays(r)
		return nil
	}, values...)
	return kept, err
}
