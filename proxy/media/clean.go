package media

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

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

// step bounds the rows that one look takes, where files lie in a bucket to fewer:
// each is several requests, of which together run at once.
const (
	step       = 256
	bucketStep = 64
	together   = 8
)

// orphansEvery is how often a bucket is searched for contents without a row: that
// lists all of it.
const orphansEvery = time.Hour

// Cleaned is what a look took away.
type Cleaned struct {
	Over    int // rows whose time had ended
	Oldest  int // contents that made room
	Orphans int // contents without a row
}

// Guard runs a bounded step that takes files away. keep names rows that stay with
// their content all the same.
type Guard func(ctx context.Context, step func(keep func(journal.Media) bool) error) error

// Clean takes away what is over, makes room where the store is nearly full, and
// removes contents that no row has. The row goes last: what fails is found
// again by the next look, and while the bucket is away nothing goes. What was made
// at floor (microseconds) or later stays with its content, and so do rows that
// guard keeps; where all of them do, no room is made.
func (s *Store) Clean(ctx context.Context, floor int64, guard Guard) (Cleaned, error) {
	var c Cleaned
	err := s.clean(ctx, floor, guard, &c)
	if errors.Is(err, blob.ErrAway) {
		err = nil
	}
	return c, err
}

func (s *Store) clean(ctx context.Context, floor int64, guard Guard, c *Cleaned) error {
	if s.cfg.Blobs.Away() {
		return nil
	}
	if err := s.dropOver(ctx, floor, guard, &c.Over); err != nil {
		return err
	}
	if err := s.makeRoom(ctx, floor, guard, &c.Oldest); err != nil {
		return err
	}
	return s.dropOrphans(ctx, &c.Orphans)
}

func (s *Store) dropOver(ctx context.Context, floor int64, guard Guard, n *int) error {
	limit := step
	if s.cfg.Blobs.Remote() {
		limit = bucketStep
	}
	kept := 0
	for more := true; more; {
		err := guard(ctx, func(keep func(journal.Media) bool) error {
			rows, err := s.cfg.Journal.MediaOver(ctx, s.cfg.Now().UnixMicro(), floor, kept, limit)
			if err != nil {
				return err
			}
			more = len(rows) > 0
			going := slices.DeleteFunc(rows, keep)
			kept += len(rows) - len(going)
			if err := s.drop(ctx, going); err != nil {
				return err
			}
			*n += len(going)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// drop takes files away, then their rows.
func (s *Store) drop(ctx context.Context, rows []journal.Media) error {
	if len(rows) == 0 {
		return nil
	}
	var b journal.Batch
	var all errgroup.Group
	all.SetLimit(together)
	for _, row := range rows {
		b.GoneMedia = append(b.GoneMedia, row.ID)
		all.Go(func() error { return s.Remove(ctx, row) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	if err := s.cfg.Journal.Append(ctx, b); err != nil {
		return fmt.Errorf("drop media: %w", err)
	}
	return nil
}

func (s *Store) makeRoom(ctx context.Context, floor int64, guard Guard, n *int) error {
	room, err := s.cfg.Blobs.Room()
	if err != nil || float64(room.Used) < high*capacity(room) {
		return err
	}
	kept := 0
	for more := true; more && float64(room.Used) > low*capacity(room); {
		err := guard(ctx, func(keep func(journal.Media) bool) error {
			rows, err := s.cfg.Journal.MediaOldest(ctx, floor, kept, 16)
			more = len(rows) > 0
			for _, row := range rows {
				if keep(row) {
					kept++
					continue
				}
				if err := s.unload(ctx, row); err != nil {
					return err
				}
				*n++
			}
			return err
		})
		if err != nil {
			return err
		}
		if room, err = s.cfg.Blobs.Room(); err != nil {
			return err
		}
	}
	return nil
}

// unload takes a file's content away and leaves its row.
func (s *Store) unload(ctx context.Context, row journal.Media) error {
	if err := s.Remove(ctx, row); err != nil {
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

func (s *Store) dropOrphans(ctx context.Context, n *int) error {
	if !s.orphansDue() {
		return nil
	}
	for o, err := range s.cfg.Blobs.Objects(ctx) {
		if err != nil {
			return err
		}
		if s.cfg.Now().Sub(o.Since) < orphan {
			continue
		}
		row, err := s.cfg.Journal.Media(ctx, audit.ID(o.Name))
		if err == nil && row.Stored {
			continue
		}
		if err != nil && !errors.Is(err, journal.ErrNotFound) {
			return err
		}
		if err := s.cfg.Blobs.Remove(ctx, o.Name); err != nil {
			return err
		}
		*n++
	}
	return nil
}

func (s *Store) orphansDue() bool {
	if !s.cfg.Blobs.Remote() {
		return true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	if d := now.Sub(s.searched); d >= 0 && d < orphansEvery {
		return false
	}
	s.searched = now
	return true
}

// End has the id of a file be over at once. Its content goes with the next look,
// unless a floor or a hold keeps it.
func (s *Store) End(row journal.Media) journal.Media {
	row.Until, row.FetchAt = s.cfg.Now().UnixMicro(), 0
	return row
}

// Remove takes a file's content away. Its row is the caller's.
func (s *Store) Remove(ctx context.Context, row journal.Media) error {
	return s.cfg.Blobs.Remove(ctx, blob.Name(row.ID))
}
