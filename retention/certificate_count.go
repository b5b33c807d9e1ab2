package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"postern/audit"
)

// count adds up what went. The records of the run's steps say what was to go; a
// step that a crash cut off may have left rows, which may be held since: each
// row is looked at. What rests beside the trail was counted where it went: told
// has it by the labels of its steps, and is nil for a run that did not count.
func (r *Runner) count(ctx context.Context, c *Certificate, told map[string]int64) (Gone, error) {
	gone := Gone{Run: c.Run, Ended: c.Ended}
	sums, covered := map[Tally]int64{}, map[cover][]audit.SeqRange{}
	for labels, n := range told {
		if labels == toldKeys {
			c.Keys = n
		} else {
			sums[tallyOf(strings.Fields(labels))] += n
		}
	}
	err := r.cfg.Journal.Referring(ctx, c.Run, func(rec *audit.Record) (bool, error) {
		switch {
		case rec.Kind == audit.KindErasure:
			gone.Last = max(gone.Last, rec.Seq)
			if !rec.Subject.IsZero() && !slices.Contains(gone.Persons, rec.Subject) {
				gone.Persons = append(gone.Persons, rec.Subject)
			}
			return true, addErasure(covered, rec)
		case rec.Type == typeBeside && tallyOf(rec.Labels).Store == StoreLost: // written once they are gone
			sums[tallyOf(rec.Labels)] += rec.Code
		case told != nil || rec.Kind != audit.KindRetention:
		case rec.Type == typeKeys:
			c.Keys += rec.Code
		case rec.Type == typeBeside:
			sums[tallyOf(rec.Labels)] += rec.Code
		}
		return true, nil
	})
	if err != nil {
		return gone, fmt.Errorf("count what went: %w", err)
	}
	gone.Keys = c.Keys
	byParts := map[string][]audit.SeqRange{}
	for k, ranges := range covered {
		went, err := r.wentOf(ctx, k.parts, ranges)
		if err != nil {
			return gone, err
		}
		for _, of := range went.Ranges {
			sums[k.Tally] += int64(of.Last - of.First + 1) //nolint:gosec // far below 2^63
		}
		byParts[k.parts] = append(byParts[k.parts], went.Ranges...)
	}
	for _, parts := range slices.Sorted(maps.Keys(byParts)) {
		e := audit.Erasure{Version: 1, Reason: "retention", Parts: strings.Split(parts, ",")}
		if e.Ranges, _ = joined(byParts[parts], nil); len(e.Ranges) > 0 {
			gone.Erasures = append(gone.Erasures, e)
		}
	}
	c.Gone = tallied(sums)
	return gone, nil
}

// cover is what erasures have in common that are counted together.
type cover struct {
	Tally
	parts string // with commas
}

func addErasure(to map[cover][]audit.SeqRange, rec *audit.Record) error {
	at := slices.IndexFunc(rec.Parts, func(p audit.Part) bool { return p.Name == audit.PartDetail })
	if at < 0 {
		return errors.New("an erasure record has no detail: verify the journal")
	}
	e, err := audit.DecodeErasure(rec.Parts[at].Body)
	if err != nil {
		return err
	}
	k := cover{tallyOf(rec.Labels), strings.Join(e.Parts, ",")}
	to[k] = append(to[k], e.Ranges...)
	return nil
}

// wentOf are the records that are really without the parts. One that two steps
// covered is there once.
func (r *Runner) wentOf(ctx context.Context, parts string, ranges []audit.SeqRange) (audit.Erasure, error) {
	e := audit.Erasure{Version: 1, Parts: strings.Split(parts, ",")}
	e.Ranges, _ = joined(ranges, nil)
	went, err := r.cfg.Journal.Went(ctx, e)
	if err != nil {
		return e, fmt.Errorf("look whether it is gone: %w", err)
	}
	return went, nil
}

func tallied(sums map[Tally]int64) []Tally {
	out := make([]Tally, 0, len(sums))
	for t, n := range sums {
		t.Count = n
		out = append(out, t)
	}
	slices.SortFunc(out, func(a, b Tally) int {
		return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Class, b.Class), cmp.Compare(a.Store, b.Store), cmp.Compare(a.Action, b.Action))
	})
	return out
}

func tallyOf(labels []string) Tally {
	var t Tally
	for _, l := range labels {
		name, value, _ := strings.Cut(l, ":")
		switch name {
		case "store":
			t.Store = Store(value)
		case "class":
			t.Class = value
		case "action":
			t.Action = Action(value)
		case "day":
			t.Day = value
		}
	}
	return t
}
