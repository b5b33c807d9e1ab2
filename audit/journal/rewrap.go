package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
	"strconv"
	"time"

	"postern/audit"
)

// replaceStep bounds the rows of one transaction, so that sends never wait
// long for a rotation.
const replaceStep = 1000

// DataKeysAfter returns up to limit data keys, in the order of their names,
// that come after the given one; the zero value begins.
func (j *Journal) DataKeysAfter(ctx context.Context, after DataKey, limit int) ([]DataKey, error) {
	return rows(ctx, j, `SELECT subject, class, month, wrapped FROM data_keys
		WHERE (subject, class, month) > (?, ?, ?) ORDER BY subject, class, month LIMIT ?`, func(row []driver.Value) DataKey {
		k := DataKey{Class: asString(row[1]), Month: asString(row[2]), Wrapped: asBytes(row[3])}
		copy(k.Subject[:], asBytes(row[0]))
		return k
	}, after.Subject[:], after.Class, after.Month, int64(limit))
}

// Rewrapped is a data key with what it is to be wrapped in instead.
type Rewrapped struct {
	DataKey
	Now []byte
}

// ReplaceDataKeys exchanges wrapped keys and says how many: one that was
// destroyed or changed since it was read stays as it is. Each step is
// durable before the next begins.
func (j *Journal) ReplaceDataKeys(ctx context.Context, keys []Rewrapped) (int, error) {
	return replaceCounted(ctx, j, keys, "UPDATE data_keys SET wrapped = ? WHERE subject = ? AND class = ? AND month = ? AND wrapped = ?",
		func(k Rewrapped) []any { return []any{k.Now, k.Subject[:], k.Class, k.Month, k.Wrapped} })
}

// SubjectsAfter returns up to limit rows of people, whole, in the order of
// their ids.
func (j *Journal) SubjectsAfter(ctx context.Context, after audit.SubjectID, limit int) ([]Subject, error) {
	return rows(ctx, j, "SELECT id, tenant, alias, created, idx, identifiers FROM subjects WHERE id > ? ORDER BY id LIMIT ?", func(row []driver.Value) Subject {
		s := subjectOf(row)
		s.Identifiers = asBytes(row[5])
		return s
	}, after[:], int64(limit))
}

// Reindexed is a person's row with the blind indexes it is to have instead.
type Reindexed struct {
	Subject
	Now []IndexEntry
}

// ReplaceIndexes exchanges blind indexes and hands the rows that it exchanged
// to done, in the writer, before anything later is committed. A row that
// changed since it was read stays as it is.
func (j *Journal) ReplaceIndexes(ctx context.Context, people []Reindexed, done func([]Reindexed)) error {
	err := replace(ctx, j, people, "UPDATE subjects SET idx = ? WHERE id = ? AND idx = ?",
		func(p Reindexed) []any { return []any{orNull(packIndex(p.Now)), p.ID[:], packIndex(p.Index)} }, done)
	if err != nil {
		return fmt.Errorf("replace indexes: %w", err)
	}
	return nil
}

// Resealed is a setting with the value it is to have instead.
type Resealed struct {
	Setting
	Now []byte
}

// ReplaceSettings exchanges values and says how many; one that changed since
// it was read stays as it is.
func (j *Journal) ReplaceSettings(ctx context.Context, settings []Resealed) (int, error) {
	return replaceCounted(ctx, j, settings, "UPDATE settings SET value = ? WHERE scope = ? AND key = ? AND value = ?",
		func(s Resealed) []any { return []any{s.Now, s.Scope, s.Key, s.Value} })
}

// replaceCounted is replace for who wants to know only how many changed.
func replaceCounted[T any](ctx context.Context, j *Journal, items []T, text string, values func(T) []any) (int, error) {
	total := 0
	err := replace(ctx, j, items, text, values, func(changed []T) { total += len(changed) })
	if err != nil {
		return total, fmt.Errorf("replace sealed values: %w", err)
	}
	return total, nil
}

// replace exchanges a row for each item, in steps that are durable one by one,
// and hands those that it exchanged to done, in the writer, after each step.
func replace[T any](ctx context.Context, j *Journal, items []T, text string, values func(T) []any, done func([]T)) error {
	for some := range slices.Chunk(items, replaceStep) {
		err := j.alone(ctx, func() error {
			var changed []T
			err := j.inTransaction(func() error {
				for _, it := range some {
					n, err := j.w.exec(text, values(it)...)
					if err != nil {
						return err
					}
					if n == 1 {
						changed = append(changed, it)
					}
				}
				return nil
			})
			if err == nil {
				done(changed)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// DataKeyUse counts the data keys by the version that wrapped them. Like the
// others it reads a table from end to end: seconds for some millions of rows.
func (j *Journal) DataKeyUse(ctx context.Context) (map[uint32]int64, error) {
	use := map[uint32]int64{}
	err := j.scan(ctx, "SELECT hex(substr(wrapped, 2, 4)) AS v, count(*) FROM data_keys GROUP BY v", func(row []driver.Value) error {
		version, err := strconv.ParseUint(asString(row[0]), 16, 32)
		if err != nil {
			return fmt.Errorf("%w: a wrapped data key has no version", ErrDamaged)
		}
		use[uint32(version)] = asInt(row[1])
		return nil
	})
	return use, err
}

// IndexUse counts the people by epoch of their blind indexes.
func (j *Journal) IndexUse(ctx context.Context) (map[uint32]int64, error) {
	use := map[uint32]int64{}
	err := j.scan(ctx, "SELECT idx FROM subjects WHERE idx IS NOT NULL", func(row []driver.Value) error {
		var epochs []uint32
		for _, e := range unpackIndex(asBytes(row[0])) {
			if !slices.Contains(epochs, e.Epoch) {
				epochs = append(epochs, e.Epoch)
				use[e.Epoch]++
			}
		}
		return nil
	})
	return use, err
}

// HashUse counts the records by the version of their original's keyed hash.
func (j *Journal) HashUse(ctx context.Context) (map[uint32]int64, error) {
	use := map[uint32]int64{}
	err := j.scan(ctx, "SELECT mac_key, count(*) FROM records WHERE mac_key IS NOT NULL GROUP BY mac_key", func(row []driver.Value) error {
		use[uint32(asInt(row[0]))] = asInt(row[1]) //nolint:gosec // a version, written the same way
		return nil
	})
	return use, err
}

// HashedBefore counts the rows looked up by a keyed hash that were written
// before a moment: map entries of message ids, clients' keys, marks of events.
func (j *Journal) HashedBefore(ctx context.Context, t time.Time) (ids, keys, marks int64, err error) {
	at := t.UnixMicro()
	err = j.scan(ctx, `SELECT (SELECT count(*) FROM message_ids WHERE time < ?1), (SELECT count(*) FROM idempotency WHERE time < ?1),
		(SELECT count(*) FROM seen WHERE time < ?1)`, func(row []driver.Value) error {
		ids, keys, marks = asInt(row[0]), asInt(row[1]), asInt(row[2])
		return nil
	}, at)
	return ids, keys, marks, err
}
