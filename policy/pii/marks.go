package pii

import "slices"

// mark is a word or phrase of a list.
type mark struct {
	at, end int32
	entry   uint32
	pace    int32 // where it stands, counted as below
}

// token is a row of ASCII letters and digits with a digit at least.
type token struct {
	at, end int32
	digit   int32 // the first digit
	pace    int32 // distance from the start in half words
	marks   int32 // marks before it
	wall    int32 // labels before this place say nothing about it
}

// Distances count a word of a script with spaces as two, a rune of a script
// without, and a line, as one and two.
const (
	paceWord  = 2
	paceDense = 1
)

func (p *pass) mark(at, end int, entry uint32) {
	p.row, p.stars = 0, 0
	p.pace += paceWord
	p.heard |= p.t.brief[entry].heard
	n := len(p.marks)
	if n == cap(p.marks) {
		p.marks = slices.Grow(p.marks, p.ahead(n, at))
	}
	p.marks = p.marks[:n+1]
	p.marks[n] = mark{int32(at), int32(end), entry, p.pace}
}

// ahead is how much room to add for what fills a list with n items up to a place: as
// many as are to come if the text goes on like this, between once and four times as
// many as there are.
func (p *pass) ahead(n, at int) int {
	return min(max(n*(len(p.text)-at)/(at+1), n, 16), max(4*n, 16))
}

func (p *pass) token(at, end, digit int) {
	n := len(p.tokens)
	if n == cap(p.tokens) {
		p.tokens = slices.Grow(p.tokens, p.ahead(n, at))
	}
	p.tokens = p.tokens[:n+1]
	p.tokens[n] = token{int32(at), int32(end), int32(digit), p.pace, int32(len(p.marks)), p.wall}
	p.pace += paceWord
	p.row, p.stars = 0, 0
}
