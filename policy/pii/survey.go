package pii

import (
	"unicode/utf8"

	"postern/policy/pii/shape"
	"postern/policy/pii/words"
)

// The survey goes once over the text. It notes the words that mean something
// and the places where numbers and codes stand, and finds what shows by its
// own structure. Values are judged afterwards, when the words on both sides of
// them are known.

const (
	isOther  uint8 = iota // ends a number
	isGap                 // may stand inside a number
	isDot                 // so may these, and they are signs of structures
	isWall                // ends a sentence
	isLine                // ends a line
	isNumber              // a digit
	isWord                // an ASCII letter
	isWide                // a byte of a rune outside ASCII
	isLabel               // may begin a label of ours
)

var classOf = func() (t [256]uint8) {
	for c := range t {
		switch b := byte(c); {
		case isDigit(b):
			t[c] = isNumber
		case isLetter(b):
			t[c] = isWord
		case b >= utf8.RuneSelf:
			t[c] = isWide
		case numberMark(b) && shape.Marks[b]:
			t[c] = isDot
		case numberMark(b):
			t[c] = isGap
		case b == '!' || b == '?' || b == ']':
			t[c] = isWall
		case b == '\n':
			t[c] = isLine
		case b == '[':
			t[c] = isLabel
		}
	}
	return t
}()

// numberMark reports bytes that may stand inside one number.
func numberMark(c byte) bool {
	return c == ' ' || c == '-' || c == '.' || c == '/' || c == '(' || c == ')'
}

// surveyor is the state of a survey.
type surveyor struct {
	marks  []mark
	tokens []token
	pace   int32
	wall   int32
	row    int // digits without a word between them
	stars  int
	inside int // end of the phrase that is being passed
	heard  heard
	odd    bool // letters stand where digits or letters of another script should

	aloud   bool // words say digits, one after the other
	saidRow int  // how many so far
	saidEnd int  // where the last one ends
}

// survey fills the pass's marks and tokens.
func (p *pass) survey() {
	t := p.text
	for i := 0; i < len(t); {
		switch c := t[i]; classOf[c] {
		case isWord:
			i = p.latin(i)
		case isGap:
			p.stars = 0
			i++
		case isDot:
			p.stars = 0
			i = p.sign(i, c)
		case isNumber:
			i = p.digits(i)
		case isWide:
			i = p.wide(i)
		case isLine:
			p.pace += paceWord
			p.row = 0
			i++
		case isWall:
			i++
			p.wall, p.row = int32(i), 0
		case isLabel:
			p.row = 0
			if next := skipLabel(t, i); next > i+1 {
				i = next
			} else {
				i = p.sign(i, c)
			}
		default:
			p.row = 0
			i = p.other(i, c)
		}
	}
}

// other passes a sign that stands in no number. Three stars are a mask: what
// stands before them says nothing about what follows.
func (p *pass) other(i int, c byte) int {
	if c != '*' {
		p.stars = 0
		return p.sign(i, c)
	}
	if p.stars++; p.stars > 2 {
		p.wall = int32(i + 1)
	}
	return i + 1
}

// sign asks for the structures whose sign stands at i.
func (p *pass) sign(i int, c byte) int {
	if shape.Marks[c] {
		if m, ok := shape.Mark(p.text, i, p.floor); ok && m.End > i && p.shaped(m) {
			return m.End
		}
	}
	return i + 1
}

// shaped takes over a structure if it is a finding, or known to be none; words
// and tokens inside it are its own.
func (p *pass) shaped(m shape.Match) bool {
	marks, tokens := len(p.marks), len(p.tokens)
	for marks > 0 && int(p.marks[marks-1].end) > m.Start {
		marks--
	}
	for tokens > 0 && int(p.tokens[tokens-1].end) > m.Start {
		tokens--
	}
	if m.Row != shape.Plain {
		p.near.token = 0
		p.tokens = append(p.tokens, token{int32(m.Start), int32(m.End), -1, p.pace, int32(marks), p.wall})
		if !p.structure(m) {
			p.tokens = p.tokens[:len(p.tokens)-1]
			return false
		}
		p.tokens[tokens] = p.tokens[len(p.tokens)-1]
		tokens++
	}
	p.near.token = 0
	p.marks, p.tokens = p.marks[:marks], p.tokens[:tokens]
	p.floor = m.End
	p.pace += paceWord
	p.row = 0
	return true
}

// minGlued is how many letters a label has at least that stands before digits
// without a gap.
const minGlued = 2

// word passes a word that begins with an ASCII letter.
func (p *pass) word(i int) int {
	t := p.text
	digit, end := -1, i
	for end < len(t) {
		if c := classOf[t[end]]; c == isNumber {
			if digit < 0 {
				digit = end
			}
		} else if c != isWord {
			break
		}
		end++
	}
	if m, ok := shape.Token(t, i, end, p.floor); ok && m.End > i && p.shaped(m) {
		return m.End
	}
	if entry, stop := p.t.words.Match(t, i); entry != 0 && stop > p.inside && (stop >= end || stop-i >= minGlued) && !p.spoke(entry, i, stop) {
		if next := p.mailAt(i, stop, entry); next > 0 {
			return next
		}
		p.mark(i, stop, entry)
		if stop < end && digit >= 0 { // "cpf52998224725"
			p.token(i, end, digit)
			return end
		}
		return p.behind(end, stop)
	}
	p.odd = p.odd || end < len(t) && lookalikeLead(t[end])
	if digit >= 0 {
		p.odd = p.odd || disguised(t[i:end])
		p.token(i, end, digit)
		return end
	}
	if digitAlike(t[i]) != 0 && end > i+1 {
		p.odd = p.odd || digitsBut(t[i:end])
	}
	p.row, p.stars = 0, 0
	if i >= p.inside {
		p.pace += paceWord
	}
	if end < len(t) && t[end] >= utf8.RuneSelf {
		return p.wordEnd(end, true)
	}
	return end
}

// behind gives where to go on behind a word that ends at end and begins a
// phrase that ends at stop: the next words of the phrase may begin another
// that reaches further.
func (p *pass) behind(end, stop int) int {
	if stop > end && end < len(p.text) && p.text[end] < utf8.RuneSelf {
		p.inside = stop
		return end
	}
	if isDigit(byteAt(p.text, stop)) {
		return stop
	}
	return p.wordEnd(stop, true)
}

// wordEnd gives where the word that holds i ends. Digits begin something new,
// and so do ASCII letters behind those of another script.
func (p *pass) wordEnd(i int, latin bool) int {
	t := p.text
	for i < len(t) {
		if c := t[i]; c < utf8.RuneSelf {
			if !latin || !isLetter(c) {
				return i
			}
			i++
			continue
		}
		if c := t[i]; c >= 0xC3 && c < 0xD8 && i+1 < len(t) && t[i+1]&0xC0 == 0x80 { // as KindAt has it
			i += 2
			continue
		}
		kind, size := words.KindAt(t, i)
		if kind != words.Spaced {
			return i
		}
		i += size
	}
	return i
}

// mailAt takes over an address of mail around a word for @, and gives where it
// ends, zero if there is none.
func (p *pass) mailAt(i, end int, entry uint32) int {
	kind := p.t.brief[entry].at
	if kind == 0 {
		return 0
	}
	if m, ok := shape.Spelled(p.text, i, end, p.floor, kind == vaguelyAt); ok && m.End > end && p.shaped(m) {
		return m.End
	}
	return 0
}

// digits passes a token that begins with a digit. Six digits without a word
// between them are a value: labels before it are not for what follows.
func (p *pass) digits(i int) int {
	t := p.text
	x := uint64(0)
	if len(t)-i >= 8 {
		x = load(t, i)
	} else {
		x = few(t, i)
	}
	end := i + digitsIn(x)
	if end == i+8 {
		for end < len(t) && isDigit(t[end]) {
			end++
		}
	}
	next := byteAt(t, end)
	if next >= 'A' {
		if isLetter(next) {
			return p.code(i, end)
		}
		p.odd = p.odd || lookalikeLead(next)
	}
	if !shape.AloneDigits(t, i, end) {
		if m, ok := shape.Token(t, i, end, p.floor); ok && m.End > i && p.shaped(m) {
			return m.End
		}
	}
	row := p.row + end - i
	p.token(i, end, i)
	if p.row = row; row > 5 {
		p.wall = int32(end)
	}
	if next == ' ' {
		return end + 1
	}
	return end
}

// code passes a token of digits and letters that begins with digits up to a place.
func (p *pass) code(i, end int) int {
	t := p.text
	for end < len(t) && isAlnum(t[end]) {
		end++
	}
	p.odd = p.odd || disguised(t[i:end]) || end < len(t) && lookalikeLead(t[end])
	if m, ok := shape.Token(t, i, end, p.floor); ok && m.End > i && p.shaped(m) {
		return m.End
	}
	p.token(i, end, i)
	return end
}

// digitsBut reports a token of digits and letters that look like digits.
func digitsBut(token string) bool {
	for i := range len(token) {
		if c := token[i]; !isDigit(c) && digitAlike(c) == 0 {
			return false
		}
	}
	return true
}

// disguised reports a token in which letters may stand for digits.
func disguised(token string) bool { return digitsBut(token) || inlaid(token) }
