package facts

import (
	"iter"
	"slices"
)

// people holds what is known of each subject. All of it is numbers without a
// pointer, so that the collector has nothing to walk: with a hundred thousand
// people, walking their facts took twice as long as walking all else.
type people struct {
	of    map[personKey]person
	first []uint32 // of each person, where their facts begin; 0 for none
	slab  []*[slabSize]fact
	used  uint32 // facts of the slab that were ever used
	free  uint32 // first of those given back
}

const slabSize = 1024

type personKey struct {
	tenant  uint32
	subject Subject
}

// person is an index into people.first.
type person uint32

const nobody person = 0

// fact is one thing known of a person; there is one for each kind and key.
// Times are microseconds, words are ids of State.names.
type fact struct {
	kind          factKind
	is            bool          // consent is given, opt-out stands, link is proven
	identity      identityState // of factIdentity
	key           uint32        // category, number or scope; the other person of a link
	source, scope uint32        // scope is the zone of factZone, upstream's hash of factIdentity
	next          uint32        // the person's next fact
	at, expires   int64         // expires is since when of factIdentity
}

type factKind uint8

const (
	factConsent  factKind = iota + 1 // key: category
	factWindow                       // key: number
	factOptOut                       // key: refuseMarketing or refuseAll
	factIdentity                     // key: 0
	factZone                         // key: 0
	factLink                         // key: the other person
	factRestrict                     // key: 0
)

// Keys of opt-outs.
const (
	refuseMarketing uint32 = iota
	refuseAll
)

type identityState uint8

const (
	identityKnown   identityState = iota
	identityChanged               // somebody else may use the number; nothing may be sent
	identityNew                   // somebody else does: earlier consent does not count
)

// newPeople keeps the indexes that mean nobody and no fact out of use.
func newPeople() people {
	return people{of: map[personKey]person{}, first: []uint32{0}, used: 1}
}

// add finds or adds a person.
func (s *people) add(key personKey) person {
	p, known := s.of[key]
	if !known {
		p = person(len(s.first)) //nolint:gosec // bounded by memory far below
		s.first = append(s.first, 0)
		s.of[key] = p
	}
	return p
}

func (s *people) at(i uint32) *fact { return &s.slab[i/slabSize][i%slabSize] }

// facts yields what is known of a person.
func (s *people) facts(p person) iter.Seq[*fact] {
	return func(yield func(*fact) bool) {
		for i := s.first[p]; i != 0; {
			f := s.at(i)
			if !yield(f) {
				return
			}
			i = f.next
		}
	}
}

// get is nil if the person has no such fact.
func (s *people) get(p person, kind factKind, key uint32) *fact {
	for i := s.first[p]; i != 0; {
		f := s.at(i)
		if f.kind == kind && f.key == key {
			return f
		}
		i = f.next
	}
	return nil
}

// put finds the fact or adds one that says nothing yet: its time is 0.
func (s *people) put(p person, kind factKind, key uint32) *fact {
	if f := s.get(p, kind, key); f != nil {
		return f
	}
	i := s.take()
	f := s.at(i)
	*f = fact{kind: kind, key: key, next: s.first[p]}
	s.first[p] = i
	return f
}

// take is the index of an unused fact.
func (s *people) take() uint32 {
	if i := s.free; i != 0 {
		s.free = s.at(i).next
		return i
	}
	if s.used/slabSize == uint32(len(s.slab)) { //nolint:gosec // bounded by memory far below
		s.slab = append(s.slab, new([slabSize]fact))
	}
	s.used++
	return s.used - 1
}

// drop forgets a fact, if it is known.
func (s *people) drop(p person, kind factKind, key uint32) {
	for at := &s.first[p]; *at != 0; {
		i := *at
		f := s.at(i)
		if f.kind == kind && f.key == key {
			*at = f.next
			*f = fact{next: s.free}
			s.free = i
			return
		}
		at = &f.next
	}
}

// clear forgets every fact of a person.
func (s *people) clear(p person) {
	for s.first[p] != 0 {
		f := s.at(s.first[p])
		s.drop(p, f.kind, f.key)
	}
}

// tie links a person to another one; what was proven stays so.
func (s *people) tie(p, other person, proven bool) {
	f := s.put(p, factLink, uint32(other))
	f.is = f.is || proven
}

// links yields whom a person is tied to and whether that is proven.
func (s *people) links(p person) iter.Seq2[person, bool] {
	return func(yield func(person, bool) bool) {
		for f := range s.facts(p) {
			if f.kind == factLink && !yield(person(f.key), f.is) {
				return
			}
		}
	}
}

// circle walks the links: one are the subjects proven to be this person, forms
// those that only share a number's normal form with one of them.
func (s *people) circle(p person) (one, forms []person) {
	one = []person{p}
	for i := 0; i < len(one); i++ {
		for other, proven := range s.links(one[i]) {
			if proven && !slices.Contains(one, other) {
				one = append(one, other)
			}
		}
	}
	all := slices.Clip(one)
	for i := 0; i < len(all); i++ {
		for other := range s.links(all[i]) {
			if !slices.Contains(all, other) {
				all = append(all, other)
			}
		}
	}
	return one, all[len(one):]
}
