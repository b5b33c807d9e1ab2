// Package words finds words and phrases of lists in text, in one walk from
// each start of a word: labels of values, words against them, terms of
// lexicons. Case, accents and marks that may be left out do not count.
//
// A Set is immutable and safe for concurrent use; matching allocates nothing.
package words

import "unicode/utf8"

// Topic is what a word speaks of, numbered by a Builder from one.
type Topic uint16

// Set is a list of words and phrases.
type Set struct {
	trie   trie
	quick  quick
	heads  heads
	senses [][]Topic // by entry, each topic once
	topics map[string]Topic
	base   *Set // what is found besides, nil if nothing is
}

// Senses gives what an entry speaks of, in all languages together. The slice is
// not the caller's.
func (s *Set) Senses(entry uint32) []Topic { return s.senses[entry] }

// Entries is one more than the largest entry.
func (s *Set) Entries() int { return len(s.senses) }

// Topic gives the number of a topic, zero if no list names it.
func (s *Set) Topic(name string) Topic { return s.topics[name] }

// Topics is one more than the largest topic.
func (s *Set) Topics() int { return len(s.topics) + 1 }

// maxGap is how many bytes may separate the words of a phrase.
const maxGap = 6

// Match gives the longest entry that begins at a start of a word and where it
// ends, entry zero if there is none. It ends with the text's word, a stem with
// the word it begins; in scripts without spaces anywhere.
func (s *Set) Match(t string, at int) (entry uint32, end int) {
	if s.base == nil {
		return s.longest(t, at)
	}
	entry, end = s.longest(t, at)
	if below, stop := s.base.Match(t, at); stop > end {
		return below, stop
	}
	return entry, end
}

func (s *Set) longest(t string, at int) (entry uint32, end int) {
	return s.from(0, t, at, at, 0, 0)
}

// from goes on with longest at i in a state, with what was found up to there.
func (s *Set) from(state int32, t string, at, i int, entry uint32, end int) (uint32, int) {
	cells := s.trie.cells
	for i < len(t) {
		kind := Spaced
		if c := letter[t[i]]; c != 0 {
			next := cells[state].base + int32(c)
			cell := &cells[next]
			if cell.check != state+1 {
				return entry, end
			}
			state = next
			if i++; cell.entry|cell.stem == 0 {
				continue
			}
		} else {
			packed, size := uint32(0), 2
			c := t[i]
			switch {
			case c >= 0xC3 && c < 0xE0 && len(t)-i > 1 && t[i+1]&0xC0 == 0x80 && (c != 0xD8 || t[i+1] >= 0xA0):
				packed = low[int(c&0x1F)<<6|int(t[i+1]&0x3F)]
			case c >= 0xE0 && c < 0xF0:
				packed, kind = three(t, i)
				size = 3
			}
			if packed == 0 {
				packed, kind, size = s.sign(state, t, at, i)
			}
			for ; packed != 0; packed >>= 8 {
				next := cells[state].base + int32(packed&0xFF)
				if cells[next].check != state+1 {
					return entry, end
				}
				state = next
			}
			if i += size; state == 0 {
				return entry, end
			}
		}
		if e := &cells[state]; e.entry|e.stem != 0 {
			if e.stem != 0 {
				entry, end = e.stem, i
			}
			if e.entry != 0 && (kind == Dense || wordEnds(t, i)) {
				entry, end = e.entry, i
			}
		}
	}
	return entry, end
}

// sign gives what the walk goes on with at i, where no ASCII letter or digit and no
// letter of two bytes stands: separators as one blank, if the walk from a place goes on
// with one, a rune as the bytes it is folded to. Size is at least one.
func (s *Set) sign(state int32, t string, at, i int) (packed uint32, kind Kind, size int) {
	c := t[i]
	switch {
	case c < utf8.RuneSelf:
		kind, size = Separator, 1
	default:
		kind, _ = KindAt(t, i)
	}
	if kind == Separator && i > at {
		if s.trie.step(state, ' ') != 0 {
			size = gapAt(t, i)
		}
		return ' ', kind, size
	}
	packed, size = foldAt(t, i)
	return packed, kind, size
}

// three gives the bytes of a rune of three that is folded to itself, and its kind; 0 if
// there is none at i, or more has to be looked at.
func three(t string, i int) (packed uint32, kind Kind) {
	if len(t)-i < 3 {
		return 0, Separator
	}
	c, next, last := t[i], t[i+1], t[i+2]
	if next&last&0xC0 != 0x80 || (next|last)&0x40 != 0 || last == oneFolds || last == otherFolds || !plain[int(c&0x0F)<<6|int(next&0x3F)] {
		return 0, Separator
	}
	if kind = kindOfThree(c, next, last); kind != Spaced && kind != Dense {
		return 0, Separator
	}
	return uint32(c) | uint32(next)<<8 | uint32(last)<<16, kind
}

// gapAt is the length of the separators at i, as far as a phrase may reach.
func gapAt(t string, i int) int {
	if i+1 < len(t) && t[i] < utf8.RuneSelf && letter[t[i+1]] != 0 {
		return 1
	}
	n := 0
	for i+n < len(t) && n < maxGap {
		kind, size := KindAt(t, i+n)
		if kind != Separator {
			break
		}
		n += size
	}
	return n
}

// wordEnds reports that no word of a script with spaces goes on at i. Digits
// behind letters begin something new, as in "cvv123".
func wordEnds(t string, i int) bool {
	if i >= len(t) {
		return true
	}
	if c := t[i]; c >= '0' && c <= '9' {
		return i > 0 && (t[i-1] < '0' || t[i-1] > '9')
	} else if c < utf8.RuneSelf {
		return letter[c] == 0
	}
	if kind, _ := KindAt(t, i); kind != Spaced {
		return true
	}
	packed, size := foldAt(t, i)
	return packed == 0 && wordEnds(t, i+size) // a mark that may be left out
}

// WordEnd gives where the word at i ends, i itself if none stands there.
func WordEnd(t string, i int) int {
	for i < len(t) {
		if c := t[i]; c < utf8.RuneSelf {
			if ascii[c] == 0 {
				return i
			}
			i++
			continue
		}
		kind, size := KindAt(t, i)
		if kind != Spaced {
			return i
		}
		i += size
	}
	return i
}
