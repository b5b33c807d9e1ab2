package retention

import (
	"maps"
	"math"
	"slices"
	"time"

	"postern/audit"
)

// Fate is what is to become of a row whose days are over. Where anything keeps
// it there is no action.
type Fate struct {
	Action Action
	Kept   []Keeper

	tell audit.SubjectID // who has to be told before; zero: nobody
}

// Keeper is what keeps a row.
type Keeper struct {
	By, Name string
	Until    int64 // microseconds; 0: not known
}

const aDay = 24 * time.Hour

func days(n int) int64 { return int64(n) * aDay.Microseconds() }

// oldest is before when a row must be to be looked at in any class.
func (p Policy) oldest(ahead func(Class) time.Time) (before int64, any bool) {
	for _, c := range p.Classes {
		if c.Days > 0 {
			before, any = max(before, ahead(c).UnixMicro()-days(c.Days)), true
		}
	}
	return before, any
}

// Floor says which clause keeps a row that somebody wants gone, and until when
// (microseconds). Whoever erases for another reason than age asks here.
func (p Policy) Floor(it Item, now time.Time) (k Keeper, kept bool) {
	c := p.Classes[it.Class]
	until := it.Time + days(c.Floor)
	return Keeper{By: KeptByFloor, Name: c.FloorBy, Until: until}, c.Floor > 0 && now.UnixMicro() < until
}

// FloorFrom is from when on the floor of a class keeps what was made,
// microseconds; without a floor nothing is old enough. What has to be announced
// stays for the days of the class.
func (p Policy) FloorFrom(class string, now time.Time) int64 {
	c := p.Classes[class]
	if c.announces() {
		return now.UnixMicro() - days(max(c.Floor, c.Days))
	}
	if c.Floor > 0 {
		return now.UnixMicro() - days(c.Floor)
	}
	return math.MaxInt64
}

// judge holds what does not change while a plan is made.
type judge struct {
	p     Policy
	now   int64
	ahead func(Class) time.Time // until when a class is looked at
	state State
	holds *Holds
	src   Source
	told  map[toldKey]Notice // what src said
}

// end is before when the days of a class must be over to be looked at.
func (j *judge) end(c Class) int64 { return j.ahead(c).UnixMicro() }

// over reports whether the days of the class are over since the item's own time.
func (j *judge) over(it Item, c Class) bool { return c.Days > 0 && it.Time+days(c.Days) < j.end(c) }

// fate is the zero Fate for a row that is not due: a class that nothing
// describes, days that are not over, a clock that has not begun, nothing left.
func (j *judge) fate(it Item, c Class) Fate {
	action := c.Action
	switch {
	case it.Orphan && action == ActionCold: // it follows what it belongs to
	case it.Orphan: // what it belongs to is gone
		action = ActionPurge
	case !j.over(it, c) || it.Start == 0 || it.Start+days(c.Days) >= j.end(c):
		return Fate{}
	case j.keepsRest(it):
		return Fate{}
	}
	if action == ActionErase && it.Bare || action == "" {
		return Fate{}
	}
	if kept := j.keepers(it, action); len(kept) > 0 {
		return Fate{Kept: kept}
	}
	return Fate{Action: action}
}

func (j *judge) keepers(it Item, action Action) []Keeper {
	var out []Keeper
	if j.holds != nil {
		for _, of := range append([]Item{it}, it.rests...) {
			for _, h := range j.holds.Holding(of) {
				if k := (Keeper{By: KeptByHold, Name: h.Matter}); !slices.Contains(out, k) {
					out = append(out, k)
				}
			}
		}
	}
	if k, kept := j.p.Floor(it, time.UnixMicro(j.now)); kept {
		out = append(out, k)
	}
	if name, open := j.state.Open[it.Subject]; open && !it.Subject.IsZero() {
		out = append(out, Keeper{By: KeptByRequest, Name: name})
	}
	if it.Store == StoreLost && action == ActionCold {
		out = append(out, Keeper{By: keptByCold}) // its sealed parts are not there to be moved
	}
	if it.Store == StoreLost && action == ActionPurge && lasts(it) {
		out = append(out, Keeper{By: KeptByProof, Name: string(it.Kind)})
	}
	if it.Store != StoreRecords {
		return out
	}
	if j.state.InForce[it.Row] && (action != ActionErase || it.Kind == audit.KindConsent) {
		out = append(out, Keeper{By: keptByFact, Name: string(it.Kind)})
	}
	if action == ActionErase {
		return out
	}
	if action == ActionCold && !j.state.Cold {
		out = append(out, Keeper{By: keptByCold})
	}
	if lasts(it) {
		out = append(out, Keeper{By: KeptByProof, Name: string(it.Kind)})
	}
	if it.Seq >= j.state.Unsettled {
		out = append(out, Keeper{By: keptByOutcome})
	}
	for _, name := range slices.Sorted(maps.Keys(j.state.Passed)) {
		if it.Seq >= j.state.Passed[name] {
			out = append(out, Keeper{By: KeptByFollower, Name: name})
		}
	}
	return out
}

// lasts reports whether a record is never purged: without it nobody could say
// what was erased, held or decided by which rules.
func lasts(it Item) bool {
	return audit.Permanent(it.Kind, it.Type) || it.Kind == audit.KindRetention || it.Kind == audit.KindHold || it.Kind == audit.KindConfig
}
