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
	stems  *stems
	heads  heads
	senses [][]Topic // by entry, each topic once
	topics map[string]Topic
	base   *Set // what is found besides, nil if nothing is
	alone  *Set // the Set without it, if there is one
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

func (s *Set) longest(t string, at int) (entry uint32, end int) { return s.from(0, t, at, 0, 0) }

// from goes on with longest at i in a state, with what was found up to there. It calls
// nothing that it goes on behind, so that all it knows stays in registers: what is rare
// is told by others, which call it again. A text has them nested no deeper than the
// longest phrase of the lists.
func (s *Set) from(state int32, t string, i int, entry uint32, end int) (uint32, int) {
	cells := s.trie.cells
	base := int(cells[state].base)
	for i < len(t) {
		c := t[i]
		u := int(letter[c])
		switch {
		case u != 0:
			i++
		case c < utf8.RuneSelf:
			if i+1 >= len(t) || letter[t[i+1]] == 0 || state == 0 {
				return s.rare(state, t, i, entry, end)
			}
			u = ' '
			i++
		case c < 0xE0:
			if u = unitOfTwo(t, i); u == 0 {
				return s.rare(state, t, i, entry, end)
			}
			i += 2
		default:
			if u = unitOfThree(t, i); u == 0 {
				return s.rare(state, t, i, entry, end)
			}
			i += 3
		}
		next := base + u
		if uint(next) >= uint(len(cells)) { //nolint:gosec // one look at both ends
			return entry, end
		}
		e := &cells[next]
		if e.check != state+1 {
			return entry, end
		}
		state, base = int32(next), int(e.base) //nolint:gosec // a place in the trie
		if e.entry|e.stem == 0 {
			continue
		}
		if e.stem != 0 {
			entry, end = e.stem, i
		}
		if i < len(t) && ends[t[i]] != yes {
			if c >= utf8.RuneSelf || ends[t[i]] != no {
				return s.ended(state, t, i, entry, end)
			}
		} else if e.entry != 0 {
			entry, end = e.entry, i
		}
	}
	return entry, end
}

// rare is from where something else stands at i than a letter or digit of one unit or
// one sign between two words. Separators are one blank, but for the first, and marks that
// may be left out nothing.
func (s *Set) rare(state int32, t string, i int, entry uint32, end int) (uint32, int) {
	for i < len(t) && letter[t[i]] == 0 {
		kind := Separator
		if t[i] >= utf8.RuneSelf {
			kind, _ = KindAt(t, i)
		}
		if kind == Separator && state != 0 {
			if state = s.trie.step(state, ' '); state != 0 {
				return s.from(state, t, i+gapAt(t, i), entry, end)
			}
			return entry, end
		}
		packed, size := foldAt(t, i)
		if state = s.trie.walk(state, unpacked(packed)); state == 0 {
			return entry, end
		}
		i += size
		entry, end = s.found(state, t, i, entry, end)
		if packed != 0 {
			break
		}
	}
	return s.from(state, t, i, entry, end)
}

// ended is from behind a letter with which a stem ends, or perhaps a word.
func (s *Set) ended(state int32, t string, i int, entry uint32, end int) (uint32, int) {
	entry, end = s.found(state, t, i, entry, end)
	return s.from(state, t, i, entry, end)
}

// found gives what is found at i, where a state is reached, or what was found before.
func (s *Set) found(state int32, t string, i int, entry uint32, end int) (uint32, int) {
	cell := &s.trie.cells[state]
	if cell.stem != 0 {
		entry, end = cell.stem, i
	}
	if cell.entry != 0 && (denseBefore(t, i) || wordEnds(t, i)) {
		entry, end = cell.entry, i
	}
	return entry, end
}

// denseBefore reports that a rune of a script without spaces ends at i.
func denseBefore(t string, i int) bool {
	if t[i-1] < utf8.RuneSelf {
		return false
	}
	for i--; i > 0 && t[i]&0xC0 == 0x80; i-- {
	}
	kind, _ := KindAt(t, i)
	return kind == Dense
}

// gapAt is the length of the separators at i, as far as a phrase may reach.
func gapAt(t string, i int) int {
	if i+1 < len(t) && t[i] < utf8.RuneSelf && letter[t[i+1]] != 0 {
		return 1
	}
	n := 0
	for i+n < len(t) && n < maxGap && letter[t[i+n]] == 0 {
		if t[i+n] < utf8.RuneSelf {
			n++
			continue
		}
		kind, size := KindAt(t, i+n)
		if kind != Separator {
			break
		}
		n += size
	}
	return n
}

// What the byte behind a letter of a script with spaces tells of the end of a word.
const (
	yes uint8 = iota
	no
	perhaps
)

var ends = func() (t [256]uint8) {
	for c := range t {
		switch {
		case c >= utf8.RuneSelf || c >= '0' && c <= '9':
			t[c] = perhaps
		case letter[c] != 0:
			t[c] = no
		}
	}
	return t
}()

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
