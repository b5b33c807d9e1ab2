package journal

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"

	"postern/audit"
)

// ErrUncovered: no signed checkpoint covers the record yet; the next one does.
var ErrUncovered = errors.New("no checkpoint covers the record yet")

// ScopeCheckpointKeys is the scope of settings that keeps statements of
// succession, by the new key's version.
const ScopeCheckpointKeys = "checkpoint_key"

// Proof shows that a record is in a tree whose root was signed.
type Proof struct {
	Path       [][32]byte // RFC 6962 audit path, leaf first
	Checkpoint []byte     // signed note
}

// Prove proves record seq against the first checkpoint that covers it, so that
// asking again gives the same answer. It reads at most two tiles a level of
// the tree and holds them against the signed root. ErrUncovered if there is no
// such checkpoint yet.
func (r *Reader) Prove(ctx context.Context, seq uint64) (Proof, error) {
	var p Proof
	err := r.view(ctx, func(c *conn) error {
		var err error
		p, err = c.prove(seq)
		return err
	})
	if err != nil {
		return Proof{}, fmt.Errorf("prove record: %w", err)
	}
	return p, nil
}

func (c *conn) prove(seq uint64) (Proof, error) {
	note, err := c.covering(seq)
	if err != nil {
		return Proof{}, err
	}
	at, err := audit.UnverifiedCheckpoint(note)
	if err != nil {
		return Proof{}, fmt.Errorf("read stored checkpoint: %w", err)
	}
	path, err := audit.ProveInclusion(c.tile, at.Size, at.Root, seq)
	if err != nil {
		return Proof{}, err
	}
	return Proof{Path: path, Checkpoint: note}, nil
}

// covering is the first checkpoint that covers record seq.
func (c *conn) covering(seq uint64) ([]byte, error) {
	var note []byte
	err := c.query("SELECT note FROM checkpoints WHERE size > ? ORDER BY size LIMIT 1", func(row []driver.Value) error {
		note = []byte(asString(row[0]))
		return nil
	}, int64(min(seq, 1<<62))) //nolint:gosec // bounded
	if err == nil && note == nil {
		err = ErrUncovered
	}
	return note, err
}

// ProveGrowth proves that the tree of size old is the beginning of the tree of
// the given size and root.
func (r *Reader) ProveGrowth(ctx context.Context, old, size uint64, root [32]byte) ([][32]byte, error) {
	var path [][32]byte
	err := r.view(ctx, func(c *conn) error {
		var err error
		path, err = audit.ProveConsistency(c.tile, size, root, old)
		return err
	})
	return path, err
}

// Record returns one record with its parts, or ErrNotFound.
func (r *Reader) Record(ctx context.Context, id audit.ID) (audit.Record, error) {
	rec, err := recordOf(ctx, r.view, id)
	if err != nil {
		return audit.Record{}, fmt.Errorf("read record: %w", err)
	}
	return rec, nil
}

// Successions are the statements about checkpoint keys, oldest first: signed
// notes for audit.FollowKeys. Nothing in them is trusted because it is here.
func (r *Reader) Successions(ctx context.Context) ([][]byte, error) {
	var out [][]byte
	err := r.view(ctx, func(c *conn) error {
		return c.query("SELECT value FROM settings WHERE scope = ? ORDER BY time, key", func(row []driver.Value) error {
			out = append(out, asBytes(row[0]))
			return nil
		}, ScopeCheckpointKeys)
	})
	if err != nil {
		return nil, fmt.Errorf("read statements of checkpoint keys: %w", err)
	}
	return out, nil
}

// Receipt is the receipt of a record, or ErrUncovered.
func (r *Reader) Receipt(ctx context.Context, rec *audit.Record) (*audit.Receipt, error) {
	p, err := r.Prove(ctx, rec.Seq)
	if err != nil {
		return nil, err
	}
	keys, err := r.Successions(ctx)
	if err != nil {
		return nil, err
	}
	return audit.NewReceipt(rec, p.Path, p.Checkpoint, keys)
}
