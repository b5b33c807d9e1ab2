package pii

import (
	"math/bits"
	"sort"
	"unicode/utf8"
	"unsafe"
)

// view is a text as a person reads it: digits of every script and full width
// signs in ASCII, all spaces ' ', all dashes '-', invisible marks left out.
// Recognisers read the view; its offsets map back to the original.
type view struct {
	orig  string
	text  string // orig itself if nothing had to change
	buf   []byte
	steps []step
}

// step says that from place at in the view on, the original runs from place
// from on, until the next step.
type step struct{ at, from uint32 }

// read sets up the view of a text. The text of the view is valid until the
// next read.
func (v *view) read(text string) {
	v.orig, v.text = text, text
	v.buf, v.steps = v.buf[:0], v.steps[:0]
	first := asciiEnd(text)
	if first < len(text) {
		first = probe(text, first)
	}
	if first == len(text) || len(text) > 1<<31 {
		return
	}
	done := 0
	for i := first; i < len(text); i = probe(text, i) {
		v.copy(text, done, i)
		r, size := utf8.DecodeRuneInString(text[i:])
		v.put(r, text[i:i+size])
		i += size
		done = i
		v.steps = append(v.steps, step{uint32(len(v.buf)), uint32(i)})
	}
	v.copy(text, done, len(text))
	v.text = ""
	if len(v.buf) > 0 {
		v.text = unsafe.String(&v.buf[0], len(v.buf)) // the buffer rests until the next read
	}
}

func (v *view) copy(text string, from, to int) { v.buf = append(v.buf, text[from:to]...) }

// put writes what stands for a rune: nothing, one byte of ASCII, or the rune.
func (v *view) put(r rune, raw string) {
	b := normRune(r)
	switch {
	case b == ignored:
		return
	case b == other && joins(r):
		v.join(r)
		return
	case b == other:
		v.buf = append(v.buf, raw...)
		return
	case (r == 0x30FC || r == 0x30FB) && (len(v.buf) == 0 || !isDigit(v.buf[len(v.buf)-1])):
		v.buf = append(v.buf, raw...) // part of a word
		return
	case r == wideComma && !v.changed():
		v.buf = append(v.buf, ", "...)
		return
	}
	v.buf = append(v.buf, b)
}

// wideComma parts clauses in Chinese and Japanese, where digits of half width
// stand before it: "839201，5分钟". Behind digits of full width it may part
// thousands.
const wideComma = 0xFF0C

// changed reports that what stands last in the view was written otherwise.
func (v *view) changed() bool {
	return len(v.steps) > 0 && int(v.steps[len(v.steps)-1].at) == len(v.buf)
}

// from maps the start of something in the view to the original.
func (v *view) from(at int) int {
	if len(v.steps) == 0 {
		return at
	}
	n := sort.Search(len(v.steps), func(i int) bool { return int(v.steps[i].at) > at })
	if n == 0 {
		return at
	}
	return int(v.steps[n-1].from) + at - int(v.steps[n-1].at)
}

// to maps the end of something in the view to the original, widened so that no
// grapheme is cut.
func (v *view) to(end int) int {
	if len(v.steps) == 0 || end == 0 {
		return widen(v.orig, end)
	}
	at := v.from(end - 1)
	_, size := utf8.DecodeRuneInString(v.orig[at:])
	return widen(v.orig, at+size)
}

// differs holds a bit for each rune of the first plane that reads differently.
var differs = func() (t [1 << 10]uint64) {
	for r := range rune(1 << 16) {
		if r >= utf8.RuneSelf && utf8.ValidRune(r) && (normRune(r) != other || joins(r)) {
			t[r>>6] |= 1 << (r & 63)
		}
	}
	return t
}()

// asciiEnd gives a place up to which a text has ASCII alone, not more than eight bytes
// before the first other byte; its end if there is none.
func asciiEnd(text string) int {
	i := 0
	for ; len(text)-i > 8; i += 8 {
		if load(text, i)&high != 0 {
			return i
		}
	}
	if eight(text, max(0, len(text)-8))&high == 0 {
		return len(text)
	}
	return i
}

// probe gives the first place from i on that reads differently, or len(text).
func probe(text string, i int) int {
	for i < len(text) {
		c := text[i]
		switch {
		case c < utf8.RuneSelf:
			wide := uint64(0)
			if len(text)-i >= 8 {
				wide = load(text, i) & high
			} else {
				wide = few(text, i) & high
			}
			i += bits.TrailingZeros64(wide) >> 3
		case c < 0xE0:
			if len(text)-i < 2 {
				return len(text)
			}
			next := text[i+1]
			if differs[c&0x1F]>>(next&0x3F)&1 != 0 && alters(text, i) {
				return i
			}
			if i++; next&0xC0 == 0x80 {
				i++
			}
		case c < 0xF0:
			if len(text)-i < 3 || (text[i+1]^0x80)|(text[i+2]^0x80) > 0x3F {
				i++
				continue
			}
			if differs[int(c&0x0F)<<6|int(text[i+1]&0x3F)]>>(text[i+2]&0x3F)&1 != 0 && alters(text, i) {
				return i
			}
			i += 3
		default:
			if len(text)-i > 1 && text[i+1] != 0x9F && alters(text, i) { // 0x9F: emoji
				return i
			}
			i++
		}
	}
	return len(text)
}

// alters reports a rune at i that reads differently.
func alters(text string, i int) bool {
	r, size := utf8.DecodeRuneInString(text[i:])
	return size > 1 && (normRune(r) != other || joins(r))
}
