package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
)

// contextRange is how many records are looked at in one read, some milliseconds: a
// processor is not given to others meanwhile, and a reader of one moment of the
// whole store would hold back the log for as long as that takes.
const contextRange = 1000

// DropContexts deletes what records repeat where no record has it any more. It
// reads all records once, beside the writer and by ranges: while it looks, a
// record may come to repeat what none did, and the writer looks at the last few
// itself. What purged records repeat stays: any record may turn into one.
func (j *Journal) DropContexts(ctx context.Context) error {
	ids, err := rows(ctx, j, "SELECT id FROM contexts WHERE kind <> 'purged'", func(row []driver.Value) int64 { return asInt(row[0]) })
	if err != nil || len(ids) == 0 {
		return err
	}
	idle := make(map[int64]bool, len(ids))
	for _, id := range ids {
		idle[id] = true
	}
	next, err := j.withoutUsed(ctx, idle)
	if err != nil || len(idle) == 0 {
		return err
	}
	if err := j.alone(ctx, func() error { return j.dropContexts(idle, next) }); err != nil {
		return fmt.Errorf("drop what no record has: %w", err)
	}
	return j.DropLog(ctx)
}

const contextsFrom = "SELECT DISTINCT context FROM records WHERE seq >= ? AND seq < ?"

// withoutUsed takes out of idle what records have, and returns the first record
// that it did not look at.
func (j *Journal) withoutUsed(ctx context.Context, idle map[int64]bool) (next uint64, err error) {
	used := func(row []driver.Value) error { delete(idle, asInt(row[0])); return nil }
	politely := j.politely()
	for size := j.Head().Size; next < size && len(idle) > 0; size = j.Head().Size {
		from, until := next, min(next+contextRange, size)
		err := politely(func() error { return j.scan(ctx, contextsFrom, used, int64(from), int64(until)) }) //nolint:gosec // far below 2^63
		if err != nil {
			return 0, err
		}
		if next = until; until-from < contextRange {
			break // the end, which goes on growing
		}
	}
	return next, nil
}

// dropContexts deletes, in the writer, what no record from next on has either.
func (j *Journal) dropContexts(idle map[int64]bool, next uint64) error {
	j.contexts.forget() // ids that go must not be used again from memory
	return j.inTransaction(func() error {
		err := j.w.query("SELECT DISTINCT context FROM records WHERE seq >= ?", func(row []driver.Value) error {
			delete(idle, asInt(row[0]))
			return nil
		}, int64(next)) //nolint:gosec // far below 2^63
		if err != nil {
			return err
		}
		ids := make([]int64, 0, len(idle))
		for id := range idle {
			ids = append(ids, id)
		}
		slices.Sort(ids)
		return each(j.w, ids, "DELETE FROM contexts WHERE id = ?", func(id int64) []any { return []any{id} })
	})
}
