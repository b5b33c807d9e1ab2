package backup

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// A restored store keeps here where its chain began, until the log of erasures
// says so, too.
const (
	scopeLog = "erasure_log"
	keyBegan = "began"
)

// began is the row of a chain that goes on after a restoration.
func (out *Restored) began(at int64) (journal.Setting, error) {
	value, err := json.Marshal(Erased{Chain: out.Chain, From: out.Manifest.Chain, Size: out.Records})
	return journal.Setting{Scope: scopeLog, Key: keyBegan, Value: value, Time: at}, err
}

// GoOn has the log say where the chain of a restored store began, before it
// names places in it, and what erasures that were cut off did not take. It is
// called when the store is opened, before anything new is erased, and may be again.
func (l *Log) GoOn(ctx context.Context, j *journal.Journal, at int64) error {
	return errors.Join(l.goOn(ctx, j, at), l.takeBack(ctx, j, at))
}

func (l *Log) goOn(ctx context.Context, j *journal.Journal, at int64) error {
	rows, err := j.Settings(ctx, scopeLog)
	if err != nil {
		return fmt.Errorf("look where the chain began: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, row := range rows {
		var line Erased
		if err := json.Unmarshal(row.Value, &line); err != nil || line.From == "" {
			return fmt.Errorf("%w cannot go on: the store does not say where its chain began; verify the journal", ErrLog)
		}
		if l.began[line.Chain] {
			continue
		}
		line.N, line.Prev, line.Time = l.mark.N+1, l.mark.Hash, at
		if err := l.write(line); err != nil {
			return err
		}
	}
	return nil
}

// lineage says how many records of a backup other chains have, too. Behind them
// a number names another record.
type lineage struct {
	ends  map[string]uint64 // by the names that the backup's chain has had
	began map[string]Erased // by chain, as the log says
}

func newLineage(c *Checked, lines []Erased) lineage {
	l := lineage{ends: map[string]uint64{c.Manifest.Chain: c.Records}, began: map[string]Erased{}}
	for _, s := range c.Report.Restored {
		l.ends[s.From] = s.Size
	}
	for _, e := range lines {
		if e.From != "" {
			l.began[e.Chain] = e
		}
	}
	return l
}

func (l lineage) shared(chain string) (uint64, error) {
	most, at := uint64(math.MaxUint64), chain
	for range len(l.began) + 1 {
		if end, ok := l.ends[at]; ok {
			return min(most, end), nil
		}
		e, ok := l.began[at]
		if !ok {
			break
		}
		most, at = min(most, e.Size), e.From
	}
	return 0, fmt.Errorf("%w does not say where chain %s began", ErrLog, chain)
}

// within are the erasures with the places that the backup has.
func (l lineage) within(lines []Erased) ([]Erased, error) {
	out := []Erased{}
	for _, e := range lines {
		if e.From != "" {
			continue
		}
		size, err := l.shared(e.Chain)
		if err != nil {
			return nil, err
		}
		e.Ranges = before(e.Ranges, size)
		out = append(out, e)
	}
	return out, nil
}

// lost are the erasures of records that the backup does not have, by the chain
// that the records are of: another store of the trail may have them.
func (l lineage) lost(lines []Erased) (out []retention.LostErasure) {
	for _, e := range lines {
		ranges, at := e.Ranges, e.Chain
		for range len(l.began) + 1 {
			begin := l.began[at] // the zero value for the first chain of all
			if theirs := behind(ranges, max(begin.Size, l.ends[at])); len(theirs) > 0 {
				out = append(out, retention.LostErasure{Chain: at, Parts: e.Parts, Ranges: theirs})
			}
			if begin.From == "" {
				break
			}
			ranges, at = before(ranges, begin.Size), begin.From
		}
	}
	return out
}

// behind are the places from a number on.
func behind(ranges []audit.SeqRange, size uint64) (out []audit.SeqRange) {
	for _, r := range ranges {
		if r.Last >= size {
			out = append(out, audit.SeqRange{First: max(r.First, size), Last: r.Last})
		}
	}
	return out
}

// before are the places below a number.
func before(ranges []audit.SeqRange, size uint64) (out []audit.SeqRange) {
	for _, r := range ranges {
		if r.First < size {
			out = append(out, audit.SeqRange{First: r.First, Last: min(r.Last, size-1)})
		}
	}
	return out
}
