package pii

import (
	"encoding/binary"
	"math/bits"
)

// window is a part of a series that is held against the forms of the rows.
type window struct {
	a, b       int    // groups, b included
	first, n   int    // characters
	head       uint64 // the first eight of them, one in each byte
	letters    uint64
	bounds     uint64 // where groups begin
	whole      bool   // the series from end to end
	start, end int    // in the text
	likely     *cell  // rows with a form that begins and ends like it
	rows       rowSet // those with its groups, if it is a part of a series that no word names; else all that are tried
	words      uint64 // bits of the words of rows in which some are both

	part    bool // it is cut out of something else
	heard   bool // the words beside it that name rows alone are gathered
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
	for k, tokens := 0, p.tokens; k < len(tokens); {
		if tokens[k].digit < 0 || p.lonely(k) {
			k++
			continue
		}
		if p.sure < len(p.found) {
			if next := p.insideSure(k); next > k {
				k = next
				continue
			}
		}
		k = max(p.collect(&p.series, k), k+1)
		if p.series.groups > 0 { // else it is too long for any value
			p.windows()
		}
	}
}

// windows tries the parts of a series: from each group that may begin a value
// to each that may end one. Values written character by character are tried
// whole.
func (p *pass) windows() {
	s := &p.series
	for p.sure < len(p.found) && p.found[p.sure].End <= int(s.at[0]) {
		p.sure++
	}
	if s.groups == 1 {
		p.windowsAt(0, 1)
		return
	}
	begins := s.wide&^s.spelled() | 1
	ends := begins>>1 | 1<<((s.groups-1)&31)
	if p.sure < len(p.found) && p.sureOf(p.sure, int(s.at[0]), int(s.end[s.groups-1])) != nil {
		begins, ends = 1, 1<<(s.groups-1) // each part of it would lose
	}
	for starts := 0; begins != 0 && starts < maxStarts; begins &= begins - 1 {
		starts++
		a := bits.TrailingZeros32(begins)
		p.windowsAt(a, ends&^(1<<(a&31)-1))
	}
}

// windowsAt tries the parts that begin with group a; ends are the groups that may be
// their last ones.
func (p *pass) windowsAt(a int, ends uint32) {
	s := &p.series
	asked, first := false, int(s.group[a]&63)
	w := &p.window
	w.a, w.first, w.start, w.head = a, first, int(s.at[a]), binary.LittleEndian.Uint64(s.char[first:first+8])
	bounds, letters := s.bounds>>first&^1, s.letter>>first
	for ; ends != 0; ends &= ends - 1 {
		w.b = bits.TrailingZeros32(ends)
		if w.n = s.last(w.b) - first; w.n > p.t.longest {
			return
		}
		if w.n < minForm {
			continue
		}
		forms := &p.t.forms[w.n]
		within := uint64(1)<<(w.n&63) - 1
		w.letters = letters & within
		if w.likely = forms.likely(w.letters, w.n, byte(w.head)); w.likely.words == 0 {
			continue
		}
		if !asked {
			p.rowsFor(int(s.token[a]))
			asked = true
		}
		w.bounds, w.end = bounds&within, int(s.end[w.b])
		w.whole = w.b == s.groups-1 && (a == 0 || s.glued>>a&1 != 0)
		w.words = w.likely.words & (w.likely.open | p.words)
		if w.rows = p.tried; !w.whole && w.bounds != 0 && p.callers == 0 {
			if !p.t.begins.has(w.bounds) {
				ends &= 1<<w.b | 1<<(s.groups-1) // no longer part has the groups of a form; the whole may do without
				continue
			}
			if !forms.groups.known.has(w.bounds) {
				continue
			}
			e := p.groupsOf(forms, w)
			if e.rows == nil {
				continue
			}
			w.rows, w.words = e.rows, w.words&e.words
		}
		p.match(w)
	}
}

// tally is what a pass knows of the rows with a form of some groups.
type tally struct {
	key   uint64
	rows  rowSet // nil if none of them is tried
	words uint64 // bits of its words in which some are
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
	g := forms.groups.find(w.bounds)
	if g == nil {
		return e
	}
	for i, set := range g.rows {
		if set&p.tried[i] != 0 {
			e.words |= 1 << i
		}
	}
	if e.words != 0 || forms.strict.known.has(w.bounds) {
		e.rows = g.rows
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
	at, before := p.gap(end)
	return at >= 0 && (before == 0 || isUpper(p.text[at]) || next < len(p.tokens) && int(p.tokens[next].at) == at)
}

// match holds a window against the forms of its length and decides on the
// strongest; the next two are noted with it.
func (p *pass) match(w *window) {
	likely := w.likely.rows
	rows, tried := w.rows[:len(likely)], p.tried[:len(likely)]
	for ; w.words != 0; w.words &= w.words - 1 {
		if i := bits.TrailingZeros64(w.words); likely[i]&rows[i]&tried[i] != 0 {
			p.contend(w)
			return
		}
	}
	strict := p.t.forms[w.n].strict.find(w.bounds)
	if strict == nil {
		return
	}
	for m := w.likely.words & strict.words; m != 0; m &= m - 1 {
		if i := bits.TrailingZeros64(m); likely[i]&strict.rows[i] != 0 {
			p.contend(w)
			return
		}
	}
}

// contend holds a window against the forms of the rows that are likely to take it:
// those that are tried here, then those that are found by their writing alone.
func (p *pass) contend(w *window) {
	if p.inSure(w) {
		return
	}
	if w.part, w.weighed, w.heard = p.partOfNumber(w), false, false; w.part && p.trace == nil {
		return
	}
	forms, likely := &p.t.forms[w.n], w.likely.rows
	rows, tried := w.rows[:len(likely)], p.tried[:len(likely)]
	var c contest
	for m := w.words; m != 0; m &= m - 1 {
		i := bits.TrailingZeros64(m)
		for set := likely[i] & rows[i] & tried[i]; set != 0; set &= set - 1 {
			p.matchRow(w, forms.of(i<<6+bits.TrailingZeros64(set)), false, &c)
		}
	}
	if strict := forms.strict.find(w.bounds); strict != nil {
		for m := w.likely.words & strict.words; m != 0; m &= m - 1 {
			i := bits.TrailingZeros64(m)
			for set := strict.rows[i] & likely[i] &^ tried[i]; set != 0; set &= set - 1 {
				p.matchRow(w, forms.of(i<<6+bits.TrailingZeros64(set)), true, &c)
			}
		}
	}
	if c.best.Entity != "" {
		c.best.Start, c.best.End = w.start, p.closed(w)
		p.decide(&c.best, &c.weight)
	}
}
