package pii

import (
	"sort"
	"strings"

	"postern/policy/pii/catalog"
	"postern/policy/pii/shape"
)

// Labels behind their value: "482913 is your code".

// maxBefore is how many tokens of one value stand before its label.
const maxBefore = 4

// beforeLabel reads a value that ends before mark i, nothing but words that link
// between.
func (p *pass) beforeLabel(i int, r *reader) {
	m := &p.marks[i]
	k := sort.Search(len(p.tokens), func(k int) bool { return p.tokens[k].at >= m.at }) - 1
	floor := p.sameBefore(i)
	for tries := 0; k >= 0 && tries < maxBefore && int(m.at-p.tokens[k].end) <= reachBack && p.tokens[k].at >= floor; k, tries = k-1, tries+1 {
		at := int(p.tokens[k].at)
		word := wordBefore(p.text, at)
		if word == at-1 {
			word = at // a mark and no letters
		}
		chunk := chunkBefore(p.text, word) // "EIC-O-85"
		if chunk < word && at-chunk < maxValue && p.endsAt(i, k, chunk, r) || word < at && p.endsAt(i, k, word, r) || p.endsAt(i, k, at, r) {
			return
		}
	}
}

// sameBefore gives where the label of mark i ends that stands before it as well: what is
// before that one is its own. It is 0 where none is near.
func (p *pass) sameBefore(i int) int32 {
	m := &p.marks[i]
	for j := i - 1; j >= 0 && int(m.at-p.marks[j].end) <= reachBack; j-- {
		if p.marks[j].entry == m.entry {
			return p.marks[j].end
		}
	}
	return 0
}

// upToLabel reads a name or an address that ends where mark i begins: "Anna Meier
// is my name".
func (p *pass) upToLabel(i int, r *reader) {
	m := &p.marks[i]
	found, ok := r.before(p.text, int(m.at))
	if !ok {
		return
	}
	row, ok := p.t.number[found.Row]
	if !ok {
		return
	}
	w := p.blank()
	w.add(ByLabel, 85, int(m.at), int(m.end))
	w.add(ByShape, min(rarity(found.OneIn), 70), found.Start, found.End)
	e := &p.t.rows[row].row
	p.decide(&Finding{Type: e.Type, Entity: e.Name, Start: found.Start, End: found.End}, &w)
}

// endsAt reads a value of token k from a place on, and reports whether it is one
// that mark i names.
func (p *pass) endsAt(i, k, from int, r *reader) bool {
	if r.whole && shape.GoesOn(p.text, from, int(p.tokens[k].end), int(p.marks[i].at)) {
		return false
	}
	found, ok := p.ask(r, from)
	if !ok || r.after > 1 && found.OneIn < r.firm || found.Start != from || found.End > int(p.marks[i].at) || found.End < int(p.tokens[k].end) {
		return false
	}
	row, known := p.t.number[found.Row]
	v, l := p.callBehind(k, found.End, &r.says)
	if v != named || !known || l.far < r.after-1 && !strings.EqualFold(p.text[l.at:min(len(p.text), l.at+3)], "my ") && !p.particle(found.End, l.at) {
		return false
	}
	e := &p.t.rows[row].row
	if e.Type == catalog.OTP && p.goesBack(found.Start) {
		return false
	}
	w := p.blank()
	w.add(ByLabel, 85, l.at, l.end)
	w.add(ByShape, min(rarity(found.OneIn), 70), found.Start, found.End)
	if e.Type == catalog.CardExpiry && p.card < 0 {
		p.bestBefore(i, &w)
	}
	p.decide(&Finding{Type: e.Type, Entity: e.Name, Start: found.Start, End: found.End}, &w)
	return true
}

// answer is what a reader says of a place.
type answer struct {
	r    *reader
	from int
	m    shape.Match
	ok   bool
}

// manyMarks is how many words of the lists a text has at least in which places are asked
// more than once.
const manyMarks = 16

// ask reads a value from a place on, or remembers what was read there: labels in a row
// ask for the values on both sides of them.
func (p *pass) ask(r *reader, from int) (shape.Match, bool) {
	if len(p.marks) < manyMarks {
		return r.read(p.text, from)
	}
	for i := range p.answered {
		if a := &p.answered[i]; a.from == from && a.r == r {
			return a.m, a.ok
		}
	}
	m, ok := r.read(p.text, from)
	p.answered[p.asks%len(p.answered)] = answer{r, from, m, ok}
	p.asks++
	return m, ok
}

// particle reports a word of a script without spaces directly behind a value, and behind
// that the label: "qwerty12がパスワードです" says as much as "is the".
func (p *pass) particle(end, at int) bool { return byteAt(p.text, end) >= 0xE3 && at > end }

// goesBack reports that digits stand directly before a value that begins with
// digits: "Meeting 892 4471 3320 passcode in the invite" ends no code.
func (p *pass) goesBack(start int) bool {
	c := byteAt(p.text, start-1)
	return (c == ' ' || c == '-') && isDigit(byteAt(p.text, start-2))
}

// wordBefore gives where the word before i begins, a blank or a mark between: a
// month, a prefix.
func wordBefore(text string, i int) int {
	k := i
	if k > 0 && (text[k-1] == ' ' || text[k-1] == '-' || text[k-1] == '/') {
		k--
	}
	for n := 0; k > 0 && n < 24 && (isLetter(text[k-1]) || text[k-1] >= 0x80); n++ {
		k--
	}
	return k
}

// chunkBefore gives where what no blank, bracket or colon parts begins before i, not more
// than a value before it.
func chunkBefore(text string, i int) int {
	k := i
	for ; k > 8 && i-k < maxValue; k -= 8 {
		x := load(text, k-8)
		if holds(x, ' ')|holds(x, '\n')|holds(x, '(')|holds(x, ':') != 0 {
			break
		}
	}
	for ; k > 0 && i-k < maxValue; k-- {
		if c := text[k-1]; c == ' ' || c == '\n' || c == '(' || c == ':' {
			return k
		}
		if k == 1 {
			return 0
		}
	}
	return i
}

// holds is zero where no byte of x is c.
func holds(x uint64, c byte) uint64 {
	x ^= each * uint64(c)
	return (x - each) &^ x & high
}
