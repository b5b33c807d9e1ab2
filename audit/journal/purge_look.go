package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"io"
	"os"

	"postern/audit"
)

// RecordsAt returns the records at those places, as many as are there, in that
// order.
func (j *Journal) RecordsAt(ctx context.Context, seqs []uint64) ([]audit.Record, error) {
	out := make([]audit.Record, 0, len(seqs))
	err := j.view(ctx, func(c *conn) error {
		d := newReader(c)
		for _, seq := range seqs {
			err := c.query("SELECT "+recordColumns+" FROM records WHERE seq = ?", func(row []driver.Value) error {
				r, err := d.record(row)
				if err == nil {
					out = append(out, clone(r))
				}
				return err
			}, int64(seq)) //nolint:gosec // far below 2^63
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("read records: %w", err)
	}
	return out, nil
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
	s := newSearch(values)
	if err := s.through(ctx, j.disk); err != nil { // never opened anew, see disk
		return out, fmt.Errorf("look through the file: %w", err)
	}
	file := s.bytes
	log, err := os.Open(j.path + "-wal")
	if err == nil {
		err = errors.Join(s.through(ctx, log), log.Close())
	}
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return out, fmt.Errorf("look through the log: %w", err)
	}
	out.Found, out.Bytes, out.Log = len(s.found), s.bytes, s.bytes-file
	return out, nil
}

// search looks for many values at once, by their first 16 bytes.
type search struct {
	first [1 << 16]bool // by the first two bytes
	want  map[[16]byte]bool
	found map[[16]byte]bool
	bytes int64
}

func newSearch(values [][]byte) *search {
	s := &search{want: make(map[[16]byte]bool), found: make(map[[16]byte]bool)}
	for _, v := range values {
		if len(v) >= 16 {
			s.want[[16]byte(v[:16])] = true
			s.first[int(v[0])<<8|int(v[1])] = true
		}
	}
	return s
}

func (s *search) through(ctx context.Context, f *os.File) error {
	buf := make([]byte, 1<<20)
	for at := int64(0); ; {
		if err := ctx.Err(); err != nil {
			return context.Cause(ctx)
		}
		n, err := f.ReadAt(buf, at)
		s.in(buf[:n])
		if errors.Is(err, io.EOF) {
			s.bytes += at + int64(n)
			return nil
		}
		if err != nil {
			return err
		}
		at += int64(n) - 15 // a value may lie across two pieces
	}
}

func (s *search) in(b []byte) {
	for i := 0; i+16 <= len(b); i++ {
		if s.first[int(b[i])<<8|int(b[i+1])] {
			if v := [16]byte(b[i : i+16]); s.want[v] {
				s.found[v] = true
			}
		}
	}
}
