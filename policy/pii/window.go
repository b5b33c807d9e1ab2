package pii

import (
	"math/bits"

	"postern/policy/pii/catalog"
)

// window is a part of a series that is held against the forms of the rows.
type window struct {
	a, b       int // groups, b included
	first, n   int // characters
	letters    uint64
	bounds     uint64 // where groups begin
	whole      bool   // the series from end to end
	start, end int    // in the text
	rows       rowSet // those with its groups, if it is a part of a series that no word names; else all that are tried

	looked bool // the next two are known
	part   bool // it is cut out of something else
	signs  weight
}

// identifiers judges all series of tokens.
func (p *pass) identifiers() {
	if len(p.tokens) == 0 {
		return
	}
	p.likelyRows()
	for k := 0; k < len(p.tokens); {
		if p.tokens[k].digit < 0 {
			k++
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
	starts := 0
	for a := range s.groups {
		if a > 0 && (!s.wide[a] || s.spelled(a)) {
			continue
		}
		if starts++; starts > maxStarts {
			return
		}
		k := int(s.token[a])
		asked := false
		w := window{a: a, first: int(s.group[a]), start: int(s.place[s.group[a]])}
		for b := a; b < s.groups; b++ {
			if b > a && !s.glued[b] {
				w.bounds |= 1 << (int(s.group[b]) - w.first)
			}
			w.b, w.n = b, s.last(b)-w.first
			if w.n > p.t.longest {
				break
			}
			if b+1 < s.groups && (!s.wide[b+1] || s.spelled(b+1)) || w.n < 4 {
				continue
			}
			w.whole = (a == 0 || s.glued[a]) && b == s.groups-1
			forms := &p.t.forms[w.n]
			if len(forms.list) == 0 {
				continue
			}
			if !asked {
				p.rowsFor(k)
				asked = true
			}
			if w.rows = p.tried; !w.whole && w.bounds != 0 && p.callers.n == 0 {
				if w.rows = forms.grouped(w.bounds); w.rows == nil {
					continue
				}
			}
			w.letters = s.letter >> w.first & (1<<w.n - 1)
			if w.end = int(s.place[w.first+w.n-1]) + 1; p.inSure(&w) {
				continue
			}
			p.match(&w, k)
		}
	}
}

// sureAhead is how many numbers are looked at for a part: those of one run are
// not quite in order.
const sureAhead = 3

// inSure reports a part of a number that is certain: it would lose to the whole.
func (p *pass) inSure(w *window) bool {
	if p.trace != nil {
		return false
	}
	for i := p.sure; i < min(p.sure+sureAhead, len(p.found)); i++ {
		f := &p.found[i]
		if f.Level == Certain && f.Start <= w.start && w.end <= f.End && w.end-w.start < f.End-f.Start {
			return true
		}
	}
	return false
}

// likelyRows gathers the rows that are tried without a label: those whose form
// is enough and those of the countries concerned.
func (p *pass) likelyRows() {
	p.base, p.peerRows, p.langRows = p.s.base, nil, p.langRows[:0]
	if p.peer < 0 && p.lang.region == "" && len(p.lang.regions) == 0 {
		return
	}
	p.room = append(p.room[:0], p.s.base...)
	if p.peer >= 0 {
		p.peerRows = p.t.byCountry[countryKey(p.hint.PeerCountry)]
		p.room.join(p.peerRows)
	}
	if p.lang.region != "" {
		p.langRows.join(p.t.byCountry[countryKey(p.lang.region)])
	}
	for _, c := range p.lang.regions {
		p.langRows.join(p.t.byCountry[countryKey(c)])
	}
	p.room.join(p.langRows)
	p.base = p.room
}

// maxAhead is how many words behind the first token of a value may name rows.
const maxAhead = 4

// callers are the words beside a token that name rows.
type callers struct {
	said [maxNear + maxAhead]*said
	n    int
}

// rowsFor adds to the rows that need no word those that words beside token k
// name.
func (p *pass) rowsFor(k int) {
	c := &p.callers
	c.n = 0
	n := p.nearTo(k)
	for i := range n.n {
		c.put(&p.t.said[n.word[i].entry])
	}
	tok := &p.tokens[k]
	for i := int(tok.marks); i < len(p.marks) && i < int(tok.marks)+maxAhead; i++ {
		c.put(&p.t.said[p.marks[i].entry])
	}
	p.tried = p.base
	if c.n == 0 {
		return
	}
	p.tried = append(p.named[:0], p.base...)
	for _, s := range c.said[:c.n] {
		if p.trace == nil {
			p.tried.join(s.able)
		} else {
			p.tried.join(s.rows)
		}
	}
	p.named = p.tried
}

func (c *callers) put(s *said) {
	if s.rows != nil {
		c.said[c.n] = s
		c.n++
	}
}

// match holds a window against the forms of its length and decides on the
// strongest; the next two are noted with it.
func (p *pass) match(w *window, k int) {
	forms := &p.t.forms[w.n]
	begin, look := forms.likely(w, p.series.char[w.first])
	look, rows, tried := look[:len(begin)], w.rows[:len(begin)], p.tried[:len(begin)]
	strict := forms.strict.has(w.bounds)
	for i, set := range begin {
		if set &= look[i]; set&rows[i]&tried[i] != 0 || strict && set&forms.alone[i] != 0 {
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
	w.looked = false
	var c contest
	for i, set := range begin {
		for set &= look[i] & w.rows[i] & p.tried[i]; set != 0; set &= set - 1 {
			p.matchRow(w, k, forms.of(i<<6+bits.TrailingZeros64(set)), false, &c)
		}
	}
	if forms.strict.has(w.bounds) {
		for i, set := range begin {
			for set &= look[i] & forms.alone[i] &^ p.tried[i]; set != 0; set &= set - 1 {
				p.matchRow(w, k, forms.of(i<<6+bits.TrailingZeros64(set)), true, &c)
			}
		}
	}
	if c.best.Entity != "" {
		c.best.Start, c.best.End = w.start, p.closed(w)
		p.decide(c.best, &c.weight)
	}
}

// contest is the strongest of the rows that take a window, so far.
type contest struct {
	best   Finding
	weight weight
}

// matchRow holds a window against the forms of one row; exact has only those
// tried that are found by their writing alone.
func (p *pass) matchRow(w *window, k int, forms []form, exact bool, c *contest) {
	asked, says, l := false, unnamed, label{}
	for i := range forms {
		f := &forms[i]
		if exact && !p.exact(w, f) || w.letters&f.digits != 0 || w.letters&f.letters != f.letters || !p.series.literal(w, f.literal) {
			continue
		}
		if p.callers.n == 0 && p.trace == nil && (f.loose || !w.whole && w.bounds != 0 && w.bounds != f.bounds) {
			continue // what only a word would make something
		}
		e := &p.t.rows[f.row]
		if !asked {
			says, l = p.callValue(w, k, &e.says)
			asked = true
		}
		sum := p.blank()
		why := p.weighForm(&sum, w, f, says, l)
		switch {
		case why != "" && p.trace == nil:
		case why != "":
			p.refuse(Finding{Type: e.row.Type, Entity: e.row.Name, Start: w.start, End: w.end}, &sum, why)
		case c.best.Entity == "" || sum.score > c.weight.score:
			if c.best.Entity != e.row.Name {
				c.best.also = [2]string{c.best.Entity, c.best.also[0]}
			}
			c.best.Type, c.best.Entity, c.weight = e.row.Type, e.row.Name, sum
		default:
			c.best.lost(e.row.Name)
		}
	}
}

// closed includes a bracket that was opened inside the value.
func (p *pass) closed(w *window) int {
	if byteAt(p.text, w.end) == ')' {
		for i := w.start; i < w.end; i++ {
			if p.text[i] == '(' {
				return w.end + 1
			}
		}
	}
	return w.end
}

// exact reports that a form is found by its writing alone and stands just so.
func (p *pass) exact(w *window, f *form) bool {
	if !f.alone || w.bounds != f.bounds {
		return false
	}
	for i, at := 0, w.bounds; at != 0; i, at = i+1, at&(at-1) {
		next := w.first + bits.TrailingZeros64(at)
		end := p.series.place[next-1] + 1
		if p.series.place[next] != end+1 || p.text[end] != f.marks[i] {
			return false
		}
	}
	return f.marks != "(" || byteAt(p.text, w.end) == ')'
}

// literal reports that letters and digits that a form names stand in place.
func (s *series) literal(w *window, literal string) bool {
	for i := range len(literal) {
		if c := literal[i]; c != 0 && c != s.char[w.first+i] {
			return false
		}
	}
	return true
}

// callValue asks the labels before a window, then those behind it.
func (p *pass) callValue(w *window, k int, t *target) (verdict, label) {
	p.before = w.start
	v, l := p.call(k, t)
	p.before = maxPlace
	if v != unnamed {
		return v, l
	}
	if v, l = p.callBehind(int(p.series.token[w.b]), w.end, t); v == named || v == shared {
		l.far += 2
		if p.begins(w.start) {
			l.far = min(l.far, 2) // "4829103847 is my account number"
		}
		return v, l
	}
	return unnamed, label{}
}

// begins reports that nothing stands before a place in its line.
func (p *pass) begins(at int) bool {
	for at > 0 && (p.text[at-1] == ' ' || p.text[at-1] == '(') {
		at--
	}
	return at == 0 || p.text[at-1] == '\n'
}

// weighForm weighs a window that has the look of a form; why says why it is none, "" if it is one.
func (p *pass) weighForm(sum *weight, w *window, f *form, says verdict, l label) (why string) {
	e := &p.t.rows[f.row]
	switch {
	case w.bounds != f.bounds && w.bounds != 0 && !w.whole && says != named:
		return "it is part of a longer row of groups"
	case f.loose && (says != named || l.far > 2):
		return "no word beside it names it"
	}
	prior, home := p.priorOf(int(f.row))
	exact := p.exact(w, f)
	ready := exact || enough(e.row.Needs, f, says, home, len(e.says.exact) > 0)
	if !ready && p.trace == nil {
		return "neither a word nor the country it needs is there"
	}
	if p.look(w); w.part {
		return "it is part of another number, address or mask"
	}
	sum.add(ByShape, f.looks, w.start, w.end)
	switch {
	case w.bounds == f.bounds && w.bounds != 0:
		sum.add(ByGrouping, min(25*bits.OnesCount64(w.bounds), 75), w.start, w.end)
	case w.bounds != 0:
		odd := -10
		if says == named {
			odd = -5
		}
		sum.add(ByShape, odd, w.start, w.end)
	}
	if prior > 0 {
		sum.add(ByCountry, prior, 0, 0)
	}
	weighLabel(sum, says, l)
	if !ready {
		return "neither a word nor the country it needs is there"
	}
	passes := f.check == nil || f.check(p.value[:copy(p.value[:], p.series.char[w.first:w.first+w.n])])
	if !passes && (says != named || l.far > farthestTypo(w, f) || e.row.Class > catalog.Supported) {
		return "its check fails"
	}
	sum.join(&w.signs)
	if passes {
		if exact {
			sum.add(ByShape, exactly, w.start, w.end)
		}
		if f.check != nil {
			sum.add(ByChecksum, f.bits, w.start, w.end)
		}
		return ""
	}
	wrong := min(-60, likelyFrom-1-sum.score)
	wrong = max(wrong, possibleFrom-sum.score) // the label says enough to tell of it
	if f.looks >= 60 {
		wrong = -60 // letters and digits in their places say enough
	}
	sum.add(BadChecksum, wrong, w.start, w.end)
	return ""
}

// exactly is how much it says that a value is written as nothing else is.
const exactly = 40

// farthestTypo is how many words may stand between a label and a value whose
// check fails: more where the customary groups say what it is meant to be.
func farthestTypo(w *window, f *form) int {
	if w.bounds == f.bounds && bits.OnesCount64(w.bounds) > 1 {
		return 6
	}
	return 4
}

// look sees once what stands beside a window: it is the same for all rows.
func (p *pass) look(w *window) {
	if w.looked {
		return
	}
	w.looked, w.part, w.signs = true, p.partOfNumber(w), p.blank()
	if !w.part {
		p.weighSigns(&w.signs, w)
	}
}

// enough is the gate of a row: what has to stand beside the value at least.
// Own says that the row has words of its own.
func enough(needs catalog.Need, f *form, says verdict, prior, own bool) bool {
	switch needs {
	case catalog.Nothing:
		return true
	case catalog.Prior:
		return says == named || prior || says == shared && f.bits+f.looks >= 60
	}
	return says == named || says == shared && (prior || !own)
}

// priorOf gives what it counts that a row's country is the peer's, the tenant's
// or one where the language is spoken, and whether that is enough beside a check.
func (p *pass) priorOf(row int) (decibits int, enough bool) {
	switch {
	case p.peerRows.has(row):
		return 58, true
	case p.s.rows.has(row):
		return 45, true
	case p.langRows.has(row):
		return 30, p.lang.region != ""
	}
	return 0, false
}

// weighLabel counts what the labels say, less with their distance.
func weighLabel(w *weight, says verdict, l label) {
	near := 2
	if l.far > 1 {
		near = 1
	}
	if l.far > 3 {
		near = 0
	}
	switch says {
	case named:
		w.add(ByLabel, [...]int{75, 105, 125}[near], l.at, l.end)
	case shared:
		w.add(ByWeakLabel, [...]int{30, 45, 55}[near], l.at, l.end)
	case generic:
		w.add(ByWeakLabel, 10, l.at, l.end)
	case against:
		w.add(DespiteLabel, [...]int{-50, -75, -100}[near], l.at, l.end)
	}
}
