package retention

import (
	"context"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
)

// Place is where what went rested, and how it stands there.
type Place struct {
	Name  string           `json:"name"`            // journal, media, clickhouse, backups, ...
	State string           `json:"state"`           // gone, pending, unknown or moved
	By    int64            `json:"by,omitempty"`    // when what is pending will be gone, microseconds
	How   string           `json:"how"`             // one sentence
	Facts map[string]int64 `json:"facts,omitempty"` // what was looked at
}

const placeMedia = "media"

// States of places.
const (
	StateGone    = "gone"
	StatePending = "pending" // still to disappear, at Place.By
	StateUnknown = "unknown" // could not be looked at
	StateMoved   = "moved"   // it was put there, and stays
)

// Gone is what went, for those who keep copies of it.
type Gone struct {
	Run      audit.ID
	Ended    int64             // microseconds
	Erasures []audit.Erasure   // one for each set of parts
	Last     uint64            // place of the last record that says so
	Keys     int64             // data keys destroyed
	Persons  []audit.SubjectID // who was erased, by one of their ids
	Before   []Place           // how places stood when they were asked last
}

// Was is how a place stood when it was asked last; the zero Place at first.
func (g *Gone) Was(name string) Place {
	for _, p := range g.Before {
		if p.Name == name {
			return p
		}
	}
	return Place{}
}

// here looks whether what went is gone from the store's own files.
func (r *Runner) here(ctx context.Context, gone Gone, traces [][]byte) (Place, error) {
	left, err := r.cfg.Journal.Look(ctx, traces)
	if err != nil {
		return Place{}, fmt.Errorf("look whether it is gone: %w", err)
	}
	return stands(left, gone, len(traces)), nil
}

// stands is what was found in the store's own files of what went, in a search for
// so many salts.
func stands(left journal.Remains, gone Gone, salts int) Place {
	here := Place{Name: "journal", State: StateGone, How: "each row was looked at; the pages and the log of the store were searched for salts of what went", Facts: map[string]int64{
		"searched_bytes": left.Bytes, "salts": int64(salts), "found": int64(left.Found), "log_bytes": left.Log, "free_pages": left.Free,
	}}
	switch {
	case left.Found > 0:
		here.State, here.How = StatePending, "some of what went is still in the store's files; the next run looks again"
	case !left.Secure:
		here.State, here.How = StateUnknown, "the store does not overwrite what rows give up"
	case salts == 0 && len(gone.Erasures) > 0:
		here.How = "each row was looked at, and the log cut; the pages were not searched for what went before this run was interrupted"
	}
	return here
}

// files says how the content of media stands, which goes after its rows.
func (r *Runner) files(ctx context.Context, c *Certificate) (Place, error) {
	out := Place{Name: placeMedia, State: StateGone, How: "no files went in this run"}
	if !slices.ContainsFunc(c.Gone, func(t Tally) bool { return t.Store == StoreMedia }) {
		return out, nil
	}
	now := r.cfg.Now()
	left, err := r.cfg.Journal.MediaOver(ctx, now.UnixMicro(), r.cfg.Policy().FloorFrom(audit.ClassMedia, now), 0, 1)
	switch {
	case err != nil:
		return out, fmt.Errorf("look whether files are gone: %w", err)
	case len(left) > 0:
		out.State, out.How = StatePending, "files that are over are still there: something keeps them, or the next cleaning takes them"
	default:
		out.How = "no file is kept any more that is over: each was removed before its row, from a bucket with every version and a look afterwards"
	}
	return out, nil
}

// movedTo says what this run moved to cold storage; false where that is nothing.
func movedTo(c *Certificate) (Place, bool) {
	n := int64(0)
	for _, t := range c.Gone {
		if t.Action == ActionCold {
			n += t.Count
		}
	}
	return Place{
		Name: "cold", State: StateMoved, Facts: map[string]int64{"records": n},
		How: "records with action cold were written there and read back before they went here; nothing of ours removes them",
	}, n > 0
}

// elsewhere asks the other places, and says which are to be asked again.
func (r *Runner) elsewhere(ctx context.Context, gone Gone) (all []Place, again []string) {
	for _, ask := range r.cfg.Elsewhere {
		place, err := ask(ctx, gone)
		if place.Name == "" {
			continue // there is none
		}
		if err != nil {
			place.State, place.By, place.How = StateUnknown, 0, "could not be asked; a later certificate says more"
		}
		if err != nil || place.State == StatePending {
			again = append(again, place.Name)
		}
		all = append(all, place)
	}
	return all, again
}
