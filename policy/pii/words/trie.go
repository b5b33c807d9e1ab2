package words

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
	child       map[byte]*node
	entry, stem uint32
}

func (n *node) at(key []byte) *node {
	for _, c := range key {
		if n.child == nil {
			n.child = map[byte]*node{}
		}
		next := n.child[c]
		if next == nil {
			next = &node{}
			n.child[c] = next
		}
		n = next
	}
	return n
}

// place lays the nodes out, level by level, each row of children at the first
// gap that takes it.
func place(root *node) trie {
	t := trie{cells: make([]cell, 512)}
	t.cells[0].check = 1
	free := 1
	type item struct {
		n  *node
		at int
	}
	queue := []item{{root, 0}}
	var keys []byte
	for len(queue) > 0 {
		it := queue[0]
		queue = queue[1:]
		c := &t.cells[it.at]
		c.entry, c.stem = it.n.entry, it.n.stem
		if len(it.n.child) == 0 {
			continue
		}
		keys = keys[:0]
		for k := 0; k < 256; k++ {
			if it.n.child[byte(k)] != nil {
				keys = append(keys, byte(k))
			}
		}
		base := t.gap(keys, &free)
		t.cells[it.at].base = int32(base)
		for _, k := range keys {
			t.cells[base+int(k)].check = int32(it.at) + 1
			queue = append(queue, item{it.n.child[k], base + int(k)})
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

// step follows one byte; zero is no state.
func (t *trie) step(s int32, c byte) int32 {
	next := t.cells[s].base + int32(c)
	if t.cells[next].check != s+1 {
		return 0
	}
	return next
}
