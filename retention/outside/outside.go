// Package outside copies what has to outlive the store to a bucket: each signed
// checkpoint, an object of its own, and the log of erasures, in pieces.
//
// # What lies where
//
//	checkpoints/CHAIN/SIZE.checkpoint   a signed note; CHAIN with = for each slash, SIZE with 20 digits
//	erasures/STORE/FIRST.jsonl          lines of the log from number FIRST (20 digits) on
//
// The pieces of a log in the order of their names are the file
// erasures/STORE.jsonl in the folder of checkpoints. What is there is never
// written over, but for an object whose writing was not confirmed.
//
// # How it fails
//
// The folder of checkpoints is durable first, and nobody waits for the bucket.
// What was not copied yet is found again in the journal and the log, which are
// the queue: of them at most 256 notes and about 1 MiB of lines are in memory.
// A bucket that is away is tried again. One that knows of more than the store,
// or of another log, is left as it is ([ErrDiverged]): somebody put the store
// or the folder back to an earlier state.
package outside

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"postern/audit/blob"
	"postern/audit/journal"
	"postern/retention/backup"
)

// ErrDiverged says that the bucket holds what the store does not know of.
var ErrDiverged = errors.New("the bucket of checkpoints and this store have parted")

const (
	someNotes = 256
	someLines = 1 << 20
)

// Config is what a Copy stands on.
type Config struct {
	To      blob.Bucket
	Journal *journal.Journal
	Log     *backup.Log
	Store   string // the keystore's id
}

// Copy keeps a bucket in step. Step is called by one goroutine.
type Copy struct {
	cfg   Config
	after uint64            // size of the last note that was looked at
	sizes map[string]uint64 // by folder of a chain, of the largest note that is there
	lines *backup.Lines     // nil before the bucket was looked at
}

// New asks nobody yet.
func New(cfg Config) *Copy { return &Copy{cfg: cfg, sizes: map[string]uint64{}} }

// Step copies some of what is not there; more says that there is more. Notes
// and lines do not wait for each other.
func (c *Copy) Step(ctx context.Context) (more bool, err error) {
	notes, err := c.stepNotes(ctx)
	lines, err2 := c.stepLines(ctx)
	return notes || lines, errors.Join(err, err2)
}

func (c *Copy) stepNotes(ctx context.Context) (more bool, err error) {
	all, err := c.cfg.Journal.CheckpointsAfter(ctx, c.after, someNotes)
	if err != nil {
		return false, fmt.Errorf("read checkpoints: %w", err)
	}
	for _, s := range all {
		if err := c.keep(ctx, s); err != nil {
			return false, fmt.Errorf("copy a checkpoint: %w", err)
		}
		c.after = s.Size
	}
	return len(all) == someNotes, nil
}

func (c *Copy) keep(ctx context.Context, s journal.Signed) error {
	chain, _, _ := bytes.Cut(s.Note, []byte("\n"))
	dir := "checkpoints/" + strings.ReplaceAll(string(chain), "/", "=") + "/"
	there, known := c.sizes[dir]
	if !known {
		var err error
		if there, _, err = c.newest(ctx, dir, ".checkpoint"); err != nil {
			return err
		}
		if head := c.cfg.Journal.Head(); there > head.Size && string(chain) == head.Chain {
			return fmt.Errorf("%w: it has a checkpoint over %d records, the store has %d; compare with postern audit verify --against a copy of it", ErrDiverged, there, head.Size)
		}
		c.sizes[dir] = there
	}
	if s.Size <= there {
		return nil
	}
	if err := c.put(ctx, dir, s.Size, ".checkpoint", s.Note); err != nil {
		return err
	}
	c.sizes[dir] = s.Size
	return nil
}

func (c *Copy) stepLines(ctx context.Context) (more bool, err error) {
	dir := "erasures/" + c.cfg.Store + "/"
	if c.lines == nil {
		if c.lines, err = c.begin(ctx, dir); err != nil {
			return false, fmt.Errorf("copy the log of erasures: %w", err)
		}
	}
	piece, err := c.lines.Next(someLines)
	if err != nil {
		return false, err
	}
	if len(piece.Raw) == 0 {
		return false, nil
	}
	if err := c.put(ctx, dir, piece.First, ".jsonl", piece.Raw); err != nil {
		return false, fmt.Errorf("copy the log of erasures: %w", err)
	}
	c.lines.Pass(piece)
	return c.cfg.Log.Mark().N > piece.Last, nil
}

// begin finds up to where the bucket has the log, and holds it against ours.
func (c *Copy) begin(ctx context.Context, dir string) (*backup.Lines, error) {
	first, some, err := c.newest(ctx, dir, ".jsonl")
	if err != nil {
		return nil, err
	}
	if !some {
		return c.cfg.Log.Lines(nil)
	}
	last, _, err := c.cfg.To.Get(ctx, key(dir, first, ".jsonl"))
	if err != nil {
		return nil, err
	}
	mark, err := backup.EndOf(last)
	if err = errors.Join(err, last.Close()); err != nil {
		return nil, err
	}
	lines, err := c.cfg.Log.Lines(&mark)
	if errors.Is(err, backup.ErrLog) {
		err = fmt.Errorf("%w: %w; bring the log back from the bucket, or take another prefix", ErrDiverged, err)
	}
	return lines, err
}

// newest is the largest number that the names below dir have; some says whether
// there is one.
func (c *Copy) newest(ctx context.Context, dir, ending string) (n uint64, some bool, err error) {
	for o, err := range c.cfg.To.List(ctx, dir) {
		if err != nil {
			return 0, false, err
		}
		name := strings.TrimSuffix(strings.TrimPrefix(o.Key, dir), ending)
		at, err := strconv.ParseUint(name, 10, 64)
		if err == nil && o.Key == key(dir, at, ending) {
			n, some = max(n, at), true
		}
	}
	return n, some, nil
}

func key(dir string, n uint64, ending string) string { return fmt.Sprintf("%s%020d%s", dir, n, ending) }

func (c *Copy) put(ctx context.Context, dir string, n uint64, ending string, content []byte) error {
	return c.cfg.To.Put(ctx, blob.Written{Key: key(dir, n, ending), Size: int64(len(content)), Content: bytes.NewReader(content)})
}
