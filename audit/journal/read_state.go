package journal

import (
	"context"
	"database/sql/driver"
	"fmt"

	"postern/audit"
)

// Facts calls fn for every current fact, for the caches built at start.
func (j *Journal) Facts(ctx context.Context, fn func(Fact) error) error {
	return j.scan(ctx, "SELECT subject, kind, key, tenant, value, time, until, record FROM facts", func(row []driver.Value) error {
		return fn(factOf(row))
	})
}

func factOf(row []driver.Value) Fact {
	f := Fact{Kind: asString(row[1]), Key: asString(row[2]), Tenant: asString(row[3]), Value: asBytes(row[4]), Time: asInt(row[5]), Until: asInt(row[6])}
	copy(f.Subject[:], asBytes(row[0]))
	copy(f.Record[:], asBytes(row[7]))
	return f
}

// Subjects calls fn for every subject, without Identifiers: what the index in
// memory needs. Subject returns the whole row.
func (j *Journal) Subjects(ctx context.Context, fn func(Subject) error) error {
	return j.scan(ctx, "SELECT id, tenant, alias, created, idx FROM subjects", func(row []driver.Value) error {
		return fn(subjectOf(row))
	})
}

func subjectOf(row []driver.Value) Subject {
	s := Subject{Tenant: asString(row[1]), Created: asInt(row[3]), Index: unpackIndex(asBytes(row[4]))}
	copy(s.ID[:], asBytes(row[0]))
	copy(s.Alias[:], asBytes(row[2]))
	return s
}

func (j *Journal) scan(ctx context.Context, text string, fn func(row []driver.Value) error, values ...any) error {
	err := j.view(ctx, func(c *conn) error {
		return c.query(text, func(row []driver.Value) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fn(row)
		}, values...)
	})
	if err != nil {
		return fmt.Errorf("read journal: %w", err)
	}
	return nil
}

// Subject returns one person's row, or ErrNotFound.
func (j *Journal) Subject(ctx context.Context, id audit.SubjectID) (Subject, error) {
	return short(ctx, j, "SELECT id, tenant, alias, created, idx, identifiers FROM subjects WHERE id = ?", func(row []driver.Value) Subject {
		s := subjectOf(row)
		s.Identifiers = asBytes(row[5])
		return s
	}, id[:])
}

// DataKey returns a wrapped data key, or ErrNotFound: never made, or destroyed.
func (j *Journal) DataKey(ctx context.Context, subject audit.SubjectID, class, month string) (DataKey, error) {
	return short(ctx, j, "SELECT wrapped FROM data_keys WHERE subject = ? AND class = ? AND month = ?", func(row []driver.Value) DataKey {
		return DataKey{Subject: subject, Class: class, Month: month, Wrapped: asBytes(row[0])}
	}, subject[:], class, month)
}

// MessageByHash returns the newest map entry of an upstream id by its keyed
// hash, or ErrNotFound.
func (j *Journal) MessageByHash(ctx context.Context, hash [16]byte) (MessageID, error) {
	return short(ctx, j, selectMessage+" WHERE hash = ? ORDER BY time DESC LIMIT 1", messageOf, hash[:])
}

// MessageByAdmission returns the map entry of an id of ours, or ErrNotFound.
func (j *Journal) MessageByAdmission(ctx context.Context, id audit.ID) (MessageID, error) {
	return short(ctx, j, selectMessage+" WHERE admission = ?", messageOf, id[:])
}

const selectMessage = "SELECT admission, tenant, number, subject, hash, upstream, month, time, coalesce(class, 'messages') FROM message_ids"

func messageOf(row []driver.Value) MessageID {
	m := MessageID{Tenant: asString(row[1]), Number: asString(row[2]), Upstream: asBytes(row[5]), Month: asString(row[6]), Time: asInt(row[7]), Class: asString(row[8])}
	copy(m.Admission[:], asBytes(row[0]))
	copy(m.Subject[:], asBytes(row[3]))
	copy(m.Hash[:], asBytes(row[4]))
	return m
}

// IdempotencyGet returns the state of a client's key, or ErrNotFound.
func (j *Journal) IdempotencyGet(ctx context.Context, app, number string, key [32]byte) (Idempotency, error) {
	return short(ctx, j, "SELECT body, admission, subject, month, answer, time FROM idempotency WHERE key = ? AND app = ? AND number = ?",
		func(row []driver.Value) Idempotency {
			k := Idempotency{App: app, Number: number, Key: key, Month: asString(row[3]), Answer: asBytes(row[4]), Time: asInt(row[5])}
			copy(k.Body[:], asBytes(row[0]))
			copy(k.Admission[:], asBytes(row[1]))
			copy(k.Subject[:], asBytes(row[2]))
			return k
		}, key[:], app, number)
}

// SeenAny tells for each mark whether it is stored.
func (j *Journal) SeenAny(ctx context.Context, hashes [][16]byte) ([]bool, error) {
	out := make([]bool, len(hashes))
	err := j.view(ctx, func(c *conn) error {
		for i := range hashes {
			n, err := c.integer("SELECT 1 FROM seen WHERE hash = ?", hashes[i][:])
			if err != nil {
				return err
			}
			out[i] = n != 0
		}
		return ctx.Err()
	})
	if err != nil {
		return nil, fmt.Errorf("look up marks: %w", err)
	}
	return out, nil
}

// Settings returns the values of a scope, by key.
func (j *Journal) Settings(ctx context.Context, scope string) ([]Setting, error) {
	return rows(ctx, j, "SELECT key, value, time FROM settings WHERE scope = ? ORDER BY key", func(row []driver.Value) Setting {
		return Setting{Scope: scope, Key: asString(row[0]), Value: asBytes(row[1]), Time: asInt(row[2])}
	}, scope)
}

// Setting returns one value, or ErrNotFound.
func (j *Journal) Setting(ctx context.Context, scope, key string) (Setting, error) {
	return one(ctx, j, "SELECT value, time FROM settings WHERE scope = ? AND key = ?", func(row []driver.Value) Setting {
		return Setting{Scope: scope, Key: key, Value: asBytes(row[0]), Time: asInt(row[1])}
	}, scope, key)
}

// SettingsBefore returns at most limit values of a scope whose time is before
// the one given, microseconds.
func (j *Journal) SettingsBefore(ctx context.Context, scope string, before int64, limit int) ([]Setting, error) {
	return rows(ctx, j, "SELECT key, value, time FROM settings WHERE scope = ? AND time < ? LIMIT ?", func(row []driver.Value) Setting {
		return Setting{Scope: scope, Key: asString(row[0]), Value: asBytes(row[1]), Time: asInt(row[2])}
	}, scope, before, int64(limit))
}

// Count is one line of the daily counts.
type Count struct {
	Day, Tenant, Kind, Effect, Reason string
	Count                             int64
}

// Counts returns the daily counts from one day to another ("2026-11-30"), both included.
func (j *Journal) Counts(ctx context.Context, from, until string) ([]Count, error) {
	return rows(ctx, j, "SELECT day, tenant, kind, effect, reason, count FROM audit_counts WHERE day >= ? AND day <= ? ORDER BY 1, 2, 3, 4, 5",
		func(row []driver.Value) Count {
			return Count{Day: asString(row[0]), Tenant: asString(row[1]), Kind: asString(row[2]), Effect: asString(row[3]), Reason: asString(row[4]), Count: asInt(row[5])}
		}, from, until)
}
