package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"postern/audit"
)

// leftStep bounds the rows that one look holds the log back for.
const leftStep = 10_000

// Went is what an erasure on record really took: the erasure with those of its
// records alone that are without the parts now. One that a crash cut off left
// the others as they were, and something may keep them since.
func (j *Journal) Went(ctx context.Context, e audit.Erasure) (audit.Erasure, error) {
	has, err := stillHas(e.Parts)
	if err != nil {
		return e, err
	}
	all := e.Ranges
	e.Ranges = nil
	for _, of := range all {
		from := of.First
		for at := of.First; at <= of.Last && at < j.Head().Size; at += leftStep {
			left, err := rows(ctx, j, "SELECT r.seq FROM records r WHERE r.seq BETWEEN ? AND ? AND ("+has+") ORDER BY 1",
				func(row []driver.Value) uint64 { return asUint(row[0]) }, int64(at), int64(min(of.Last, at+leftStep-1))) //nolint:gosec // below the size
			if err != nil {
				return e, fmt.Errorf("look what is left: %w", err)
			}
			for _, seq := range left {
				if seq > from {
					e.Ranges = append(e.Ranges, audit.SeqRange{First: from, Last: seq - 1})
				}
				from = seq + 1
			}
		}
		if from <= of.Last {
			e.Ranges = append(e.Ranges, audit.SeqRange{First: from, Last: of.Last})
		}
	}
	return e, nil
}

// stillHas is the condition that a record still has one of the parts; of
// audit.PartRecord that it is there.
func stillHas(parts []string) (string, error) {
	if (&Erase{Parts: parts}).purges() {
		return "r.context NOT IN (SELECT id FROM contexts WHERE kind = '" + string(audit.KindPurged) + "')", nil
	}
	has := "0"
	for _, p := range parts {
		if !slices.Contains(partNames[:], p) {
			return "", fmt.Errorf("look what is left: %w: unknown part name", ErrInvalid)
		}
		has += " OR substr(r." + p + ", 1, 1) = x'01'"
	}
	return has, nil
}

// underWay are erasures from before their record is there to their last byte.
type underWay map[audit.ID]chan struct{}

// begins notes an erasure by its record; over is called when it has ended,
// however it went.
func (j *Journal) begins(record audit.ID) (over func()) {
	ended := make(chan struct{})
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.erasures == nil {
		j.erasures = make(underWay)
	}
	j.erasures[record] = ended
	return func() {
		j.mu.Lock()
		defer j.mu.Unlock()
		delete(j.erasures, record)
		close(ended)
	}
}

// Erased waits until an erasure that the follower has come to is over, and says
// what it took: a follower does the same, and no more. What it left, a later
// erasure on record takes.
func (f *Follower) Erased(ctx context.Context, record audit.ID, e audit.Erasure) (audit.Erasure, error) {
	f.j.mu.Lock()
	ended, running := f.j.erasures[record]
	f.j.mu.Unlock()
	if running {
		select {
		case <-ended:
		case <-ctx.Done():
			return audit.Erasure{}, context.Cause(ctx)
		}
	}
	return f.j.Went(ctx, e)
}
