// Package sieve tells of many patterns at once which of them can stand in a
// text, in one walk over its bytes.
//
// It is an automaton made ready when the patterns are loaded. It reads what is
// outside ASCII by kind alone and takes \b for granted: it may name a pattern
// that does not match, it never leaves out one that does.
package sieve

import (
	"regexp/syntax"
	"slices"
	"sort"
)

// Pattern is one of those that are looked for.
type Pattern struct {
	Prog  *syntax.Prog
	Whole bool // a match begins and ends where no ASCII word goes on
	Digit bool // a match holds a digit of ASCII; most texts have none
}

// Sieve is immutable and safe for concurrent use.
type Sieve struct {
	machines []machine
	always   []int // patterns that no machine is affordable for
}

// machine is the automaton of some of the patterns.
type machine struct {
	class   [256]uint8
	next    []uint16 // by state, then class; state 0 is the beginning
	classes int
	tells   [][]int // by state: patterns that end here
	whole   []bool  // by pattern
	digit   bool    // all patterns need one
	word    []bool  // by state: the byte before was a letter or digit
	isWord  []bool  // by class
}

// says marks a step that ends a match.
const says = 1 << 15

// New makes a Sieve. Patterns that are simple by themselves are simple together:
// they come first, so that few machines hold all.
func New(patterns []Pattern) *Sieve {
	s := &Sieve{}
	var order []int
	states := make([]int, len(patterns))
	for i := range patterns {
		m, ok := newMachine(patterns, []int{i})
		if !ok {
			s.always = append(s.always, i)
			continue
		}
		states[i] = len(m.word)
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return states[a] - states[b] })
	for _, digit := range [...]bool{true, false} { // apart, so that a text may pass over those that need a digit
		some := slices.DeleteFunc(slices.Clone(order), func(i int) bool { return patterns[i].Digit != digit })
		for len(some) > 0 {
			var m machine
			m, some = largest(patterns, some)
			s.machines = append(s.machines, m)
		}
	}
	return s
}

// largest makes a machine of as many of the patterns as fit, and gives the rest.
// One fits.
func largest(patterns []Pattern, order []int) (m machine, rest []int) {
	m, ok := newMachine(patterns, order)
	if ok {
		return m, nil
	}
	fits := 1 + sort.Search(len(order)-1, func(n int) bool {
		_, ok := newMachine(patterns, order[:n+2])
		return !ok
	})
	m, _ = newMachine(patterns, order[:fits])
	return m, order[fits:]
}

// Sift sets the bits of the patterns that can stand in text; may has room for
// one bit each. It allocates nothing.
func (s *Sieve) Sift(text string, may []uint64) {
	for _, i := range s.always {
		may[i>>6] |= 1 << (i & 63)
	}
	if len(s.machines) == 0 {
		return
	}
	rest := s.machines
	if !hasDigit(text) {
		for i := range rest {
			if !rest[i].digit {
				rest[i].sift(text, may)
			}
		}
		return
	}
	for ; len(rest) > 1; rest = rest[2:] {
		both(&rest[0], &rest[1], text, may)
	}
	for i := range rest {
		rest[i].sift(text, may)
	}
}

func hasDigit(text string) bool {
	for i := range len(text) {
		if text[i]-'0' < 10 {
			return true
		}
	}
	return false
}

// both is sift for two machines at once: a processor waits for one while it steps
// the other.
func both(m, n *machine, text string, may []uint64) {
	a, b := 0, 0
	for i := range len(text) {
		classA, classB := m.class[text[i]], n.class[text[i]]
		nextA, nextB := m.next[a*m.classes+int(classA)], n.next[b*n.classes+int(classB)]
		if (nextA|nextB)&says != 0 {
			if nextA&says != 0 {
				m.tell(a, m.word[a] && m.isWord[classA], may)
			}
			if nextB&says != 0 {
				n.tell(b, n.word[b] && n.isWord[classB], may)
			}
		}
		a, b = int(nextA&^says), int(nextB&^says)
	}
	m.tell(a, false, may)
	n.tell(b, false, may)
}

func (m *machine) sift(text string, may []uint64) {
	state := 0
	for i := range len(text) {
		class := m.class[text[i]]
		next := m.next[state*m.classes+int(class)]
		if next&says != 0 {
			m.tell(state, m.word[state] && m.isWord[class], may)
		}
		state = int(next &^ says)
	}
	m.tell(state, false, may)
}

// tell sets the bits of what ends in a state; inside says that the word there
// goes on.
func (m *machine) tell(state int, inside bool, may []uint64) {
	for _, i := range m.tells[state] {
		if !inside || !m.whole[i] {
			may[i>>6] |= 1 << (i & 63)
		}
	}
}

// Bytes is the size of the tables.
func (s *Sieve) Bytes() (n int) {
	for _, m := range s.machines {
		n += 2 * len(m.next)
	}
	return n
}
