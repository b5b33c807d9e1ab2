package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"
)

// Signed is a checkpoint as stored: a signed note over Head.
type Signed struct {
	Size uint64
	Time int64 // microseconds
	Note []byte
}

// AddCheckpoint stores a signed checkpoint of the chain's first size records.
// The caller also writes it outside the store, or it proves nothing against
// whoever can write the file.
func (j *Journal) AddCheckpoint(ctx context.Context, s Signed) error {
	if s.Size > j.Head().Size {
		return fmt.Errorf("store checkpoint: %w: it covers more records than there are", ErrInvalid)
	}
	return j.alone(ctx, func() error {
		_, err := j.w.exec("INSERT OR REPLACE INTO checkpoints VALUES (?, ?, ?)", int64(s.Size), s.Time, string(s.Note)) //nolint:gosec // far below 2^63
		if err != nil {
			return fmt.Errorf("store checkpoint: %w", err)
		}
		return nil
	})
}

// Checkpoints returns the newest signed checkpoints, oldest first.
func (j *Journal) Checkpoints(ctx context.Context, limit int) ([]Signed, error) {
	all, err := rows(ctx, j, "SELECT size, time, note FROM checkpoints ORDER BY size DESC LIMIT ?", func(row []driver.Value) Signed {
		return Signed{Size: asUint(row[0]), Time: asInt(row[1]), Note: []byte(asString(row[2]))}
	}, int64(limit))
	slices.Reverse(all)
	return all, err
}

// CheckpointsAfter returns at most limit signed checkpoints over more than size
// records, oldest first.
func (j *Journal) CheckpointsAfter(ctx context.Context, size uint64, limit int) ([]Signed, error) {
	return rows(ctx, j, "SELECT size, time, note FROM checkpoints WHERE size > ? ORDER BY size LIMIT ?", func(row []driver.Value) Signed {
		return Signed{Size: asUint(row[0]), Time: asInt(row[1]), Note: []byte(asString(row[2]))}
	}, int64(size), int64(limit)) //nolint:gosec // far below 2^63
}

// alone runs fn in the writer, between transactions. Each statement of fn is a
// transaction of its own. ctx bounds the wait for the writer only.
func (j *Journal) alone(ctx context.Context, fn func() error) error {
	result := make(chan error, 1)
	work := func() {
		if j.w == nil {
			result <- ErrDown
			return
		}
		result <- fn()
	}
	select {
	case j.exclude <- work:
		return <-result
	case <-j.done:
		return ErrClosed
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
