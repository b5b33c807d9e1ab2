package pii

import (
	"unicode"
	"unicode/utf8"
)

// Normal forms that are not ASCII.
const (
	ignored = 0x00 // invisible inside a number: marks, joiners, keycaps
	other   = 0x80 // any other rune
)

// norm reads the rune at i as one ASCII byte: digits of every script as
// digits, full width as ASCII, all spaces as ' ', all dashes as '-'. It
// returns ignored for what a reader does not see and other for the rest.
func norm(text string, i int) (b byte, size int) {
	if c := text[i]; c < utf8.RuneSelf {
		return ascii(c), 1
	}
	r, size := utf8.DecodeRuneInString(text[i:])
	return normRune(r), size
}

// before is norm of the rune that ends at i, with its start.
func before(text string, i int) (b byte, start int) {
	if c := text[i-1]; c < utf8.RuneSelf {
		return ascii(c), i - 1
	}
	r, size := utf8.DecodeLastRuneInString(text[:i])
	return normRune(r), i - size
}

func ascii(c byte) byte {
	switch {
	case c == '\n' || c == '\r' || c == '\t':
		return ' '
	case c < ' ' || c == 0x7f:
		return other
	}
	return c
}

func normRune(r rune) byte {
	switch {
	case r < 0x0660:
		return normLatin(r)
	case r >= 0xFF01 && r <= 0xFF5E:
		return byte(r - 0xFEE0)
	case invisible(r):
		return ignored
	}
	if d, ok := digit(r); ok {
		return '0' + d
	}
	switch r {
	case 0x1680, 0x202F, 0x205F, 0x3000:
		return ' '
	case 0x2010, 0x2011, 0x2012, 0x2013, 0x2014, 0x2015, 0x2212, 0xFE58, 0xFE63, 0x30FC:
		return '-'
	case 0x2022, 0x2024, 0x2027, 0x30FB:
		return '.'
	}
	if r >= 0x2000 && r <= 0x200A {
		return ' '
	}
	return other
}

func normLatin(r rune) byte {
	switch r {
	case 0x00A0:
		return ' '
	case 0x00AD, 0x061C:
		return ignored
	case 0x00B7:
		return '.'
	}
	return other
}

// invisible reports runes that change nothing a person sees in a number.
func invisible(r rune) bool {
	switch {
	case r >= 0x200B && r <= 0x200F, r >= 0x202A && r <= 0x202E, r >= 0x2060 && r <= 0x2069:
		return true
	case r >= 0xFE00 && r <= 0xFE0F, r == 0xFEFF, r == 0x20E3, r == 0x180E, r == 0x034F:
		return true
	}
	return r >= 0xE0000 && r <= 0xE01EF
}

// digit gives the value of a decimal digit outside ASCII: any script, circled,
// raised, lowered or of the mathematical alphabets.
func digit(r rune) (byte, bool) {
	switch {
	case r >= 0x4E00 && r <= 0xA61F, r >= 0xAC00 && r <= 0xFEFF:
		return 0, false // ideographs and Hangul, the common case
	case r >= 0x2080 && r <= 0x2089:
		return byte(r - 0x2080), true
	case r == 0x2070, r >= 0x2074 && r <= 0x2079:
		return byte(r - 0x2070), true
	case r >= 0x2460 && r <= 0x2468:
		return byte(r - 0x2460 + 1), true
	case r >= 0x2776 && r <= 0x277E:
		return byte(r - 0x2776 + 1), true
	case r == 0x24EA, r == 0x24FF:
		return 0, true
	}
	return scriptDigit(r)
}

// zeros holds for every sixteen code points of the first plane the place of
// their digit zero plus one, 0 if they hold no decimal digits (Nd).
var zeros = zeroTable()

func zeroTable() (t [0x1000]uint8) {
	for _, r := range unicode.Nd.R16 {
		for zero := r.Lo; zero+9 <= r.Hi && zero >= r.Lo; zero += 10 {
			t[zero>>4] = uint8(zero&15) + 1
		}
	}
	return t
}

// scriptDigit looks into the decimal digits (Nd), which come in sets of ten.
func scriptDigit(r rune) (byte, bool) {
	if r < 0x10000 {
		d := byte(r&15) - (zeros[r>>4] - 1)
		return d, zeros[r>>4] > 0 && d < 10
	}
	for _, s := range unicode.Nd.R32 {
		if uint32(r) <= s.Hi {
			return byte((uint32(r) - s.Lo) % 10), uint32(r) >= s.Lo
		}
	}
	return 0, false
}

// widen moves end past what belongs to the grapheme before it: combining
// marks, joiners, variation selectors, keycaps, the later parts of syllables of
// Hangul and the voice marks of half width (UAX #29, GB6 to GB9a).
func widen(text string, end int) int {
	for end > 0 && end < len(text) && text[end] >= utf8.RuneSelf {
		r, size := utf8.DecodeRuneInString(text[end:])
		if !extends(r) {
			return end
		}
		end += size
	}
	return end
}

func extends(r rune) bool {
	if r == 0x200C || r == 0x200D || r >= 0x1F3FB && r <= 0x1F3FF || r >= 0xE0020 && r <= 0xE007F {
		return true
	}
	if r >= 0x1160 && r <= 0x11FF || r >= 0xD7B0 && r <= 0xD7FF || r == 0xFF9E || r == 0xFF9F {
		return true
	}
	return r != utf8.RuneError && unicode.In(r, unicode.Mn, unicode.Me, unicode.Mc)
}

func isDigit(b byte) bool  { return b >= '0' && b <= '9' }
func isUpper(b byte) bool  { return b >= 'A' && b <= 'Z' }
func isLetter(b byte) bool { return isUpper(b &^ 0x20) }
func isAlnum(b byte) bool  { return isDigit(b) || isLetter(b) }

// byteAt is the byte at i, or 0 outside the text.
func byteAt(text string, i int) byte {
	if i < 0 || i >= len(text) {
		return 0
	}
	return text[i]
}
