package words

import (
	"math/bits"
	"slices"
	"unicode/utf8"
)

// heads holds the short ASCII words that entries are or begin with, so that one
// look takes the place of a walk letter by letter. It is a table with open
// addressing, half full at most, whose last slots are free.
type heads struct {
	slots []head
	shift uint8 // of a hash, down to the number of a slot
}

// head is a word of up to eight letters, or the beginning of longer ones.
type head struct {
	key   uint64    // the letters in lower case, the first one lowest; 0 if the slot is free
	state int32     // of the trie behind the word if longer ones or phrases go on from there, else 0
	found uint32    // the entry that Match gives for it, and above headEnd where it ends
	next  [2]uint64 // how the next word of phrases begins, see pair; all if it may otherwise
}

const (
	headLen  = 8  // letters
	headEnd  = 28 // bits of an entry
	headMask = 1<<headEnd - 1
)

// at gives the slot that a word stands in or behind.
func (h *heads) at(key uint64) uint64 { return key * golden >> (h.shift & 63) }

// behind gives the slot of a word that does not stand in slot i, nil if the table does
// not have it.
func (h *heads) behind(i, key uint64) *head {
	for {
		x := &h.slots[i]
		if x.key == key {
			return x
		}
		if x.key == 0 {
			return nil
		}
		i++
	}
}

// newHeads gives the table of the words below a root that is laid out.
func newHeads(root *node) heads {
	n := countHeads(root, 0)
	h := heads{shift: uint8(63 - bits.Len(uint(n)))} //nolint:gosec // at most 63
	h.slots = make([]head, 1<<(64-h.shift)+n+1)
	h.fill(root, 0, 0, 0)
	last := len(h.slots)
	for h.slots[last-1].key == 0 && h.slots[last-2].key == 0 && last > 1<<(64-h.shift)+1 {
		last--
	}
	h.slots = slices.Clone(h.slots[:last])
	return h
}

// isHead reports that a word ends at a node.
func (n *node) isHead() bool {
	return n.entry|n.stem != 0 || len(n.keys) > 0 && n.keys[0] == ' '
}

// goesOn reports that a letter goes on from a node.
func (n *node) goesOn() bool {
	return slices.ContainsFunc(n.keys, func(c uint16) bool { return c >= 'a' })
}

// pair is the place among the bits of next of a word that begins with two bytes, the first
// of which is a letter or digit: the second one counts by its letter, or as none.
func pair(first, second byte) (word, bit int) {
	return int(first & 1), int((first>>1&15*5 + letter[second]&31) & 63)
}

// pairs gives how words that go on from a node begin, as next of head has it.
func (n *node) pairs() (set [2]uint64) {
	for i, c := range n.keys {
		if c >= utf8.RuneSelf {
			continue // of which next is not asked
		}
		for _, d := range n.child[i].keys {
			if d < utf8.RuneSelf {
				w, b := pair(byte(c), byte(d))
				set[w] |= 1 << b
			}
		}
		if n.child[i].stem != 0 {
			set[c&1] = ^uint64(0)
		}
		if n.child[i].entry != 0 {
			for _, d := range []byte(" 0123456789") { // digits end a word, too
				w, b := pair(byte(c), d)
				set[w] |= 1 << b
			}
		}
	}
	return set
}

func countHeads(at *node, n int) (sum int) {
	if n > 0 && at.isHead() || n == headLen && at.goesOn() {
		sum++
	}
	for i, c := range at.keys {
		if c >= 'a' && c <= 'z' && n < headLen {
			sum += countHeads(at.child[i], n+1)
		}
	}
	return sum
}

// fill puts what stands below a node that is reached by n letters; found is what
// Match has on the way there.
func (h *heads) fill(at *node, key uint64, n int, found uint32) {
	end := uint32(n) << headEnd //nolint:gosec // at most headLen
	if at.stem != 0 {
		found = at.stem | end
	}
	if n > 0 && at.isHead() || n == headLen && at.goesOn() {
		x := head{key: key, found: found}
		if at.entry != 0 {
			x.found = at.entry | end
		}
		if len(at.keys) > 0 && at.keys[0] == ' ' {
			x.state, x.next = at.cell, at.child[0].pairs()
		}
		if n == headLen {
			x.state = at.cell
		}
		i := h.at(key)
		for h.slots[i].key != 0 {
			i++
		}
		h.slots[i] = x
	}
	for i, c := range at.keys {
		if c >= 'a' && c <= 'z' && n < headLen {
			h.fill(at.child[i], key|uint64(c)<<(8*n), n+1, found)
		}
	}
}

// Word is Match for a word of n ASCII letters behind which no letter, digit or mark
// stands, whose first eight are key: in lower case, the first one lowest, zero behind the
// last. It calls nothing that it goes on behind, see from.
func (s *Set) Word(t string, at, n int, key uint64) (entry uint32, end int) {
	if s.base != nil {
		return s.either(t, at, n, key)
	}
	i := s.heads.at(key)
	x := &s.heads.slots[i]
	if x.key != key {
		if x.key != 0 {
			x = s.heads.behind(i+1, key)
		}
		if x == nil || x.key == 0 {
			if s.stems.begin(key, n) {
				return s.longest(t, at)
			}
			return 0, 0
		}
	}
	if entry = x.found & headMask; entry != 0 {
		end = at + int(x.found>>headEnd)
	}
	if n > headLen {
		return s.long(t, at, x, entry, end)
	}
	if stop := at + n; x.state != 0 && stop < len(t) && !x.endsBefore(t, stop) {
		return s.from(x.state, t, stop, entry, end)
	}
	return entry, end
}

// either is Word where another Set lies below.
func (s *Set) either(t string, at, n int, key uint64) (entry uint32, end int) {
	entry, end = s.alone.Word(t, at, n, key)
	if below, stop := s.base.Word(t, at, n, key); stop > end {
		return below, stop
	}
	return entry, end
}

// long is Word for more letters than a head has, which begin with one.
func (s *Set) long(t string, at int, x *head, entry uint32, end int) (uint32, int) {
	if end-at == headLen {
		return s.longest(t, at) // what is found may be a word, not a stem
	}
	return s.from(x.state, t, at+headLen, entry, end)
}

// endsBefore reports that no phrase goes on behind a word from the sign at stop.
func (x *head) endsBefore(t string, stop int) bool {
	if stop+2 >= len(t) || letter[t[stop+1]] == 0 || t[stop+2] >= utf8.RuneSelf {
		return false
	}
	w, b := pair(t[stop+1], t[stop+2])
	return x.next[w]>>b&1 == 0
}
