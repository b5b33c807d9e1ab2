package words

import "slices"

// trie is a double array: the child of state s by byte c stands at base[s]+c
// if check there is s+1. It is immutable once built.
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
	keys        []byte  // in order
	child       []*node // by key
	entry, stem uint32
	cell        int32 // once it is placed

	key1   [2]byte // room of keys and child: few have more
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

// at gives the state behind a key, which is made if it is missing.
func (n *node) at(a *nodes, key []byte) *node {
	for _, c := range key {
		i, found := slices.BinarySearch(n.keys, c)
		if !found {
			n.keys = slices.Insert(n.keys, i, c)
			n.child = slices.Insert(n.child, i, a.one())
		}
		n = n.child[i]
	}
	return n
}

// place lays the nodes out, level by level, each row of children at the first
// gap that takes it.
func place(root *node, n int) trie {
	t := trie{cells: make([]cell, 512+n+n/8)} // about what they take
	t.cells[0].check = 1
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
func (t *trie) gap(keys []byte, free *int) int {
	for *free < len(t.cells) && t.cells[*free].check != 0 {
		*free++
	}
	base := max(*free-int(keys[0]), 1)
	for tries := 0; ; base++ {
		for base+256 >= len(t.cells) {
			t.cells = append(t.cells, make([]cell, len(t.cells)/2)...)
		}
		if t.fits(base, keys) {
			return base
		}
		if tries++; tries == 2000 {
			*free += 500
			base, tries = max(*free-int(keys[0]), base), 0
		}
	}
}

func (t *trie) fits(base int, keys []byte) bool {
	for _, k := range keys {
		if t.cells[base+int(k)].check != 0 {
			return false
		}
	}
	return true
}

// steps follows packed bytes, which lead nowhere from the root if there are none.
func (t *trie) steps(s int32, packed uint32) int32 {
	for ; packed != 0; packed >>= 8 {
		if s = t.step(s, byte(packed)); s == 0 {
			return 0
		}
	}
	return s
}

// step follows one byte; zero is no state.
func (t *trie) step(s int32, c byte) int32 {
	next := t.cells[s].base + int32(c)
	if t.cells[next].check != s+1 {
		return 0
	}
	return next
}
