package shape

import (
	"unicode"
	"unicode/utf8"
)

// Classes of bytes.
const (
	isDigit uint8 = 1 << iota
	isUpper
	isLower
	isHex
	isLocal  // may stand in the part before @, beside letters and digits
	isPath   // may stand in a link
	isSpace  // blank or end of line
	isOpaque // base64url: letters, digits, - and _

	isLetter = isUpper | isLower
	isAlnum  = isDigit | isLetter
)

var class = classes()

func classes() (t [256]uint8) {
	for c := range 128 {
		b := byte(c)
		switch {
		case b >= '0' && b <= '9':
			t[c] |= isDigit | isHex
		case b >= 'A' && b <= 'Z':
			t[c] |= isUpper
		case b >= 'a' && b <= 'z':
			t[c] |= isLower
		}
		if b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' {
			t[c] |= isHex
		}
		if b > ' ' && b < 0x7F {
			t[c] |= isPath
		}
	}
	mark(&t, ".+-_%'&", isLocal)
	mark(&t, " \t\r\n", isSpace)
	for c := range t {
		if t[c]&isAlnum != 0 {
			t[c] |= isOpaque
		}
	}
	mark(&t, "-_", isOpaque)
	for _, c := range []byte("\"<>\\^`{|}") {
		t[c] &^= isPath
	}
	return t
}

func mark(t *[256]uint8, chars string, bit uint8) {
	for _, c := range []byte(chars) {
		t[c] |= bit
	}
}

// is reports that s[i] exists and is of a class.
func is(s string, i int, bits uint8) bool {
	return uint(i) < uint(len(s)) && class[s[i]]&bits != 0
}

// at gives s[i], 0 outside of s.
func at(s string, i int) byte {
	if uint(i) < uint(len(s)) {
		return s[i]
	}
	return 0
}

// span gives the end of the bytes of a class from i on, at most limit of them.
func span(s string, i, limit int, bits uint8) int {
	stop := min(len(s), i+limit)
	for i < stop && class[s[i]]&bits != 0 {
		i++
	}
	return i
}

// back gives the start of the bytes of a class that end before i.
func back(s string, i, floor int, bits uint8) int {
	for i > floor && class[s[i-1]]&bits != 0 {
		i--
	}
	return i
}

// fold gives a letter of ASCII in lower case.
func fold(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c | 0x20
	}
	return c
}

// lower is unicode.ToLower, without a search for most letters that are small or have no
// capitals.
func lower(r rune) rune {
	if r < utf8.RuneSelf {
		return rune(fold(byte(r)))
	}
	if r >= 0x0430 && r < 0x0460 || r >= 0x0590 && r < 0x10A0 || r >= 0x2E80 && r < 0xA640 {
		return r
	}
	return unicode.ToLower(r)
}

// hasFold reports that s has the lower-case word at i, in any case.
func hasFold(s string, i int, word string) bool {
	if i < 0 || len(s)-i < len(word) {
		return false
	}
	for k := range len(word) {
		if fold(s[i+k]) != word[k] {
			return false
		}
	}
	return true
}

// wordBefore gives where the word begins that ends at i, behind a blank or maxBack bytes
// before it: a text without blanks is not searched from its beginning each time.
func wordBefore(s string, i int) int {
	floor := max(0, i-maxBack)
	return floor + lastByte(s[floor:i], ' ') + 1
}

// lastByte is strings.LastIndexByte, eight bytes at a time.
func lastByte(s string, c byte) int {
	i := len(s)
	for ; i >= 8; i -= 8 {
		if x := eightOf(s[i-8:i]) ^ each*uint64(c); (x-each)&^x&notASCII != 0 {
			break
		}
	}
	for i--; i >= 0 && s[i] != c; i-- {
	}
	return i
}

// endsFold reports that s[:end] ends with the lower-case word.
func endsFold(s string, end, floor int, word string) bool {
	return end-len(word) >= floor && hasFold(s, end-len(word), word)
}

// foreign decodes a letter beyond ASCII at i.
func foreign(s string, i int) (r rune, size int, letter bool) {
	if i >= len(s) || s[i] < utf8.RuneSelf {
		return 0, 0, false
	}
	r, size = runeAt(s, i)
	return r, size, spelling(r)
}

// runeAt is utf8.DecodeRuneInString at i, quick for two bytes and for the three of most
// scripts of Asia.
func runeAt(s string, i int) (r rune, size int) {
	if len(s)-i > 2 && s[i+1]&0xC0 == 0x80 {
		switch c := s[i]; {
		case c >= 0xC2 && c <= 0xDF:
			return rune(c&0x1F)<<6 | rune(s[i+1]&0x3F), 2
		case c >= 0xE1 && c <= 0xEC && s[i+2]&0xC0 == 0x80:
			return rune(c&0x0F)<<12 | rune(s[i+1]&0x3F)<<6 | rune(s[i+2]&0x3F), 3
		}
	}
	return utf8.DecodeRuneInString(s[i:])
}

// foreignBefore decodes a letter beyond ASCII that ends at i.
func foreignBefore(s string, i, floor int) (r rune, size int, letter bool) {
	if i <= floor || s[i-1] < utf8.RuneSelf {
		return 0, 0, false
	}
	r, size = utf8.DecodeLastRuneInString(s[floor:i])
	return r, size, spelling(r)
}

// spelling reports letters and their marks.
func spelling(r rune) bool {
	if r > unicode.MaxLatin1 && r < 1<<16 {
		return spellings.has(r)
	}
	return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsMark(r))
}

// spellings has the letters and marks of the first plane.
var spellings = planeOf("", unicode.Letter, unicode.Mark)

// alphabetic reports a letter of Latin, Greek, Cyrillic or Armenian, scripts
// in which words are set apart by spaces and whose letters look like ours.
func alphabetic(r rune) bool { return r < 0x0590 }
