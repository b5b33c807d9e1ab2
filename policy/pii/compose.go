package pii

import "unicode/utf8"

// Texts that come from file names and old forms hold letters in pieces:
// syllables of Hangul as their Jamo, kana with the voice mark apart, kana of
// half width. The lists have them in one, as people type them (Unicode
// Standard 3.12 and 18.4; NFC).

const (
	syllables, leads, vowels, tails = 0xAC00, 0x1100, 0x1161, 0x11A7
	vowelCount, tailCount           = 21, 28

	voiced, halfVoiced = 0x3099, 0x309A
)

// joins reports runes that are written otherwise here: pieces that join what
// stands before them, and kana of half width.
func joins(r rune) bool {
	return r == voiced || r == halfVoiced || r >= 0xFF66 && r <= 0xFF9F || r >= vowels && r < vowels+vowelCount || r > tails && r < tails+tailCount
}

// narrow are the kana of half width from U+FF66 on.
var narrow = []rune("ヲァィゥェォャュョッーアイウエオカキクケコサシスセソタチツテトナニヌネノハヒフヘホマミムメモヤユヨラリルレロワン\u3099\u309A")

// join writes a rune that joins; what joins nothing stands alone.
func (v *view) join(r rune) {
	if r >= 0xFF66 {
		r = narrow[r-0xFF66]
	}
	last, size := utf8.DecodeLastRune(v.buf)
	if whole := compose(last, r); whole != 0 {
		v.buf = utf8.AppendRune(v.buf[:len(v.buf)-size], whole)
		return
	}
	v.buf = utf8.AppendRune(v.buf, r)
}

// compose gives the letter of two pieces, zero if there is none. Both have
// three bytes, as the whole has.
func compose(a, b rune) rune {
	switch {
	case b == voiced && (a == 'う' || a == 'ウ'):
		return a + 'ゔ' - 'う'
	case (b == voiced || b == halfVoiced) && (a >= 'は' && a <= 'ほ' || a >= 'ハ' && a <= 'ホ'):
		if (a-'は')%('ハ'-'は')%3 != 0 { // voiced already
			return 0
		}
		return a + 1 + b - voiced
	case b == voiced && takesVoice(a):
		return a + 1
	case a >= leads && a < leads+19 && b >= vowels && b < vowels+vowelCount:
		return syllables + ((a-leads)*vowelCount+b-vowels)*tailCount
	case a >= syllables && a <= 0xD7A3 && (a-syllables)%tailCount == 0 && b > tails && b < tails+tailCount:
		return a + b - tails
	}
	return 0
}

// takesVoice reports kana of the rows ka, sa and ta, whose voiced form is the
// next rune.
func takesVoice(r rune) bool {
	if r >= 'ァ' {
		r -= 'ァ' - 'ぁ'
	}
	switch {
	case r >= 'か' && r <= 'ぢ':
		return (r-'か')%2 == 0
	case r >= 'つ' && r <= 'ど':
		return (r-'つ')%2 == 0
	}
	return false
}
