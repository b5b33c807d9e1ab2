package retention

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"postern/audit"
)

// Source is the store that a plan is made over.
type Source interface {
	// State says what holds for the whole store, as of now.
	State(ctx context.Context, now time.Time) (State, error)
	// Items calls fn for each row from record seq on with a time before the given
	// one (microseconds): records in the chain's order, then files, webhooks,
	// facts that ended and persons of whom nothing else is left.
	// Start is not set.
	Items(ctx context.Context, from uint64, before int64, fn func(Item) error) error
	// Start is when a clock that is not the record's began for the item's person,
	// microseconds; 0 while it has not.
	Start(ctx context.Context, it Item, clock Clock, now time.Time) (int64, error)
	// Told is what the item's person was told of the class.
	Told(ctx context.Context, it Item) (Notice, error)
}

// State is what holds for the whole store.
type State struct {
	Newest    int64             // time of the newest record, microseconds; 0: there is none
	Before    int64             // of the newest one older than trustAfter; 0: there is none
	Jumped    int64             // of the newest record within trustAfter that says the clock jumped far ahead; 0: there is none
	Passed    map[string]uint64 // by follower: the first record that it has not passed
	Behind    map[string]int64  // by follower that has not passed all: the time of that record, microseconds
	Unsettled uint64            // the lowest admission without outcome; records from it on are not purged
	InForce   map[audit.ID]bool // records that prove a fact which holds
	Cold      bool              // there is cold storage to move records to
	// Open are persons with a request that is not answered, or whose data may only
	// be kept, with the word for it.
	Open map[audit.SubjectID]string
}

// Plan says what is due to go and what stays that else would, as counts. Whoever
// has to be told is named by subject id.
type Plan struct {
	At       int64  `json:"at"`       // microseconds
	Revision string `json:"revision"` // of the policy
	// Refused says why nothing at all is planned: the clock can not be believed.
	Refused string `json:"refused,omitempty"`
	Due     []Due  `json:"due"`
	Kept    []Kept `json:"kept"`
	// Untold are persons who have to be told before their data goes.
	Untold []Untold `json:"untold"`
	// Obstacles stand in the way of a run now. Who asks for the plan adds them.
	Obstacles []Obstacle `json:"obstacles,omitempty"`
	Notes     []Note     `json:"notes"`
}

// Due counts what is due by class, store, action and day of the rows.
type Due struct {
	Class  string `json:"class"`
	Store  Store  `json:"store"`
	Action Action `json:"action"`
	Day    string `json:"day"`
	Count  int    `json:"count"`
}

// Kept counts what is old enough to go and stays. One row may be kept by several.
type Kept struct {
	Class string `json:"class"`
	Store Store  `json:"store"`
	By    string `json:"by"`   // KeptBy...
	Name  string `json:"name"` // of the hold's matter, clause, follower or request; of a notice how it stands
	Count int    `json:"count"`
}

// What keeps a row.
const (
	KeptByHold     = "hold"
	KeptByFloor    = "floor"
	KeptByFollower = "follower" // another store has not got it yet
	KeptByRequest  = "request"  // a person's request is open, or processing is restricted
	KeptByNotice   = "notice"   // the person has to be told first, so long before as the class says
	KeptByProof    = "proof"    // the proof of other records rests on it, or of what was kept and why
)

// MakePlan judges every row that is old enough. It is pure: what it says depends
// on the policy, the holds (nil: there are none), the time and the sources alone.
// Of other sources than the first one that cannot be reached is noted.
func MakePlan(ctx context.Context, p Policy, holds *Holds, now time.Time, src Source, also ...Source) (Plan, error) {
	out := Plan{At: now.UnixMicro(), Revision: p.Revision, Due: []Due{}, Kept: []Kept{}, Notes: append([]Note{}, p.Notes...)}
	due, kept, tell := map[Due]int{}, map[Kept]int{}, untold{}
	ahead := func(c Class) time.Time { return c.Ahead(now, time.Time{}) }
	refused, err := p.eachOf(ctx, holds, now, ahead, append([]Source{src}, also...), func(it Item, f Fate) error {
		c := p.Classes[it.Class]
		tell.add(it, c, f, ahead(c))
		if f.Action != "" {
			due[Due{Class: it.Class, Store: it.Store, Action: f.Action, Day: time.UnixMicro(it.Time).UTC().Format(time.DateOnly)}]++
		}
		for _, k := range f.Kept {
			kept[Kept{Class: it.Class, Store: it.Store, By: k.By, Name: k.Name}]++
		}
		return nil
	})
	switch {
	case errors.Is(err, ErrUnreached) && len(also) > 0:
		out.Notes = append(out.Notes, Note{Field: "lost", Text: "what ClickHouse has of records that this store lost when it was restored could not be looked at"})
	case err != nil:
		return Plan{}, fmt.Errorf("plan retention: %w", err)
	}
	out.Refused, out.Untold = refused, tell.list()
	for d, n := range due {
		d.Count = n
		out.Due = append(out.Due, d)
	}
	for k, n := range kept {
		k.Count = n
		out.Kept = append(out.Kept, k)
	}
	slices.SortFunc(out.Due, func(a, b Due) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.Day, b.Day), cmp.Compare(a.Store, b.Store), cmp.Compare(a.Action, b.Action))
	})
	slices.SortFunc(out.Kept, func(a, b Kept) int {
		return cmp.Or(cmp.Compare(a.Class, b.Class), cmp.Compare(a.By, b.By), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Store, b.Store))
	})
	return out, nil
}

// Each calls fn for each row from record seq on whose days are over, with what
// is to become of it. Where refused is not empty the clock can not be believed
// and fn was not called.
func (p Policy) Each(ctx context.Context, holds *Holds, now time.Time, src Source, from uint64, fn func(Item, Fate) error) (refused string, err error) {
	return p.each(ctx, holds, now, func(Class) time.Time { return now }, src, from, fn)
}

// eachOf is each over several sources, the first of which decides whether the
// clock can be believed.
func (p Policy) eachOf(ctx context.Context, holds *Holds, now time.Time, ahead func(Class) time.Time, all []Source, fn func(Item, Fate) error) (refused string, err error) {
	for _, src := range all {
		if refused, err = p.each(ctx, holds, now, ahead, src, 0, fn); refused != "" || err != nil {
			return refused, err
		}
	}
	return "", nil
}

// each looks at rows whose days are over up to a time that ahead gives for each
// class: at those after now only for whom has to be told.
func (p Policy) each(ctx context.Context, holds *Holds, now time.Time, ahead func(Class) time.Time, src Source, from uint64, fn func(Item, Fate) error) (refused string, err error) {
	state, err := src.State(ctx, now)
	if err != nil {
		return "", err
	}
	if refused = state.distrust(now); refused != "" {
		return refused, nil
	}
	before, any := p.oldest(ahead)
	if !any {
		return "", nil
	}
	j := judge{p: p, now: now.UnixMicro(), ahead: ahead, state: state, holds: holds, src: src, told: map[toldKey]Notice{}}
	return "", src.Items(ctx, from, before, func(it Item) error {
		c := p.Classes[it.Class]
		if it.Start = it.Time; j.over(it, c) {
			var err error
			if it.Start, err = start(ctx, src, it, c.Clock, now); err != nil {
				return err
			}
		}
		f := j.fate(it, c)
		if f.Action != "" && c.NoticeHours > 0 {
			var err error
			if f, err = j.announced(ctx, it, c, f); err != nil {
				return err
			}
		}
		if f.Action == "" && len(f.Kept) == 0 && f.tell.IsZero() {
			return nil
		}
		return fn(it, f)
	})
}

// How far the trail may lie behind before nothing is planned: either the clock
// jumped ahead, or the machine stood still, which can not be told apart.
const (
	maxGap     = 10 * 24 * time.Hour
	trustAfter = 7 * 24 * time.Hour // a week of records vouches for the clock
)

func (s State) distrust(now time.Time) string {
	at := now.UnixMicro()
	switch {
	case s.Newest == 0:
		return ""
	case at-s.Newest > maxGap.Microseconds():
		return fmt.Sprintf("the newest record is of %s, more than %d days before the time of this plan: nothing is planned", day(s.Newest), int(maxGap.Hours()/24))
	case s.Newest-at > trustAfter.Microseconds():
		return fmt.Sprintf("the newest record is of %s, after the time of this plan: nothing is planned until the clock is right", day(s.Newest))
	case s.Jumped != 0:
		return fmt.Sprintf("the clock jumped ahead by more than an hour, as recorded on %s: nothing is planned until a week of records vouches for the clock", day(s.Jumped))
	case s.Before != 0 && at-s.Before > maxGap.Microseconds():
		return fmt.Sprintf("before this week the newest record is of %s, more than %d days ago: the clock jumped, or nothing ran; nothing is planned until a week of records vouches for the clock", day(s.Before), int(maxGap.Hours()/24))
	}
	return ""
}

func day(at int64) string { return time.UnixMicro(at).UTC().Format(time.DateOnly) }
