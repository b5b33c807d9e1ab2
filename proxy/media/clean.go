package media

import (
	"context"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/proxy/person"
)

// Watermarks, in parts of what the store may hold: above high content goes until
// there is less than low.
const (
	high = 0.9
	low  = 0.8
)

// orphan is how old content without a row is when it goes: one that is being
// taken is younger.
const orphan = time.Hour

// step bounds the rows that one look takes.
const step = 256

// Cleaned is what a look took away.
type Cleaned struct {
	Over    int // rows whose time had ended
	Oldest  int // contents that made room
	Orphans int // contents without a row
}

// Clean takes away what is over, makes room where the store is nearly full, and
// removes contents that no row has. The row goes last: what fails is found
// again by the next look. What was made at floor (microseconds) or later stays
// with its content, and so do rows that keep names; where all of them do, no room
// is made.
func (s *Store) Clean(ctx context.Context, floor int64, keep func(journal.Media) bool) (Cleaned, error) {
	var c Cleaned
	var err error
	if c.Over, err = s.dropOver(ctx, floor, keep); err != nil {
		return c, err
	}
	if c.Oldest, err = s.makeRoom(ctx, floor, keep); err != nil {
		return c, err
	}
	c.Orphans, err = s.dropOrphans(ctx)
	return c, err
}

func (s *Store) dropOver(ctx context.Context, floor int64, keep func(journal.Media) bool) (int, error) {
	n, kept := 0, 0
	for {
		rows, err := s.cfg.Journal.MediaOver(ctx, s.cfg.Now().UnixMicro(), floor, kept, step)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		var b journal.Batch
		for _, row := range rows {
			if keep(row) {
				kept++
				continue
			}
			if err := s.cfg.Blobs.Remove(blob.Name(row.ID)); err != nil {
				return n, err
			}
			b.GoneMedia = append(b.GoneMedia, row.ID)
		}
		if len(b.GoneMedia) == 0 {
			continue
		}
		if err := s.cfg.Journal.Append(ctx, b); err != nil {
			return n, fmt.Errorf("drop media: %w", err)
		}
		n += len(b.GoneMedia)
	}
}

func (s *Store) makeRoom(ctx context.Context, floor int64, keep func(journal.Media) bool) (int, error) {
	room, err := s.cfg.Blobs.Room()
	if err != nil || float64(room.Used) < high*capacity(room) {
		return 0, err
	}
	n, kept := 0, 0
	for float64(room.Used) > low*capacity(room) {
		rows, err := s.cfg.Journal.MediaOldest(ctx, floor, kept, 16)
		if err != nil || len(rows) == 0 {
			return n, err
		}
		for _, row := range rows {
			if keep(row) {
				kept++
				continue
			}
			if err := s.unload(ctx, row); err != nil {
				return n, err
			}
			n++
		}
		if room, err = s.cfg.Blobs.Room(); err != nil {
			return n, err
		}
	}
	return n, nil
}

// unload takes a file's content away and leaves its row.
func (s *Store) unload(ctx context.Context, row journal.Media) error {
	if err := s.cfg.Blobs.Remove(blob.Name(row.ID)); err != nil {
		return err
	}
	row.Stored = false
	err := s.change(ctx, row)
	if errors.Is(err, person.ErrErased) { // left as it is, it would be the oldest again
		err = s.cfg.Journal.Append(ctx, journal.Batch{GoneMedia: []audit.ID{row.ID}})
	}
	if err != nil {
		return fmt.Errorf("make room for media: %w", err)
	}
	return nil
}

// capacity is what the store may hold: its quota, or less where the disk has less.
func capacity(r blob.Room) float64 {
	disk := max(r.Used+r.Free, 0)
	if r.Quota > 0 {
		return float64(min(r.Quota, disk))
	}
	return float64(disk)
}

func (s *Store) dropOrphans(ctx context.Context) (int, error) {
	n := 0
	for o, err := range s.cfg.Blobs.Objects() {
		if err != nil {
			return n, err
		}
		if s.cfg.Now().Sub(o.Since) < orphan {
			continue
		}
		row, err := s.cfg.Journal.Media(ctx, audit.ID(o.Name))
		if err == nil && row.Stored {
			continue
		}
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return n, err
		}
		if err := s.cfg.Blobs.Remove(o.Name); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// End has the id of a file be over at once. Its content goes with the next look,
// unless a floor or a hold keeps it.
func (s *Store) End(row journal.Media) journal.Media {
	row.Until, row.FetchAt = s.cfg.Now().UnixMicro(), 0
	return row
}

// Remove takes a file's content away. Its row is the caller's.
func (s *Store) Remove(row journal.Media) error { return s.cfg.Blobs.Remove(blob.Name(row.ID)) }
