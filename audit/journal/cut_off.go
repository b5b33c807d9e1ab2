package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
)

// scopeBegun is the settings scope of erasures that were noted outside the store
// and are not over: key is the record.
const scopeBegun = "erasure_begun"

// NotBegun is the row that takes an erasure off the list of CutOff, at a time in
// microseconds.
func NotBegun(record audit.ID, at int64) Setting {
	return Setting{Scope: scopeBegun, Key: record.String(), Time: at}
}

// begun is the row that puts an erasure on the list.
func begun(record audit.ID, at int64) Setting {
	row := NotBegun(record, at)
	row.Value = []byte("1")
	return row
}

// CutOff are erasures, by their records, that were noted outside the store and
// that a crash or an error ended: some of what they name may be there still, and
// something may have come to keep it since.
func (j *Journal) CutOff(ctx context.Context) ([]audit.ID, error) {
	all, err := j.Settings(ctx, scopeBegun)
	if err != nil {
		return nil, fmt.Errorf("look for erasures that were cut off: %w", err)
	}
	var out []audit.ID
	for _, s := range all {
		id, err := audit.ParseID(s.Key)
		if err != nil {
			return nil, fmt.Errorf("look for erasures that were cut off: %w", err)
		}
		j.mu.Lock()
		_, running := j.erasures[id]
		j.mu.Unlock()
		if !running {
			out = append(out, id)
		}
	}
	return out, nil
}

// Left is what of Seqs, Keys and Subjects an erasure named and did not take:
// records that still have one of its Parts, data keys that are there, persons
// with index entries.
func (j *Journal) Left(ctx context.Context, e Erase) (left Erase, err error) {
	if len(e.Seqs) > 0 {
		went, err := j.Went(ctx, audit.NewErasure(e.Reason, e.Parts, e.Seqs))
		if err != nil {
			return left, err
		}
		for _, seq := range e.Seqs {
			if !slices.ContainsFunc(went.Ranges, func(r audit.SeqRange) bool { return r.First <= seq && seq <= r.Last }) {
				left.Seqs = append(left.Seqs, seq)
			}
		}
	}
	for _, k := range e.Keys {
		_, err := j.DataKey(ctx, k.Subject, k.Class, k.Month)
		if err != nil && !errors.Is(err, ErrNotFound) {
			return left, fmt.Errorf("look what is left: %w", err)
		}
		if err == nil {
			left.Keys = append(left.Keys, k)
		}
	}
	for _, id := range e.Subjects {
		some, err := rows(ctx, j, "SELECT 1 FROM subjects WHERE id = ? AND idx IS NOT NULL", func([]driver.Value) bool { return true }, id[:])
		if err != nil {
			return left, fmt.Errorf("look what is left: %w", err)
		}
		if len(some) > 0 {
			left.Subjects = append(left.Subjects, id)
		}
	}
	return left, nil
}
