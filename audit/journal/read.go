package journal

import (
	"cmp"
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
)

// view runs fn on a read-only connection, which sees one moment of the store
// within one query.
func (j *Journal) view(ctx context.Context, fn func(c *conn) error) error {
	select {
	case <-j.stop:
		return ErrClosed
	default:
	}
	return j.reader.view(ctx, fn)
}

// rows collects what scan makes of each row.
func rows[T any](ctx context.Context, j *Journal, text string, scan func(row []driver.Value) T, values ...any) ([]T, error) {
	var out []T
	err := j.view(ctx, func(c *conn) error {
		return c.query(text, func(row []driver.Value) error {
			out = append(out, scan(row))
			return ctx.Err()
		}, values...)
	})
	if err != nil {
		return nil, fmt.Errorf("read journal: %w", err)
	}
	return out, nil
}

// shortReads bounds reads of a row by its key that are under way at once: as many
// as there are connections that stay open. Opening and closing one costs more
// than the read: of 64 at once each took three times as long.
const shortReads = idleReaders

// short is one for what is asked with messages.
func short[T any](ctx context.Context, j *Journal, text string, scan func(row []driver.Value) T, values ...any) (row T, err error) {
	select {
	case j.short <- struct{}{}:
	case <-ctx.Done():
		return row, context.Cause(ctx)
	}
	defer func() { <-j.short }()
	return one(ctx, j, text, scan, values...)
}

// one returns the first row or ErrNotFound.
func one[T any](ctx context.Context, j *Journal, text string, scan func(row []driver.Value) T, values ...any) (T, error) {
	all, err := rows(ctx, j, text, scan, values...)
	if err != nil || len(all) == 0 {
		var zero T
		return zero, cmp.Or(err, ErrNotFound)
	}
	return all[0], nil
}

// Record returns one record with its parts, or ErrNotFound.
func (j *Journal) Record(ctx context.Context, id audit.ID) (audit.Record, error) {
	return recordOf(ctx, j.view, id)
}

// Referring calls fn for the records that name the given one, oldest first: the
// settle and the statuses of an admission, the outcomes of a delivery, the steps
// of a retention run. fn returns false for no more; the record is reused.
func (j *Journal) Referring(ctx context.Context, id audit.ID, fn func(*audit.Record) (more bool, err error)) error {
	err := eachRecord(ctx, j.view, recordColumns, "ref = ? AND seq >= 0 ORDER BY seq", func(r *audit.Record) error {
		more, err := fn(r)
		if err == nil && !more {
			err = errEnough
		}
		return err
	}, id[:])
	if errors.Is(err, errEnough) {
		return nil
	}
	return err
}

// RecordsOf returns the newest records about a person, newest first, at most
// limit. Records that refer to one of them follow from Referring.
func (j *Journal) RecordsOf(ctx context.Context, s audit.SubjectID, limit int) ([]audit.Record, error) {
	return selectRecords(ctx, j.view, "subject = ? AND ref IS NULL AND seq >= 0 ORDER BY seq DESC LIMIT ?", s[:], int64(limit))
}

// viewer is Journal.view or Reader.view.
type viewer func(context.Context, func(*conn) error) error

// recordOf is the record of an id, or ErrNotFound.
func recordOf(ctx context.Context, view viewer, id audit.ID) (audit.Record, error) {
	all, err := selectRecords(ctx, view, "id = ? AND seq >= 0 LIMIT 1", id[:])
	if err != nil || len(all) == 0 {
		return audit.Record{}, cmp.Or(err, ErrNotFound)
	}
	return all[0], nil
}

func selectRecords(ctx context.Context, view viewer, where string, values ...any) ([]audit.Record, error) {
	return selectColumns(ctx, view, recordColumns, where, values...)
}

func selectColumns(ctx context.Context, view viewer, columns, where string, values ...any) ([]audit.Record, error) {
	var out []audit.Record
	err := eachRecord(ctx, view, columns, where, func(r *audit.Record) error {
		out = append(out, clone(r))
		return nil
	}, values...)
	if err != nil {
		return nil, err
	}
	return out, nil
}

// eachRecord calls fn for the records found. The record is reused.
func eachRecord(ctx context.Context, view viewer, columns, where string, fn func(*audit.Record) error, values ...any) error {
	err := view(ctx, func(c *conn) error {
		d := newReader(c)
		return c.query("SELECT "+columns+" FROM records WHERE "+where, func(row []driver.Value) error {
			r, err := d.record(row)
			if err == nil {
				err = fn(r)
			}
			return errors.Join(err, ctx.Err())
		}, values...)
	})
	if err != nil {
		return fmt.Errorf("read records: %w", err)
	}
	return nil
}

// Records calls fn for every record from seq on, in order, up to the end of
// the chain at that moment. A follower keeps the next seq as its cursor and
// calls again. The record is reused; fn must not keep it.
func (j *Journal) Records(ctx context.Context, from uint64, fn func(*audit.Record) error) error {
	return j.view(ctx, func(c *conn) error { return readRange(ctx, c, from, 1<<62, fn) })
}

// OpenAdmissions returns admissions allowed before the given moment
// (microseconds) that have no settle, oldest first. It reads no row.
func (j *Journal) OpenAdmissions(before int64) []OpenAdmission {
	j.mu.Lock()
	var out []OpenAdmission
	for _, o := range j.open {
		if o.Time < before {
			out = append(out, o)
		}
	}
	j.mu.Unlock()
	slices.SortFunc(out, func(a, b OpenAdmission) int { return cmp.Compare(a.Seq, b.Seq) })
	return out
}
