package limit

import "hash/maphash"

// maxPairs bounds the pairs remembered where the configuration does not.
const maxPairs = 1_000_000

// pairs remembers when each number may write to each person again: 16 bytes a
// pair and what a map takes to hold them. There are two generations. The old one
// goes once everything in it is full again, which forgets nothing, or once the
// young one holds half of the bound: then the pairs go that were used the
// longest time ago, and may have their burst once more.
type pairs struct {
	pace  pace
	bound int
	seed  maphash.Seed

	young, old map[uint64]int64 // when full again, by pair
	begun      int64            // of the young generation
}

func newPairs(p pace, bound int) pairs {
	if bound <= 0 {
		bound = maxPairs
	}
	return pairs{pace: p, bound: bound, seed: maphash.MakeSeed(), young: map[uint64]int64{}}
}

// key names a pair, 0 where a message goes to nobody. Nobody outside can choose
// two that share one, and if two ever do they share a bucket.
func (p *pairs) key(m Message) uint64 {
	if m.Person == [16]byte{} {
		return 0
	}
	return maphash.Comparable(p.seed, struct {
		number string
		person [16]byte
	}{m.Number, m.Person})
}

// full is when a pair's bucket is full. Who asks again is remembered longer.
func (p *pairs) full(key uint64, now int64) int64 {
	was, young := p.young[key]
	if !young {
		var known bool
		if was, known = p.old[key]; !known {
			return now
		}
	}
	at := p.pace.sane(was, now)
	if at != was || !young && at > now {
		p.put(key, at, now)
	}
	return at
}

// take takes a token of a pair that had one.
func (p *pairs) take(key uint64, full, now int64) {
	if p.pace.every != 0 {
		p.put(key, p.pace.take(full, now), now)
	}
}

func (p *pairs) put(key uint64, full, now int64) {
	if _, known := p.young[key]; !known && (len(p.young) >= max(p.bound/2, 1) || now-p.begun > p.pace.slack+p.pace.every) {
		p.old, p.young, p.begun = p.young, map[uint64]int64{}, now
	}
	p.young[key] = full
}

func (p *pairs) len() int { return len(p.young) + len(p.old) }
