package pii

import (
	"cmp"
	"slices"

	"postern/policy/pii/catalog"
)

// rank orders types where two findings of one level and length overlap.
func rank(t Type) int {
	switch t {
	case TrackData:
		return 0
	case Email, WAMID, MetaToken:
		return 1
	case IBAN:
		return 2
	case CreditCard:
		return 3
	case catalog.NationalID, catalog.Passport, catalog.Licence:
		return 4
	case Phone:
		return 5
	}
	return 6
}

// stronger reports whether a wins over b where they overlap: words of lexicons
// lose to all that is likely, parts of a card to the card, then by level, then length, then type, then place.
func stronger(a, b Finding) bool {
	if ta, tb := a.Type == catalog.Term, b.Type == catalog.Term; ta != tb {
		return tb && a.Level > Possible || ta && b.Level == Possible
	}
	if wa, wb := a.holdsPart(b), b.holdsPart(a); wa != wb {
		return wa
	}
	if a.Level != b.Level {
		return a.Level > b.Level
	}
	if la, lb := a.End-a.Start, b.End-b.Start; la != lb {
		return la > lb
	}
	if ra, rb := rank(a.Type), rank(b.Type); ra != rb {
		return ra < rb
	}
	return a.Start < b.Start
}

// holdsPart reports a card of which the other finding is a part: groups of a card pass
// for numbers of many other things.
func (f Finding) holdsPart(o Finding) bool {
	return f.Type == CreditCard && f.Level >= Likely && o.Start >= f.Start && o.End <= f.End && o.End-o.Start < f.End-f.Start && rank(o.Type) > rank(CreditCard)
}

// maxCluster is how many findings that overlap in a chain are weighed against
// each other; a longer chain is cut, so that time stays linear.
const maxCluster = 64

// resolve removes from f[base:] what overlaps something stronger and orders
// the rest by place. The result depends on the set alone.
func resolve(f []Finding, base int) []Finding {
	if len(f)-base < 2 {
		return f
	}
	sortByPlace(f[base:])
	kept := f[:base]
	for i := base; i < len(f); {
		end, j := f[i].End, i+1
		for j < len(f) && f[j].Start < end && j-i < maxCluster {
			end = max(end, f[j].End)
			j++
		}
		kept = strongest(kept, f[i:j])
		for i = j; i < len(f) && len(kept) > base && f[i].Start < kept[len(kept)-1].End; i++ {
		}
	}
	return kept
}

// strongest appends the findings of one cluster that overlap nothing stronger.
func strongest(kept, cluster []Finding) []Finding {
	if len(cluster) == 1 {
		return append(kept, cluster[0])
	}
	first := len(kept)
	order(cluster, stronger)
	for _, x := range cluster {
		free := true
		for i := first; i < len(kept); i++ {
			k := &kept[i]
			apart := x.Start >= k.End || x.End <= k.Start
			free = free && apart
			if x.Start == k.Start && x.End == k.End || !apart && x.Type == catalog.Term && k.Type == catalog.Term {
				k.lost(x.Entity)
			}
		}
		if free {
			kept = append(kept, x)
		}
	}
	sortByPlace(kept[first:])
	return kept
}

// lost notes an entity that the same span could be as well.
func (f *Finding) lost(entity string) {
	switch {
	case entity == f.Entity || entity == f.also[0]:
	case f.also[0] == "":
		f.also[0] = entity
	case f.also[1] == "":
		f.also[1] = entity
	}
}

// fewFound are so few findings that they are sorted by insertion.
const fewFound = 16

// sortByPlace sorts findings by where they begin; those of one place keep their order.
// Names come behind the numbers of the whole text.
func sortByPlace(f []Finding) {
	if len(f) > fewFound {
		slices.SortStableFunc(f, func(a, b Finding) int { return cmp.Compare(a.Start, b.Start) })
		return
	}
	for i := 1; i < len(f); i++ {
		for j := i; j > 0 && f[j].Start < f[j-1].Start; j-- {
			f[j], f[j-1] = f[j-1], f[j]
		}
	}
}

// order sorts by insertion: clusters are small.
func order(f []Finding, less func(a, b Finding) bool) {
	for i := 1; i < len(f); i++ {
		for j := i; j > 0 && less(f[j], f[j-1]); j-- {
			f[j], f[j-1] = f[j-1], f[j]
		}
	}
}
