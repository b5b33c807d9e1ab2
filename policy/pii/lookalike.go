package pii

import (
	"sort"
	"strings"
	"unicode/utf8"
	"unsafe"

	"postern/policy/pii/catalog"
)

// Letters that look like digits or like letters of another script hide a value
// from machines, not from people: 4lll, gmаil with a Cyrillic а. Texts that hold
// such tokens are read a second time with them replaced; what is found then
// weighs less.

// alike gives what a letter of Cyrillic or Greek looks like.
var alike = func() (t [0x500]byte) {
	const from = "аеорсхуіјѕһАВЕКМНОРСТХУІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧονρ"
	const to = "aeopcxyijshABEKMHOPCTXYISJABEZHIKMNOPTYXovp"
	i := 0
	for _, r := range from {
		t[r] = to[i]
		i++
	}
	return t
}()

// digitAlike gives the digit a letter looks like, 0 if none.
func digitAlike(c byte) byte {
	switch c {
	case 'O', 'o':
		return '0'
	case 'l', 'I', 'i', '|':
		return '1'
	}
	return 0
}

// lookalikePenalty is what a second reading costs.
const lookalikePenalty = 25

// lookalikes reads the text a second time if the survey saw reason to.
func (p *pass) lookalikes() {
	if p.odd {
		p.readAlike()
	}
}

// readAlike reads the text a second time.
func (p *pass) readAlike() {
	second := passes.Get().(*pass)
	defer second.release()
	v := &second.plain
	v.orig = p.text
	v.buf, v.steps = v.buf[:0], v.steps[:0]
	second.folds = second.folds[:0]
	second.replace(p.text)
	if len(second.folds) == 0 {
		return
	}
	text := unsafe.String(&v.buf[0], len(v.buf)) // the buffer rests until the next text
	for folds := second.folds; len(folds) > 0; {
		lo, hi := around(text, folds)
		n := sort.Search(len(folds), func(i int) bool { return int(folds[i]) >= hi })
		p.again(second, text, lo, hi, folds[:n])
		folds = folds[n:]
	}
}

// What is read a second time around a replaced letter: lines to beBeside bytes
// at least on both sides, no end of a line being further than maxBeside. No
// label and no value but a file reaches further.
const (
	beBeside  = 256
	maxBeside = 4096
)

// around gives the part of a text that is read again for the first of the folds
// and those that stand close to it.
func around(text string, folds []int32) (lo, hi int) {
	if at := int(folds[0]) - beBeside; at > 0 {
		from := max(at-maxBeside, 0)
		if lo = strings.LastIndexByte(text[from:at], '\n') + 1; lo > 0 {
			lo += from
		} else if from > 0 {
			for lo = from; !utf8.RuneStart(text[lo]); lo-- {
			}
		}
	}
	for _, f := range folds {
		if hi > 0 && int(f) >= hi {
			return lo, hi
		}
		at := min(int(f)+beBeside, len(text))
		if at <= hi {
			continue
		}
		end := min(at+maxBeside, len(text))
		if n := strings.IndexByte(text[at:end], '\n'); n >= 0 {
			end = at + n
		}
		for end < len(text) && !utf8.RuneStart(text[end]) {
			end++
		}
		hi = max(hi, end)
	}
	return lo, hi
}

// again reads a part of the text with letters replaced. What it finds counts
// where one of the folds stands in it.
func (p *pass) again(second *pass, text string, lo, hi int, folds []int32) {
	hint := p.hint
	if lo > 0 {
		hint.Label = ""
	}
	second.reset(p.s, text[lo:hi], &hint)
	second.survey()
	second.judge()
	v := &second.plain
	for _, f := range resolve(second.found, 0) {
		f.Start, f.End = f.Start+lo, f.End+lo
		for len(folds) > 0 && int(folds[0]) < f.Start {
			folds = folds[1:]
		}
		if len(folds) == 0 || int(folds[0]) >= f.End || f.Type == catalog.Name || f.Type == catalog.Address {
			continue
		}
		f.Start, f.End = v.from(f.Start), v.to(f.End)
		w := p.blank()
		w.add(f.Reasons, f.Score, f.Start, f.End)
		w.add(Lookalike, -lookalikePenalty, f.Start, f.End)
		p.decide(&f, &w)
	}
}

// replace writes the second reading of a text into p.plain.
func (p *pass) replace(t string) {
	for i := 0; i < len(t); {
		if end := plainLetters(t, i); end > i {
			p.plain.buf = append(p.plain.buf, t[i:end]...)
			i = end
			continue
		}
		end, number, letters := wordLike(t, i)
		if end == i {
			p.plain.buf = append(p.plain.buf, t[i])
			i++
			continue
		}
		if !number && !letters {
			p.inlay(t, i, end)
			i = end
		}
		for i < end {
			if c := t[i]; c >= utf8.RuneSelf {
				i = p.replaceAt(t, i, number)
				continue
			} else if d := asDigit[c]; number && d != c {
				p.folds = append(p.folds, int32(len(p.plain.buf))) //nolint:gosec // a place in a text
				p.plain.buf = append(p.plain.buf, d)
			} else {
				p.plain.buf = append(p.plain.buf, c)
			}
			i++
		}
	}
}

// asDigit gives the digit that a byte of ASCII looks like, else the byte.
var asDigit = func() (t [utf8.RuneSelf]byte) {
	for c := range t {
		if t[c] = byte(c); digitAlike(byte(c)) != 0 {
			t[c] = digitAlike(byte(c))
		}
	}
	return t
}()

// leastInlaid is how many digits a code has at least in which a letter is read as one.
const leastInlaid = 5

// inlaid reports a code of letters and digits in which a letter between two digits looks
// like one: 93O455877v.
func inlaid(v string) bool {
	digits, odd := 0, false
	for i := range len(v) {
		if isDigit(v[i]) {
			digits++
		} else {
			odd = odd || between(v, i)
		}
	}
	return odd && digits >= leastInlaid
}

// between reports a letter that looks like a digit and stands between two.
func between(v string, i int) bool {
	return digitAlike(v[i]) != 0 && isDigit(byteAt(v, i-1)) && isDigit(byteAt(v, i+1))
}

// inlay writes the word of t from i to end, the letters between digits as digits if it
// is a code.
func (p *pass) inlay(t string, i, end int) {
	at := len(p.plain.buf)
	p.plain.buf = append(p.plain.buf, t[i:end]...)
	if !inlaid(t[i:end]) {
		return
	}
	for k := i; k < end; k++ {
		if between(t, k) {
			p.plain.buf[at+k-i] = digitAlike(t[k])
			p.folds = append(p.folds, int32(at+k-i)) //nolint:gosec // a place in a text
		}
	}
}

// plainLetters gives the end of the ASCII letters at i if they are a word in
// which nothing is replaced, as is the rule.
func plainLetters(t string, i int) int {
	if !isLetter(t[i]) || digitAlike(t[i]) != 0 {
		return i
	}
	end := i
	for n := 8; n == 8; {
		n = lettersIn(eight(t, end))
		end += n
	}
	if c := byteAt(t, end); isDigit(c) || c == '|' || c >= utf8.RuneSelf {
		return i
	}
	return end
}

// replaceAt writes one rune outside ASCII of a word that is read as a number or as letters.
func (p *pass) replaceAt(t string, i int, number bool) int {
	r, size := utf8.DecodeRuneInString(t[i:])
	if int(r) >= len(alike) || alike[r] == 0 {
		p.plain.buf = append(p.plain.buf, t[i:i+size]...)
		return i + size
	}
	b := alike[r]
	if number {
		b = asDigit[b]
	}
	p.folds = append(p.folds, int32(len(p.plain.buf))) //nolint:gosec // a place in a text
	p.plain.buf = append(p.plain.buf, b)
	p.plain.steps = append(p.plain.steps, step{uint32(len(p.plain.buf)), uint32(i + size)}) //nolint:gosec // places in a text
	return i + size
}

// wordLike gives the end of the row of letters and digits at i, and how it may
// be read: as a number if all its letters look like digits and a digit stands
// in it or beside it, as letters of ASCII if some are.
func wordLike(t string, i int) (end int, number, letters bool) {
	digits, plain, foreign, other := 0, 0, 0, 0
	end = i
	for end < len(t) {
		c := t[end]
		switch {
		case isDigit(c):
			digits++
			end++
			continue
		case isLetter(c) || c == '|':
			if plain++; digitAlike(c) == 0 {
				other++
			}
			end++
			continue
		case c < utf8.RuneSelf:
		default:
			if r, size := utf8.DecodeRuneInString(t[end:]); size == 2 && int(r) < len(alike) && r >= 0x370 {
				if foreign++; alike[r] == 0 {
					return end + size, false, false
				}
				if digitAlike(alike[r]) == 0 {
					other++
				}
				end += size
				continue
			}
		}
		break
	}
	beside := digits > 0 || isDigit(byteAt(t, i-2)) && !isAlnum(byteAt(t, i-1)) || isDigit(byteAt(t, end+1)) && !isAlnum(byteAt(t, end))
	number = other == 0 && plain+foreign > 0 && beside && (digits > 0 || plain+foreign > 1)
	return end, number, foreign > 0 && plain+digits > 0
}
