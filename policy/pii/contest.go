package pii

import "math/bits"

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
