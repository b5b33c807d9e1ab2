package journal

import (
	"context"
	"database/sql/driver"
	"fmt"
	"slices"

	"postern/audit"
)

const (
	leftStep = 10_000 // bounds the rows that one look holds the log back for
	nearby   = 64     // ranges that lie so near to each other are looked at together
)

// Went is what an erasure on record really took: the erasure with those of its
// records alone that are without the parts now. One that a crash cut off left
// the others as they were, and something may keep them since. Its ranges are in
// order.
func (j *Journal) Went(ctx context.Context, e audit.Erasure) (audit.Erasure, error) {
	has, err := stillHas(e.Parts)
	if err != nil {
		return e, err
	}
	all := e.Ranges
	e.Ranges = nil
	for len(all) > 0 {
		n := 1
		for n < len(all) && all[n].First-all[n-1].Last <= nearby && all[n].Last-all[0].First < leftStep {
			n++
		}
		left, err := j.left(ctx, has, all[0].First, all[n-1].Last)
		if err != nil {
			return e, fmt.Errorf("look what is left: %w", err)
		}
		for _, of := range all[:n] {
			e.Ranges, left = without(e.Ranges, of, left)
		}
		all = all[n:]
	}
	return e, nil
}

// left are the records between two that a condition is true of, in order.
func (j *Journal) left(ctx context.Context, has string, first, last uint64) (out []uint64, err error) {
	last = min(last, max(j.Head().Size, 1)-1)
	for at := first; at <= last; at += leftStep {
		some, err := rows(ctx, j, "SELECT r.seq FROM records r WHERE r.seq BETWEEN ? AND ? AND ("+has+") ORDER BY 1",
			func(row []driver.Value) uint64 { return asUint(row[0]) }, int64(at), int64(min(last, at+leftStep-1))) //nolint:gosec // below the size
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

// without adds a range to others but for the places in left, which are in order,
// and returns those behind it.
func without(to []audit.SeqRange, of audit.SeqRange, left []uint64) ([]audit.SeqRange, []uint64) {
	from := of.First
	for ; len(left) > 0 && left[0] <= of.Last; left = left[1:] {
		if left[0] < from {
			continue // between two ranges
		}
		if left[0] > from {
			to = append(to, audit.SeqRange{First: from, Last: left[0] - 1})
		}
		from = left[0] + 1
	}
	if from <= of.Last {
		to = append(to, audit.SeqRange{First: from, Last: of.Last})
	}
	return to, left
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
