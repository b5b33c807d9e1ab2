package journal

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"postern/audit"
)

// Rewind moves the cursor of a follower to next, which then has the records
// from there on again, and records why in the same transaction. Nobody may
// follow under that name meanwhile, and the caller sees to it that next does not
// lie ahead of the cursor. ErrNotFound: there is no such follower.
func (j *Journal) Rewind(ctx context.Context, name string, next uint64, why audit.Record) error {
	cursors, err := j.Followers(ctx)
	if err != nil {
		return err
	}
	if !slices.ContainsFunc(cursors, func(c Cursor) bool { return c.Name == name }) {
		return fmt.Errorf("rewind follower: %w", ErrNotFound)
	}
	if next > j.Head().Size {
		return fmt.Errorf("rewind follower: %w: the record lies beyond the end of the chain", ErrInvalid)
	}
	value := Setting{Scope: followerScope, Key: name, Value: strconv.AppendUint(nil, next, 10), Time: j.cfg.Now().UnixMicro()}
	return j.Append(ctx, Batch{Records: []audit.Record{why}, Settings: []Setting{value}})
}
