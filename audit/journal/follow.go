package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	"postern/audit"
)

// followerScope is the scope of the settings that keep cursors.
const followerScope = "follower"

// followBytes bounds what Next reads at once, so that records with large parts
// make shorter batches and not a larger process.
const followBytes = 32 << 20

// Cursor says how far a follower is. Next is the first record it has not passed.
type Cursor struct {
	Name string
	Next uint64
	Time int64 // when it was last moved, microseconds
}

// Follower reads the chain in its order for another store. It sees every record
// at least once, and exactly once where each batch is committed before a crash.
// Use it from one goroutine; Cursor and Lag from any.
type Follower struct {
	j    *Journal
	name string

	mu     sync.Mutex // guards cursor
	cursor uint64
}

// Follow opens the follower of that name at its cursor; a new one begins at
// record 0, and from then on a purge waits for it until Unfollow. One name is
// followed once at a time.
func (j *Journal) Follow(ctx context.Context, name string) (*Follower, error) {
	if name == "" {
		return nil, fmt.Errorf("follow journal: %w: a follower needs a name", ErrInvalid)
	}
	cursors, err := j.Followers(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range cursors {
		if c.Name != name {
			continue
		}
		if c.Next > j.Head().Size {
			return nil, fmt.Errorf("follow journal: %w: the cursor of a follower is beyond the end of the chain", ErrDamaged)
		}
		return &Follower{j: j, name: name, cursor: c.Next}, nil
	}
	f := &Follower{j: j, name: name}
	if err := j.Append(ctx, Batch{Settings: []Setting{f.setting(0)}}); err != nil {
		return nil, fmt.Errorf("note follower: %w", err)
	}
	return f, nil
}

// Followers lists who follows, by name, with their durable cursors.
func (j *Journal) Followers(ctx context.Context) ([]Cursor, error) {
	settings, err := j.Settings(ctx, followerScope)
	if err != nil {
		return nil, err
	}
	var out []Cursor
	for _, s := range settings {
		next, err := strconv.ParseUint(string(s.Value), 10, 63)
		if err != nil {
			return nil, fmt.Errorf("read cursor of a follower: %w: it is not a number", ErrDamaged)
		}
		out = append(out, Cursor{Name: s.Key, Next: next, Time: s.Time})
	}
	return out, nil
}

// Cursor is the durable cursor of a follower, and whether there is such a one.
func (r *Reader) Cursor(ctx context.Context, name string) (next uint64, found bool, err error) {
	err = r.view(ctx, func(c *conn) error {
		return c.query("SELECT value FROM settings WHERE scope = ? AND key = ?", func(row []driver.Value) error {
			found = true
			if next, err = strconv.ParseUint(string(asBytes(row[0])), 10, 63); err != nil {
				return fmt.Errorf("%w: the cursor of a follower is no number", ErrDamaged)
			}
			return nil
		}, followerScope, name)
	})
	if err != nil {
		return 0, false, fmt.Errorf("read cursor: %w", err)
	}
	return next, found, nil
}

// Unfollow forgets a follower that is no more configured: nothing waits for it.
func (j *Journal) Unfollow(ctx context.Context, name string) error {
	err := j.Append(ctx, Batch{Settings: []Setting{{Scope: followerScope, Key: name}}})
	if err != nil {
		return fmt.Errorf("forget follower: %w", err)
	}
	return nil
}

// Chain is the name of the chain that is followed.
func (f *Follower) Chain() string { return f.j.cfg.Chain }

// Cursor is the first record that was not committed yet.
func (f *Follower) Cursor() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cursor
}

// Next returns the records from the cursor on, at most max of them and 32 MiB.
// It waits while there is none, and up to wait for company once there is one.
// The caller owns the records, but not their lists of words, which it may only
// read. It ends with the cause of ctx, or ErrClosed.
func (f *Follower) Next(ctx context.Context, max int, wait time.Duration) ([]audit.Record, error) {
	return f.NextFrom(ctx, f.Cursor(), max, wait)
}

// NextFrom is Next for a caller that reads ahead of its cursor.
func (f *Follower) NextFrom(ctx context.Context, from uint64, max int, wait time.Duration) ([]audit.Record, error) {
	var out []audit.Record
	bytes := 0
	err := f.Each(ctx, from, max, wait, func(r *audit.Record) (bool, error) {
		out = append(out, clone(r))
		bytes += weight(r)
		return bytes > followBytes, nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Each calls fn for each record that NextFrom would give, until fn has enough or
// fails. The record is reused: fn must not keep it.
func (f *Follower) Each(ctx context.Context, from uint64, max int, wait time.Duration, fn func(*audit.Record) (enough bool, err error)) error {
	until, err := f.j.await(ctx, from, uint64(max), wait) //nolint:gosec // a positive count
	if err != nil {
		return err
	}
	next := from
	err = f.j.view(ctx, func(c *conn) error {
		return readRange(ctx, c, from, until, func(r *audit.Record) error {
			if r.Seq != next {
				return fmt.Errorf("%w: record %d is missing; verify the trail", ErrDamaged, next)
			}
			next++
			enough, err := fn(r)
			if err == nil && enough {
				err = errEnough
			}
			return err
		})
	})
	switch {
	case err != nil && !errors.Is(err, errEnough):
		return fmt.Errorf("follow journal: %w", err)
	case next == from:
		return fmt.Errorf("follow journal: %w: record %d is missing; verify the trail", ErrDamaged, from)
	}
	return nil
}

var errEnough = errors.New("enough")

// weight is about how many bytes of memory a record takes.
func weight(r *audit.Record) int {
	n := 1024
	for i := range r.Parts {
		n += len(r.Parts[i].Body)
	}
	return n
}

// await waits for records from from on and returns the end of the range to
// read: with n of them, or fewer once the first has waited that long.
func (j *Journal) await(ctx context.Context, from, n uint64, wait time.Duration) (until uint64, err error) {
	var late <-chan time.Time
	for {
		size, grown := j.growth()
		switch {
		case size >= from+n:
			return from + n, nil
		case size > from && late == nil:
			timer := time.NewTimer(wait)
			defer timer.Stop()
			late = timer.C
		}
		select {
		case <-grown:
		case <-late:
			return size, nil
		case <-j.stop:
			return 0, ErrClosed
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
}

// growth is the size of the chain and what is closed at the next commit.
func (j *Journal) growth() (uint64, <-chan struct{}) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.grown == nil {
		j.grown = make(chan struct{})
	}
	return j.head.Size, j.grown
}

// grew wakes who waits for records. The caller holds mu.
func (j *Journal) grew() {
	if j.grown != nil {
		close(j.grown)
		j.grown = nil
	}
}

// Commit moves the cursor: every record below next is where it belongs. The
// row rides with the next transaction, so after a crash some records may come
// again. Where the journal cannot write, the cursor moves in memory all the
// same and the error says that it is not durable yet; the next Commit makes it so.
func (f *Follower) Commit(ctx context.Context, next uint64) error {
	if next > f.j.Head().Size {
		return fmt.Errorf("commit cursor: %w: it is beyond the end of the chain", ErrInvalid)
	}
	f.mu.Lock()
	if next < f.cursor {
		f.mu.Unlock()
		return fmt.Errorf("commit cursor: %w: it goes back", ErrInvalid)
	}
	f.cursor = next
	f.mu.Unlock()
	if err := f.j.Append(ctx, Batch{Lazy: true, Settings: []Setting{f.setting(next)}}); err != nil {
		return fmt.Errorf("commit cursor: %w", err)
	}
	return nil
}

func (f *Follower) setting(next uint64) Setting {
	return Setting{Scope: followerScope, Key: f.name, Value: strconv.AppendUint(nil, next, 10), Time: f.j.cfg.Now().UnixMicro()}
}

// Lag is how many records are not committed and how long the oldest of them
// waits. The age is 0 where it cannot be read.
func (f *Follower) Lag() (records uint64, age time.Duration) {
	cursor := f.Cursor()
	size := f.j.Head().Size
	if size <= cursor {
		return 0, 0
	}
	at, err := one(context.Background(), f.j, "SELECT time FROM records WHERE seq = ?",
		func(row []driver.Value) int64 { return asInt(row[0]) }, int64(cursor)) //nolint:gosec // far below 2^63
	if err != nil {
		return size - cursor, 0
	}
	return size - cursor, max(0, f.j.cfg.Now().Sub(time.UnixMicro(at)))
}
