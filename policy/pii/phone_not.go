package pii

import "strings"

// Rows of digits that nobody dials, whatever the plan of the country holds.

// drawnLeast is how many numbers a draw of a lottery has at least: 6 of 49.
const drawnLeast = 6

// filed reports a number and the last two digits of a year or a year, as offices, courts and
// warehouses count what they file: 48213/25, 44812/2026; a law has less digits, 292/1996,
// and in Thailand a year of its calendar, 10/2555.
func (p *pass) filed(a, b int) bool {
	r := &p.run
	if b < a+1 || r.sep[a+1] != '/' {
		return false
	}
	y := r.value(a + 1)
	full := r.size(a+1) == 4 && r.digit[r.group[a]] != 0
	if r.size(a) < 4 {
		return full && (year(y) || y >= 2400 && y <= 2600)
	}
	return b == a+1 && (r.size(b) == 2 || full && year(y))
}

// halved reports two groups of four or five with a dash between them, as tickets and
// parcels are counted: 4481-2207, 7740-11820.
func (p *pass) halved(a, b int) bool {
	r := &p.run
	four := func(g int) bool { return r.size(g) == 4 || r.size(g) == 5 }
	return b == a+1 && four(a) && four(b) && r.sep[b] == '-'
}

// european reports a plan of Europe (ITU zones 3 and 4), where nobody writes the
// number of a phone in two halves of four.
func (r *region) european() bool {
	code := r.code
	for code > 9 {
		code /= 10
	}
	return code == 3 || code == 4
}

// drawn reports that one of the first groups from a on belongs to six numbers of
// two digits or more that rise, as lotteries write what was drawn. Of the numbers
// of phones in such groups one in 720 does.
func (p *pass) drawn(a, b int) bool {
	for g := a; g <= min(a+2, b); g++ {
		if p.rising(g) >= drawnLeast {
			return true
		}
	}
	return false
}

// rising counts the groups of two digits around group g, each greater than the
// one before it.
func (p *pass) rising(g int) int {
	r, first, last := &p.run, g, g
	if r.size(g) != 2 {
		return 0
	}
	for first > 0 && r.size(first-1) == 2 && r.value(first-1) < r.value(first) {
		first--
	}
	for last+1 < r.count && r.size(last+1) == 2 && r.value(last) < r.value(last+1) {
		last++
	}
	return last - first + 1
}

// cep reports eight digits behind the word for a postcode in Brazil, which calls a mobile
// in Turkey, where numbers have ten: "CEP 01310-100" (Correios).
func (p *pass) cep(a, b int, l label) bool {
	r := &p.run
	return r.last(b)-int(r.group[a]) == 8 && l.end-l.at == 3 && strings.EqualFold(p.text[l.at:l.end], "cep")
}
