package words

import "unicode/utf8"

// Index finds every word and phrase of a Set that begins at a place, not the
// longest alone. Most words of a text are none of the Set's, which it sees by
// their first letters without walking. It is immutable.
type Index struct {
	set   *Set
	heads [headBits / 64]uint64 // hashes of how words of the Set begin
	all   bool                  // a stem is too short for that
}

// headBits is how many bits the first letters are hashed to: eight kilobytes,
// which leave one word in twenty to walk for with 10,000 words in the Set.
const headBits = 1 << 16

// headSize is how many folded bytes of a word are looked at.
const headSize = 4

// Hit is a word that stands at a place: what entry, and where it ends.
type Hit struct {
	Entry uint32
	End   int
}

// NewIndex gives an Index of a Set.
func NewIndex(s *Set) *Index {
	x := &Index{set: s}
	x.gather(0, nil)
	return x
}

// gather notes how the words behind a state begin; head is what led there.
func (x *Index) gather(state int32, head []byte) {
	cell := &x.set.trie.cells[state]
	if len(head) == headSize {
		x.put(head)
		return
	}
	if cell.stem != 0 && len(head) > 0 {
		x.all = true // whatever follows
		return
	}
	if cell.entry != 0 {
		x.put(head)
	}
	for c := uint16(1); c < utf8.RuneSelf; c++ { // beginnings outside ASCII are always walked
		next := x.set.trie.step(state, c)
		switch {
		case next == 0:
		case c == ' ', len(head) > 0 && turns(head[len(head)-1], byte(c)):
			x.put(head)
		default:
			x.gather(next, append(head[:len(head):len(head)], byte(c)))
		}
	}
}

// turns reports digits behind letters: something new may begin there.
func turns(before, c byte) bool {
	return c >= '0' && c <= '9' && (before < '0' || before > '9')
}

func (x *Index) put(head []byte) {
	h := uint32(0)
	for i, c := range head {
		h |= uint32(c) << (8 * i)
	}
	at := hash(h)
	x.heads[at>>6] |= 1 << (at & 63)
}

func hash(head uint32) uint32 { return head * 0x9E3779B1 >> 16 }

// may reports whether a word of the Set can begin at a place.
func (x *Index) may(t string, at int) bool {
	h := uint32(0)
	last := byte('0') // behind which nothing turns
	for i := 0; i < headSize && at+i < len(t); i++ {
		c := t[at+i]
		if c >= utf8.RuneSelf {
			return true
		}
		c = ascii[c]
		if c == 0 || turns(last, c) {
			break
		}
		h |= uint32(c) << (8 * i)
		last = c
	}
	bit := hash(h)
	return x.heads[bit>>6]>>(bit&63)&1 != 0
}

// Next gives the first place from at on where a word of a text begins that may
// be of the Set, len(t) if there is none. Inside tells whether at stands inside
// a word, and is told where to go on behind the place.
func (x *Index) Next(t string, at int, inside bool) (int, bool) {
	for at < len(t) {
		if c := t[at]; c < utf8.RuneSelf {
			word := ascii[c] != 0
			if word && !inside && (x.all || x.may(t, at)) {
				return at, true
			}
			inside = word
			at++
			continue
		}
		kind, size := KindAt(t, at)
		if kind == Dense || kind == Spaced && !inside {
			return at, kind == Spaced
		}
		inside = kind == Spaced
		at += size
	}
	return at, inside
}

// At appends what begins at a start of a word, the shortest first; of words that
// mean the same and follow upon each other the longest. A hit ends with the
// text's word, a stem with the word it begins; in scripts without spaces anywhere.
func (x *Index) At(t string, at int, dst []Hit) []Hit {
	s, base := x.set, len(dst)
	state := int32(0)
	for i := at; i < len(t); {
		kind, size := Spaced, 1
		if c := t[i]; c < utf8.RuneSelf && ascii[c] != 0 {
			state = s.trie.step(state, uint16(ascii[c]))
		} else if kind, _ = KindAt(t, i); kind == Separator && i > at {
			state, size = s.trie.step(state, ' '), gapAt(t, i)
		} else {
			var packed uint32
			packed, size = foldAt(t, i)
			state = s.trie.walk(state, unpacked(packed))
		}
		if state == 0 {
			return dst
		}
		i += size
		cell := &s.trie.cells[state]
		if cell.entry != 0 && (kind == Dense || wordEnds(t, i)) {
			dst = longer(dst, base, Hit{cell.entry, i})
		}
		if cell.stem != 0 && kind != Separator {
			dst = longer(dst, base, Hit{cell.stem, WordEnd(t, i)})
		}
	}
	return dst
}

// longer appends a hit, or puts it in place of the last one if it means the same.
func longer(dst []Hit, base int, h Hit) []Hit {
	if n := len(dst); n > base && dst[n-1].Entry == h.Entry {
		dst[n-1].End = max(dst[n-1].End, h.End)
		return dst
	}
	return append(dst, h)
}
