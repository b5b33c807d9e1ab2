package words

import (
	"encoding/binary"
	"math/bits"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Folding brings two writings of one word together: case, accents, the two
// Turkish i, Arabic letters that are written alike, marks that may be left
// out. The result is UTF-8, mostly ASCII.
//
// low and latin hold the folded bytes of a rune packed from the lowest byte
// up, zero where the rune is left out.
var (
	low   = foldTable(0, 0x800)
	latin = foldTable(0x1E00, 0x100)
)

func foldTable(first rune, n int) []uint32 {
	t := make([]uint32, n)
	for i := range t {
		t[i] = pack(foldRune(first + rune(i)))
	}
	return t
}

func pack(s string) (p uint32) {
	for i := min(len(s), 4) - 1; i >= 0; i-- {
		p = p<<8 | uint32(s[i])
	}
	return p
}

// apart are letters that have no decomposition but a plainer writing.
var apart = map[rune]string{
	'ß': "ss", 'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ı': "i", 'ħ': "h", 'ə': "e",
	'ς': "σ", 'ё': "е", 'ґ': "г",
	'أ': "ا", 'إ': "ا", 'آ': "ا", 'ٱ': "ا", 'ى': "ي", 'ی': "ي", 'ئ': "ي", 'ة': "ه", 'ہ': "ه", 'ۃ': "ه", 'ک': "ك", 'ؤ': "و",
	'\u0640': "", // tatweel
}

// foldRune gives the folded form of a rune below U+0800 or of the Latin
// letters with marks at U+1E00.
func foldRune(r rune) string {
	r = unicode.ToLower(r)
	if s, ok := apart[r]; ok {
		return s
	}
	if unicode.In(r, unicode.Mn) || r == 0xAD || r == 0x61C {
		return ""
	}
	if r == 'й' {
		return "й"
	}
	base, _ := utf8.DecodeRuneInString(norm.NFD.String(string(r)))
	base = unicode.ToLower(base)
	if s, ok := apart[base]; ok {
		return s
	}
	if r >= 0xC0 && !unicode.IsLetter(base) {
		return "" // a mark that stands alone
	}
	return string(base)
}

// foldAt gives the folded bytes of the rune at i, packed, and its size; a
// byte that is no UTF-8 is left out.
func foldAt(t string, i int) (packed uint32, size int) {
	c := t[i]
	switch {
	case c < utf8.RuneSelf:
		return uint32(ascii[c]), 1
	case c < 0xE0:
		if i+1 < len(t) && c >= 0xC2 && t[i+1]&0xC0 == 0x80 {
			return low[int(c&0x1F)<<6|int(t[i+1]&0x3F)], 2
		}
		return 0, 1
	}
	if c < 0xF0 && len(t)-i > 2 && t[i+1]&0xC0 == 0x80 && t[i+2]&0xC0 == 0x80 && !folds(c, t[i+1], t[i+2]) {
		return uint32(c) | uint32(t[i+1])<<8 | uint32(t[i+2])<<16, 3
	}
	r, size := utf8.DecodeRuneInString(t[i:])
	switch {
	case r >= 0x1E00 && r < 0x1F00:
		return latin[r-0x1E00], size
	case r == 0x093C, r == 0x09BC, r == 0x0A3C, r >= 0x200B && r <= 0x200F, r >= 0xFE00 && r <= 0xFE0F:
		return 0, size
	case r == 0x0901:
		r = 0x0902
	}
	if size == 4 {
		return uint32(t[i]) | uint32(t[i+1])<<8 | uint32(t[i+2])<<16 | uint32(t[i+3])<<24, size
	}
	if size == 3 {
		return 0xE0 | uint32(r>>12) | uint32(0x80|r>>6&0x3F)<<8 | uint32(0x80|r&0x3F)<<16, size
	}
	return 0, size
}

// folds reports three bytes of a rune that may not be written as it is: marks that
// may be left out, Latin letters with marks, and what may be no UTF-8.
func folds(c, next, last byte) bool {
	switch c {
	case 0xE0:
		return next < 0xA4 || last == 0xBC || next == 0xA4 && last == 0x81 // nukta, candrabindu
	case 0xE1:
		return next >= 0xB8 && next <= 0xBB
	case 0xE2:
		return next == 0x80
	case 0xED:
		return next >= 0xA0
	case 0xEF:
		return next == 0xB8
	}
	return false
}

// twos and threes have for runes of two and three bytes the one unit of the trie that
// they are folded to, 0 if more has to be looked at: separators, what is folded to
// nothing or to two letters.
var (
	twos   = func() (t [0x800]uint16) { fillUnits(t[:], 0x80); return }()
	threes = func() (t [1 << 16]uint16) { fillUnits(t[:], 0x800); return }()
)

func fillUnits(t []uint16, first rune) {
	for r := first; int(r) < len(t); r++ {
		s := string(r)
		if kind, _ := KindAt(s, 0); kind == Separator || !utf8.ValidRune(r) {
			continue
		}
		packed, _ := foldAt(s, 0)
		word := unpacked(packed)
		if u, size := utf8.DecodeRune(word); size > 0 && size == len(word) {
			t[r] = uint16(u) //nolint:gosec // of the first plane, as r is
		}
	}
}

// unitOfTwo gives the unit of a rune of two bytes, 0 if there is none or more has to be
// looked at.
func unitOfTwo(t string, i int) int {
	if i+1 >= len(t) || t[i] < 0xC2 || t[i+1]&0xC0 != 0x80 {
		return 0
	}
	return int(twos[int(t[i]&0x1F)<<6|int(t[i+1]&0x3F)])
}

// unitOfThree is unitOfTwo for a rune of three bytes.
func unitOfThree(t string, i int) int {
	if i+2 >= len(t) || t[i] >= 0xF0 || (t[i+1]^0x80)|(t[i+2]^0x80) > 0x3F {
		return 0
	}
	return int(threes[int(t[i]&0x0F)<<12|int(t[i+1]&0x3F)<<6|int(t[i+2]&0x3F)])
}

// unpacked gives the bytes of a folded rune.
func unpacked(packed uint32) []byte {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], packed)
	return b[:(bits.Len32(packed)+7)/8]
}

// letter is ascii for all bytes, zero for those of other runes.
var letter = func() (t [256]byte) {
	copy(t[:], ascii[:])
	return t
}()

// ascii folds a byte of ASCII: letters in lower case, digits, zero for what
// separates words.
var ascii = func() (t [128]byte) {
	for c := range t {
		switch {
		case c >= '0' && c <= '9', c >= 'a' && c <= 'z':
			t[c] = byte(c)
		case c >= 'A' && c <= 'Z':
			t[c] = byte(c) | 0x20
		}
	}
	return t
}()
