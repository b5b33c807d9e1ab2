package pii

import (
	"testing"
	"unicode/utf8"

	unicodenorm "golang.org/x/text/unicode/norm"
)

// TestComposeIsUnicodes: two pieces join exactly where Unicode's canonical composition
// joins them. Wa, wi, we and wo with a voice mark are left out: no list has them.
func TestComposeIsUnicodes(t *testing.T) {
	var first []rune
	for _, block := range [][2]rune{{0x1100, 0x11FF}, {0x3041, 0x3096}, {0x30A1, 0x30EE}, {0x30F3, 0x30FA}, {0xAC00, 0xAC00 + 3*28}, {0xD7A3 - 28, 0xD7A3 + 1}, {'a', 'z'}} {
		for r := block[0]; r <= block[1]; r++ {
			first = append(first, r)
		}
	}
	second := []rune{voiced, halfVoiced}
	for r := rune(0x1160); r <= 0x11FF; r++ {
		second = append(second, r)
	}
	for _, a := range first {
		for _, b := range second {
			want := rune(0)
			if whole := unicodenorm.NFC.String(string(a) + string(b)); utf8.RuneCountInString(whole) == 1 {
				want, _ = utf8.DecodeRuneInString(whole)
			}
			if got := compose(a, b); got != want {
				t.Fatalf("%U and %U compose to %U, Unicode's %U", a, b, got, want)
			}
			if want != 0 && !joins(b) {
				t.Fatalf("%U joins %U and is not looked at", b, a)
			}
		}
	}
}

// TestNarrowKana: kana of half width read as Unicode's compatibility form, and what is
// none is left to others.
func TestNarrowKana(t *testing.T) {
	for r := rune(0xFF00); r <= 0xFFFF; r++ {
		narrowed := r >= 0xFF66 && r <= 0xFF9F
		if joins(r) != narrowed {
			t.Fatalf("%U joins: %v", r, !narrowed)
		}
		if !narrowed {
			continue
		}
		var v view
		v.join(r)
		if want := unicodenorm.NFKC.String(string(r)); string(v.buf) != want {
			t.Errorf("%U reads %q, want %q", r, v.buf, want)
		}
	}
}
