package backup

import (
	"context"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
)

// named is what a line says was erased.
func (e *Erased) named() journal.Erase {
	out := journal.Erase{Reason: e.Reason, Parts: e.Parts, Subjects: e.Subjects}
	for _, k := range e.Keys {
		out.Keys = append(out.Keys, journal.DataKey{Subject: k.Subject, Class: k.Class, Month: k.Month})
	}
	for _, g := range e.Ranges {
		for seq := g.First; seq <= g.Last; seq++ {
			out.Seqs = append(out.Seqs, seq)
		}
	}
	return out
}

// name is the inverse, without reason and parts.
func (e *Erased) name(left journal.Erase) {
	if len(left.Seqs) > 0 {
		e.Ranges = audit.NewErasure("left", e.Parts, left.Seqs).Ranges
	}
	for _, k := range left.Keys {
		e.Keys = append(e.Keys, Destroyed{Subject: k.Subject, Class: k.Class, Month: k.Month})
	}
	e.Subjects = left.Subjects
}

// takeBack has the log say what erasures that were cut off left.
func (l *Log) takeBack(ctx context.Context, j *journal.Journal, at int64) error {
	cut, err := j.CutOff(ctx)
	if err != nil || len(cut) == 0 {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	var lines []Erased
	err = readLog(l.path, func(e Erased, _ Mark) error {
		if e.Of == 0 && e.Chain == j.Head().Chain && slices.Contains(cut, e.Record) {
			lines = append(lines, e)
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, e := range lines {
		left, err := j.Left(ctx, e.named())
		if err != nil {
			return fmt.Errorf("look what an erasure left that was cut off: %w", err)
		}
		if len(left.Seqs)+len(left.Keys)+len(left.Subjects) == 0 {
			continue
		}
		back := Erased{N: l.mark.N + 1, Prev: l.mark.Hash, Time: at, Of: e.N, Chain: e.Chain, Parts: e.Parts}
		back.name(left)
		if err := l.write(back); err != nil {
			return err
		}
	}
	var over []journal.Setting
	for _, id := range cut {
		over = append(over, journal.NotBegun(id, at))
	}
	return j.Append(ctx, journal.Batch{Settings: over})
}

// takeBack leaves out of the line that another one is of what it takes back.
func takeBack(lines []Erased, back Erased) {
	i := slices.IndexFunc(lines, func(e Erased) bool { return e.N == back.Of && e.From == "" })
	if i < 0 {
		return // the backup has what it left
	}
	e := &lines[i]
	e.Ranges = without(e.Ranges, back.Ranges)
	e.Keys = slices.DeleteFunc(e.Keys, func(k Destroyed) bool { return slices.Contains(back.Keys, k) })
	e.Subjects = slices.DeleteFunc(e.Subjects, func(id audit.SubjectID) bool { return slices.Contains(back.Subjects, id) })
}

// without are the places of some ranges that others do not have.
func without(ranges, others []audit.SeqRange) (out []audit.SeqRange) {
	for _, r := range ranges {
		for _, o := range audit.JoinRanges(slices.Clone(others)) {
			if o.Last < r.First || o.First > r.Last {
				continue
			}
			if o.First > r.First {
				out = append(out, audit.SeqRange{First: r.First, Last: o.First - 1})
			}
			if r.First = o.Last + 1; r.First > r.Last {
				break
			}
		}
		if r.First <= r.Last {
			out = append(out, r)
		}
	}
	return out
}
