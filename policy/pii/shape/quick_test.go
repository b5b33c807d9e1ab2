package shape

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// TestLettersInPlace holds what is worked out from the bytes of a letter against the
// tables of Unicode, for every rune and for bytes that are none.
func TestLettersInPlace(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		s := string(r) + "x"
		got, size := runeAt(s, 0)
		if want, n := utf8.DecodeRuneInString(s); got != want || size != n {
			t.Fatalf("runeAt of %U gives %U in %d bytes", r, got, size)
		}
		if lower(r) != unicode.ToLower(r) {
			t.Fatalf("lower of %U is %U", r, lower(r))
		}
		if plainHan(s, 0) && !unicode.Is(unicode.Han, r) || r >= 0x4E00 && r <= 0x9FFF && !plainHan(s, 0) || han(r) != unicode.Is(unicode.Han, r) {
			t.Fatalf("%U is of Han: %v", r, unicode.Is(unicode.Han, r))
		}
	}
	for _, s := range []string{"\xc2", "\xc2x", "\xe4\xb8", "\xe4\xb8x", "\xe4x\x80", "\xe0\x80\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xc1\x80", "\x80\x80\x80"} {
		got, size := runeAt(s+"  ", 0)
		if want, n := utf8.DecodeRuneInString(s + "  "); got != want || size != n || plainHan(s+"  ", 0) {
			t.Errorf("runeAt of %x gives %U in %d bytes", s, got, size)
		}
	}
}

// TestBytesByEight holds searches by eight bytes against those of one.
func TestBytesByEight(t *testing.T) {
	for n := range 40 {
		for k := range n {
			for _, c := range []byte{' ', '!', '/', '0', '9', ':', 0x80, 0xB0, 0xB9} {
				b := []byte(strings.Repeat("a", n))
				b[k] = c
				s := string(b)
				if got := lastByte(s, ' '); got != strings.LastIndexByte(s, ' ') {
					t.Fatalf("lastByte of %q is %d", s, got)
				}
				if got := digitIn(s); got != strings.IndexAny(s, "0123456789") {
					t.Fatalf("digitIn of %q is %d", s, got)
				}
			}
		}
	}
}

// TestWordsOfLists finds every word of a list in any writing, and none that is longer,
// shorter or of another script.
func TestWordsOfLists(t *testing.T) {
	for _, list := range []string{"de von della straße ulica площадь улица jirón é al'an internationale müller", "ل بن ابن عبد 路 στο"} {
		words := setOf(list)
		for w := range strings.FieldsSeq(list) {
			for _, form := range []string{w, strings.ToUpper(w), strings.ToTitle(w)} {
				if !namedPlain(words, form) {
					t.Errorf("%q is not found as %q", w, form)
				}
			}
			for _, other := range []string{w + "x", "x" + w, w[:len(w)-1], ""} {
				if namedPlain(words, other) {
					t.Errorf("%q is taken for %q", other, w)
				}
			}
		}
	}
}
