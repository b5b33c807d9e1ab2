package words

import (
	"slices"
	"unicode/utf8"
)

// trie is a double array: the child of state s by unit u stands at base[s]+u
// if check there is s+1. Units are those of UTF-16, so that a letter of any
// script is one step. It is immutable once built.
type trie struct {
	cells []cell
}

// cell is one state. Entry is the entry that ends here, zero if none; with
// stem set it covers whatever letters follow.
type cell struct {
	base, check int32
	entry, stem uint32
}

// node is a state while the trie is built.
type node struct {
	keys        []uint16 // in order
	child       []*node  // by key
	entry, stem uint32
	cell        int32 // once it is placed

	key1   [2]uint16 // room of keys and child: few have more
	child1 [2]*node
}

// nodes makes nodes, many at a time.
type nodes struct {
	free []node
	n    int
}

func (a *nodes) one() *node {
	if len(a.free) == 0 {
		a.free = make([]node, 1024)
	}
	n := &a.free[0]
	a.free = a.free[1:]
	a.n++
	n.keys, n.child = n.key1[:0], n.child1[:0]
	return n
}

// at gives the state behind a folded word, which is made if it is missing.
func (n *node) at(a *nodes, key []byte) *node {
	for i := 0; i < len(key); {
		r, size := utf8.DecodeRune(key[i:])
		if i += size; r > maxUnit {
			n = n.by(a, first(r))
			r = rune(second(r))
		}
		n = n.by(a, uint16(r)) //nolint:gosec // at most maxUnit
	}
	return n
}

// by gives the child by a unit.
func (n *node) by(a *nodes, u uint16) *node {
	i, found := slices.BinarySearch(n.keys, u)
	if !found {
		n.keys = slices.Insert(n.keys, i, u)
		n.child = slices.Insert(n.child, i, a.one())
	}
	return n.child[i]
}

// maxUnit is the last rune that is one unit; first and second are those of others.
const maxUnit = 0xFFFF

func first(r rune) uint16  { return uint16(0xD800 + (r-0x10000)>>10) } //nolint:gosec // a unit
func second(r rune) uint16 { return uint16(0xDC00 + r&0x3FF) }         //nolint:gosec // a unit

// place lays the nodes out, level by level, each row of children at the first
// gap that takes it. A base may be negative.
func place(root *node, n int) trie {
	t := trie{cells: make([]cell, 512+n+n/8)} // about what they take
	t.cells[0].check = -1                     // nobody's child: a base may be negative
	free := 1
	type item struct {
		n  *node
		at int
	}
	queue := make([]item, 1, n+1)
	queue[0].n = root
	for len(queue) > 0 {
		it := queue[0]
		queue = queue[1:]
		it.n.cell = int32(it.at)
		c := &t.cells[it.at]
		c.entry, c.stem = it.n.entry, it.n.stem
		if len(it.n.keys) == 0 {
			continue
		}
		base := t.gap(it.n.keys, &free)
		t.cells[it.at].base = int32(base)
		for i, k := range it.n.keys {
			t.cells[base+int(k)].check = int32(it.at) + 1
			queue = append(queue, item{it.n.child[i], base + int(k)})
		}
	}
	return t
}

// gap finds the first base whose children all fall on free cells. Free is the
// first free cell; what was passed over too often is given up, so that laying
// out stays fast.
func (t *trie) gap(keys []uint16, free *int) int {
	for *free < len(t.cells) && t.cells[*free].check != 0 {
		*free++
	}
	first, last := int(keys[0]), int(keys[len(keys)-1])
	base := *free - first
	for tries := 0; ; base++ {
		if more := base + last + 1 - len(t.cells); more > 0 {
			t.cells = append(t.cells, make([]cell, max(more, len(t.cells)/8))...)
		}
		if t.fits(base, keys) {
			return base
		}
		if tries++; tries == 2000 {
			*free += 500
			base, tries = max(*free-first, base), 0
		}
	}
}

func (t *trie) fits(base int, keys []uint16) bool {
	for _, k := range keys {
		if t.cells[base+int(k)].check != 0 {
			return false
		}
	}
	return true
}

// walk follows a folded word; zero is no state.
func (t *trie) walk(s int32, word []byte) int32 {
	for i := 0; i < len(word); {
		r, size := utf8.DecodeRune(word[i:])
		if i += size; r > maxUnit {
			if s = t.step(s, first(r)); s == 0 {
				return 0
			}
			r = rune(second(r))
		}
		if s = t.step(s, uint16(r)); s == 0 { //nolint:gosec // at most maxUnit
			return 0
		}
	}
	return s
}

// step follows one unit; zero is no state.
func (t *trie) step(s int32, u uint16) int32 {
	next := t.cells[s].base + int32(u)
	if uint(next) >= uint(len(t.cells)) || t.cells[next].check != s+1 { //nolint:gosec // one look at both ends
		return 0
	}
	return next
}
