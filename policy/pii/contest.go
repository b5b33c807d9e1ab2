package pii

// contest is a window that is held against the forms of rows: the strongest of those
// that take it so far, and what the labels say about the row in hand, once somebody asked.
type contest struct {
	best   Finding
	weight weight

	exact, asked bool
	says         verdict
	label        label
}

// matchRow holds a window against the forms of one row; exact has only those
// tried that are found by their writing alone. Of twins the one whose groups are
// the window's says at least as much as the others.
func (p *pass) matchRow(w *window, forms []form, exact bool, c *contest) {
	c.exact, c.asked = exact, false
	for i, n := 0, 0; i < len(forms); i += n {
		f := &forms[i]
		n = int(f.twins)
		if w.letters&f.digits != 0 || w.letters&f.letters != f.letters || w.head&f.mask != f.head || f.rest && !p.series.literal(w, f.literal) {
			continue
		}
		if n == 1 || p.trace == nil && !f.grouped(w.bounds) {
			p.matchForm(w, f, c)
			continue
		}
		tried := false
		for k := i; k < i+n; k++ {
			if g := &forms[k]; p.trace != nil || g.bounds == w.bounds && (g.alone || !tried) {
				p.matchForm(w, g, c)
				tried = true
			}
		}
		if !tried {
			p.matchForm(w, f, c)
		}
	}
}

// matchForm lets a form compete whose letters and digits stand in place.
func (p *pass) matchForm(w *window, f *form, c *contest) {
	if c.exact && !p.exact(w, f) {
		return
	}
	if p.callers == 0 && p.trace == nil && (f.loose || !w.whole && w.bounds != 0 && w.bounds != f.bounds) {
		return // what only a word would make something
	}
	s := &p.series
	passes := f.check == nil || f.check(s.char[w.first:w.first+w.n:w.first+w.n])
	if !passes && p.trace == nil && (!f.typos || !p.owned(w, int(f.row))) {
		return // only a label makes a typo of it
	}
	e := &p.t.rows[f.row]
	if !c.asked {
		c.says, c.label = p.callValue(w, &e.says)
		c.asked = true
	}
	sum := p.blank()
	why := p.weighForm(&sum, w, f, c.says, c.label, passes)
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

// owned reports that a word which may count for a window names a row alone.
func (p *pass) owned(w *window, row int) bool {
	if !w.heard {
		w.heard = true
		p.gatherOwners(w)
	}
	for _, entry := range p.owning {
		if p.t.said[entry].named.has(row) {
			return true
		}
	}
	return false
}

// gatherOwners gathers the words that may count for a window and name rows alone.
func (p *pass) gatherOwners(w *window) {
	p.owning = p.owning[:0]
	n, brief := p.nearTo(int(p.series.token[w.a])), p.t.brief
	for i := range n.word[:n.n] {
		if entry := n.word[i].entry; brief[entry].owns {
			p.owning = append(p.owning, entry)
		}
	}
	for i := int(p.tokens[p.series.token[w.b]].marks); i < len(p.marks) && int(p.marks[i].at) <= w.end+reachBack; i++ {
		if entry := p.marks[i].entry; brief[entry].owns {
			p.owning = append(p.owning, entry)
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
	s, i := &p.series, 0
	for g := w.a + 1; g <= w.b; g++ {
		if s.glued>>g&1 != 0 {
			continue
		}
		end := s.end[g-1]
		if s.at[g] != end+1 || p.text[end] != f.marks[i] {
			return false
		}
		i++
	}
	return f.marks != "(" || byteAt(p.text, w.end) == ')'
}

// literal reports that letters and digits that a form names stand in place, from the
// ninth on.
func (s *series) literal(w *window, literal string) bool {
	for i := 8; i < len(literal); i++ {
		if c := literal[i]; c != 0 && c != s.char[w.first+i] {
			return false
		}
	}
	return true
}

// callValue asks the labels before a window, then those behind it.
func (p *pass) callValue(w *window, t *target) (verdict, label) {
	p.before = w.start
	v, l := p.call(int(p.series.token[w.a]), t)
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
