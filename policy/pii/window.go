package pii

import "math/bits"

// window is a part of a series that is held against the forms of the rows.
type window struct {
	a, b       int // groups, b included
	first, n   int // characters
	letters    uint64
	bounds     uint64 // where groups begin
	whole      bool   // the series from end to end
	start, end int    // in the text
	rows       rowSet // those with its groups, if it is a part of a series that no word names; else all that are tried
	words      uint32 // bits of the words of rows in which some are tried

	part    bool // it is cut out of something else
	weighed bool // what stands beside it is in signs: it is the same for all rows
	signs   weight
}

// identifiers judges all series of tokens.
func (p *pass) identifiers() {
	if len(p.tokens) == 0 {
		return
	}
	p.likelyRows()
	if p.turn++; p.turn == 0 {
		p.tallies = [tallies]tally{}
	}
	for k := 0; k < len(p.tokens); {
		if p.tokens[k].digit < 0 || p.lonely(k) {
			k++
			continue
		}
		if next := p.insideSure(k); next > k {
			k = next
			continue
		}
		k = max(p.collect(&p.series, k), k+1)
		for p.sure < len(p.found) && p.found[p.sure].End <= int(p.series.place[0]) {
			p.sure++
		}
		p.windows()
	}
}

// windows tries the parts of a series: from each group that may begin a value
// to each that may end one. Values written character by character are tried
// whole.
func (p *pass) windows() {
	s := &p.series
	if s.groups == 0 {
		return // too long for any value
	}
	begins, bounds := s.parts()
	ends := begins>>1 | 1<<(s.groups-1)
	if f := p.sureOf(p.sure, int(s.place[0]), int(s.place[s.n-1])+1); f != nil {
		begins, ends = 1, 1<<(s.groups-1) // each part of it would lose
	}
	for starts := 0; begins != 0 && starts < maxStarts; begins &= begins - 1 {
		starts++
		a := bits.TrailingZeros32(begins)
		p.windowsAt(a, ends&^(1<<a-1), bounds)
	}
}

// parts gives the groups at which a value may begin, and the characters at which
// groups do behind a mark.
func (s *series) parts() (begins uint32, bounds uint64) {
	begins = 1
	for g := 1; g < s.groups; g++ {
		if s.wide[g] && !s.spelled(g) {
			begins |= 1 << g
		}
		if !s.glued[g] {
			bounds |= 1 << s.group[g]
		}
	}
	return begins, bounds
}

// windowsAt tries the parts that begin with group a; ends are the groups that may be
// their last ones.
func (p *pass) windowsAt(a int, ends uint32, bounds uint64) {
	s := &p.series
	k, asked := int(s.token[a]), false
	w := window{a: a, first: int(s.group[a]), start: int(s.place[s.group[a]])}
	bounds = bounds >> w.first &^ 1
	for ; ends != 0; ends &= ends - 1 {
		w.b = bits.TrailingZeros32(ends)
		if w.n = s.last(w.b) - w.first; w.n > p.t.longest {
			return
		}
		forms := &p.t.forms[w.n]
		if w.n < minForm || len(forms.list) == 0 {
			continue
		}
		if !asked {
			p.rowsFor(k)
			asked = true
		}
		w.bounds = bounds & (1<<w.n - 1)
		w.whole = (a == 0 || s.glued[a]) && w.b == s.groups-1
		if w.rows, w.words = p.tried, 1<<len(p.tried)-1; !w.whole && w.bounds != 0 && p.callers.n == 0 {
			if !p.t.begins.has(w.bounds) {
				ends &= 1<<w.b | 1<<(s.groups-1) // no longer part has the groups of a form; the whole may do without
				continue
			}
			if !forms.groups.known.has(w.bounds) {
				continue
			}
			e := p.groupsOf(forms, &w)
			if e.rows == nil {
				continue
			}
			w.rows, w.words = e.rows, e.words
		}
		w.letters = s.letter >> w.first & (1<<w.n - 1)
		if w.end = int(s.place[w.first+w.n-1]) + 1; !p.inSure(&w) {
			p.match(&w, k)
		}
	}
}

// tally is what a pass knows of the rows with a form of some groups.
type tally struct {
	key   uint64
	rows  rowSet // nil if none of them is tried
	words uint32 // bits of its words in which some are
}

const tallies = 64

// groupsOf gives the rows that have the groups of a window, where no word names
// rows: so long they stay the same in one pass, and a text of many numbers asks for
// few groups.
func (p *pass) groupsOf(forms *formsOf, w *window) *tally {
	key := w.bounds | uint64(p.turn)<<maxValue | uint64(w.n)<<56 //nolint:gosec // a length
	e := &p.tallies[key*0x9E3779B97F4A7C15>>58]
	if e.key == key {
		return e
	}
	e.key, e.rows, e.words = key, nil, 0
	rows := forms.groups.rows(w.bounds)
	for i, set := range rows {
		if set&p.tried[i] != 0 {
			e.words |= 1 << i
		}
	}
	if e.words != 0 || forms.strict.known.has(w.bounds) {
		e.rows = rows
	}
	return e
}

// minForm is how many letters and digits the shortest value of a row has.
const minForm = 4

// sureAhead is how many numbers are looked at for a part: those of one run are
// not quite in order.
const sureAhead = 3

// inSure reports a part of a number that is certain: it would lose to the whole.
func (p *pass) inSure(w *window) bool {
	f := p.sureOf(p.sure, w.start, w.end)
	return f != nil && w.end-w.start < f.End-f.Start
}

// sureOf gives the longest number that is certain and holds all from start to end, nil
// if none does; those from a place in found on are looked at.
func (p *pass) sureOf(from, start, end int) (most *Finding) {
	if p.trace != nil {
		return nil
	}
	for i := from; i < min(from+sureAhead, len(p.found)); i++ {
		f := &p.found[i]
		if f.Level == Certain && f.Start <= start && end <= f.End && (most == nil || f.End-f.Start > most.End-most.Start) {
			most = f
		}
	}
	return most
}

// insideSure gives the token behind a number that is certain and begins before token
// k, if no series goes on from it: "+234 802 131 3421". Each part of it would lose.
func (p *pass) insideSure(k int) int {
	tok := &p.tokens[k]
	start, sure := int(tok.at), p.sure
	for sure < len(p.found) && p.found[sure].End <= start {
		sure++
	}
	f := p.sureOf(sure, start, int(tok.end))
	if f == nil || f.Start == start || p.lettersBefore(tok) >= 0 {
		return k
	}
	next := k + 1
	for next < len(p.tokens) && int(p.tokens[next].end) <= f.End {
		next++
	}
	if p.goesOn(f.End, next) {
		return k
	}
	p.sure = sure
	return next
}

// goesOn reports that a series may go on behind a number that ends at a place, with
// token next or with letters: capitals, or any without a blank before them.
func (p *pass) goesOn(end, next int) bool {
	if isAlnum(byteAt(p.text, end)) {
		return true
	}
	at, wide := p.gap(end)
	return at >= 0 && (!wide || isUpper(p.text[at]) || next < len(p.tokens) && int(p.tokens[next].at) == at)
}

// match holds a window against the forms of its length and decides on the
// strongest; the next two are noted with it.
func (p *pass) match(w *window, k int) {
	forms := &p.t.forms[w.n]
	begin, look := forms.likely(w, p.series.char[w.first])
	look, rows, tried := look[:len(begin)], w.rows[:len(begin)], p.tried[:len(begin)]
	for m := w.words; m != 0; m &= m - 1 {
		if i := bits.TrailingZeros32(m); i < len(begin) && begin[i]&look[i]&rows[i]&tried[i] != 0 {
			p.contend(w, k, begin, look)
			return
		}
	}
	for i, set := range forms.strict.rows(w.bounds) {
		if set&begin[i]&look[i] != 0 {
			p.contend(w, k, begin, look)
			return
		}
	}
}

// contend holds a window against the forms of the rows that begin and look have
// in common: those that are tried here, then those that are found by their
// writing alone.
func (p *pass) contend(w *window, k int, begin, look rowSet) {
	forms := &p.t.forms[w.n]
	if w.part, w.weighed = p.partOfNumber(w), false; w.part && p.trace == nil {
		return
	}
	var c contest
	for i, set := range begin {
		for set &= look[i] & w.rows[i] & p.tried[i]; set != 0; set &= set - 1 {
			p.matchRow(w, k, forms.of(i<<6+bits.TrailingZeros64(set)), false, &c)
		}
	}
	for i, set := range forms.strict.rows(w.bounds) {
		for set &= begin[i] & look[i] &^ p.tried[i]; set != 0; set &= set - 1 {
			p.matchRow(w, k, forms.of(i<<6+bits.TrailingZeros64(set)), true, &c)
		}
	}
	if c.best.Entity != "" {
		c.best.Start, c.best.End = w.start, p.closed(w)
		p.decide(c.best, &c.weight)
	}
}
