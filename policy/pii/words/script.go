package words

import "unicode/utf8"

// Kind says how a rune takes part in words.
type Kind uint8

// Kinds of runes.
const (
	Separator Kind = iota // no part of a word
	Spaced                // letters and digits of scripts with spaces between words
	Dense                 // scripts without spaces, and Hangul, whose particles join the word
)

// KindAt gives the kind and size of the rune at i. Bytes that are no UTF-8
// separate.
func KindAt(t string, i int) (Kind, int) {
	switch c := t[i]; {
	case c < utf8.RuneSelf:
		if letter[c] != 0 {
			return Spaced, 1
		}
		return Separator, 1
	case c >= 0xE0 && c < 0xF0:
		if i+2 < len(t) && (t[i+1]^0x80)|(t[i+2]^0x80) <= 0x3F {
			if k := kindOfThree(c, t[i+1], t[i+2]); k != undecided {
				return k, 3
			}
		}
	case c >= 0xC3 && i+1 < len(t) && t[i+1]&0xC0 == 0x80 && c < 0xE0:
		if c == 0xD8 && t[i+1] < 0xA0 { // Arabic comma, semicolon, question mark
			return Separator, 2
		}
		return Spaced, 2
	}
	return wide(t, i)
}

// undecided is the kind of bytes that may be no UTF-8.
const undecided Kind = 3

// kinds has the kinds of the runes of the first plane, for every 64 that share the
// first two of three bytes: those that are Spaced, those that are Dense, a bit each;
// undecided is both.
var kinds = func() (t [1 << 10][2]uint64) {
	for r := range rune(1 << 16) {
		k := kindOf(r)
		if r < 0x800 || !utf8.ValidRune(r) {
			k = undecided
		}
		t[r>>6][0] |= uint64(k&1) << (r & 63)
		t[r>>6][1] |= uint64(k>>1) << (r & 63)
	}
	return t
}()

// kindOfThree gives the kind of a rune of three bytes.
func kindOfThree(c, next, last byte) Kind {
	x := &kinds[int(c&0x0F)<<6|int(next&0x3F)]
	return Kind(x[0]>>(last&0x3F)&1 | x[1]>>(last&0x3F)&1<<1)
}

// wide is KindAt for runes of three bytes and more, and what is no UTF-8.
func wide(t string, i int) (Kind, int) {
	r, size := utf8.DecodeRuneInString(t[i:])
	return kindOf(r), size
}

func kindOf(r rune) Kind {
	switch {
	case r == utf8.RuneError:
		return Separator
	case r < 0xC0:
		if r == 0xBA || r == 0xAA || r == 0xB0 { // nº, n°
			return Spaced
		}
		return Separator
	case r == 0x0964, r == 0x0965, r >= 0x2000 && r <= 0x2BFF && r != 0x200C && r != 0x200D:
		return Separator
	case r < 0x2000:
		return dense(r >= 0x0E00 && r <= 0x0EFF || r >= 0x1000 && r <= 0x109F || r >= 0x1780 && r <= 0x17FF)
	case r >= 0x3000 && r <= 0x3004, r >= 0x3008 && r <= 0x303F, r == 0x30FB:
		return Separator
	case r >= 0xFF00 && r <= 0xFF65, r >= 0xFFE0, r >= 0x1F000 && r <= 0x1FAFF:
		if r >= 0x20000 && r <= 0x3FFFF {
			return Dense
		}
		return Separator
	}
	return dense(r >= 0x2E80 && r <= 0x9FFF || r >= 0xAC00 && r <= 0xD7AF || r >= 0xF900 && r <= 0xFAFF || r >= 0xFF66)
}

func dense(yes bool) Kind {
	if yes {
		return Dense
	}
	return Spaced
}
