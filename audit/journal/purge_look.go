package journal

import (
	"context"
	"database/sql/driver"
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"postern/audit"
)

// RecordsAt returns the records at those places, as many as are there, in the
// chain's order.
func (j *Journal) RecordsAt(ctx context.Context, seqs []uint64) ([]audit.Record, error) {
	return j.at(ctx, recordColumns, seqs)
}

// HeadsAt is RecordsAt without parts: of what is to go nobody has to read them.
func (j *Journal) HeadsAt(ctx context.Context, seqs []uint64) ([]audit.Record, error) {
	return j.at(ctx, headColumns, seqs)
}

func (j *Journal) at(ctx context.Context, columns string, seqs []uint64) ([]audit.Record, error) {
	list, err := json.Marshal(seqs)
	if err != nil {
		return nil, fmt.Errorf("name records: %w", err)
	}
	return selectColumns(ctx, j.view, columns, "seq IN "+placesOf+" ORDER BY seq", string(list))
}

// InForce are the records that prove a fact which holds at a moment
// (microseconds): a consent, an opt-out, an open window.
func (j *Journal) InForce(ctx context.Context, now int64) (map[audit.ID]bool, error) {
	ids, err := rows(ctx, j, "SELECT DISTINCT record FROM facts WHERE record IS NOT NULL AND (until = 0 OR until > ?)",
		func(row []driver.Value) (id audit.ID) { copy(id[:], asBytes(row[0])); return id }, now)
	out := make(map[audit.ID]bool, len(ids))
	for _, id := range ids {
		out[id] = true
	}
	return out, err
}

// Remains is what of erased values is still in the store's files.
type Remains struct {
	Found  int   // how many of the values are in the file or its log
	Bytes  int64 // looked through
	Log    int64 // size of the log in bytes
	Free   int64 // pages of the file that hold nothing; overwritten with zeros
	Secure bool  // what rows give up is overwritten
}

// Look searches the file and its log for values, each of at least 16 bytes.
func (j *Journal) Look(ctx context.Context, values [][]byte) (Remains, error) {
	var out Remains
	err := j.alone(ctx, func() error {
		secure, err := j.w.integer("PRAGMA secure_delete")
		out.Secure = secure == 1
		if err == nil {
			out.Free, err = j.w.integer("PRAGMA freelist_count")
		}
		return err
	})
	if err != nil {
		return out, fmt.Errorf("look at the file: %w", err)
	}
	s, politely := newSearch(values), j.politely()
	if err := s.through(ctx, j.disk, politely); err != nil { // never opened anew, see disk
		return out, fmt.Errorf("look through the file: %w", err)
	}
	file := s.bytes
	log, err := os.Open(j.path + logSuffix)
	if err == nil {
		err = errors.Join(s.through(ctx, log, politely), log.Close())
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return out, fmt.Errorf("look through the log: %w", err)
	}
	out.Found, out.Bytes, out.Log = len(s.found), s.bytes, s.bytes-file
	return out, nil
}
