package pii

import (
	"sort"

	"postern/policy/pii/shape"
	"postern/policy/pii/words"
)

// reader reads the value behind a label of a topic.
type reader struct {
	read  shape.Reader
	says  target
	after bool // the label may also stand behind the value
}

// trailing are topics whose labels stand behind their values too: "482913 is
// your code", "12/03/1984 (dob)".
var trailing = map[string]bool{"otp": true, "dob": true, "plate": true, "expiry": true}

// readersOf gives the readers by topic.
func (t *table) readersOf() []reader {
	out := make([]reader, t.words.Topics())
	for name, read := range shape.Behind {
		if topic := t.words.Topic(name); topic != 0 {
			out[topic] = reader{read, target{exact: []words.Topic{topic}}, trailing[name]}
		}
	}
	return out
}

// values reads what stands behind labels of things that have no number of
// their own: names, addresses, passwords, codes, days of birth.
func (p *pass) values() {
	for i := range p.marks {
		readers := p.t.said[p.marks[i].entry].readers
		if len(readers) == 0 {
			continue
		}
		from := p.behindLinks(i)
		for _, r := range readers {
			p.behindLabel(i, from, r)
			if r.after {
				p.beforeLabel(i, r)
			}
		}
	}
}

// behindLinks gives where the value of mark i may begin, past words that link it
// with its value.
func (p *pass) behindLinks(i int) int {
	from := int(p.marks[i].end)
	for j, links := i+1, 0; j < len(p.marks) && links < 3; j++ {
		next := &p.marks[j]
		if int(next.at) < from {
			continue
		}
		if !p.links(label{entry: next.entry}) || !p.clear(from, int(next.at)) {
			break
		}
		from = int(next.end)
		links++
	}
	if byteAt(p.text, from) == '.' {
		from++ // "geb."
	}
	return from
}

// behindLabel reads the value of mark i from a place on.
func (p *pass) behindLabel(i, from int, r *reader) {
	m := p.marks[i]
	found, ok := r.read(p.text, from)
	if !ok || found.End <= found.Start || holdsLabel(p.text[found.Start:min(len(p.text), found.End+1)]) {
		return
	}
	row, ok := p.t.number[found.Row]
	if !ok {
		return
	}
	w := p.blank()
	l := label{entry: m.entry, at: int(m.at), end: int(m.end)}
	switch v := p.verdict(l, &r.says); {
	case v == named && !p.links(l):
		w.add(ByLabel, 90, l.at, l.end)
	case v == named, v == shared: // "ini" introduces a name, and much else
		w.add(ByWeakLabel, 50, l.at, l.end)
	}
	w.add(ByShape, min(rarity(found.OneIn), 70), found.Start, found.End)
	if i > 0 {
		if before := p.marks[i-1]; m.pace-before.pace <= paceWord && p.weakly(label{entry: before.entry}) {
			w.add(DespiteLabel, -60, int(before.at), int(before.end)) // "order code"
		}
	}
	e := &p.t.rows[row].row
	p.decide(Finding{Type: e.Type, Entity: e.Name, Start: found.Start, End: found.End}, &w)
}

// maxBefore is how many tokens of one value stand before its label.
const maxBefore = 4

// beforeLabel reads a value that ends before mark i, nothing but words that link
// between.
func (p *pass) beforeLabel(i int, r *reader) {
	m := &p.marks[i]
	k := sort.Search(len(p.tokens), func(k int) bool { return p.tokens[k].at >= m.at }) - 1
	for tries := 0; k >= 0 && tries < maxBefore && int(m.at-p.tokens[k].end) <= reachBack; k, tries = k-1, tries+1 {
		from := int(p.tokens[k].at)
		found, ok := r.read(p.text, from)
		if !ok || found.Start != from || found.End > int(m.at) {
			continue
		}
		row, known := p.t.number[found.Row]
		v, l := p.callBehind(k, found.End, &r.says)
		if v != named || !known {
			continue
		}
		w := p.blank()
		w.add(ByLabel, 85, l.at, l.end)
		w.add(ByShape, min(rarity(found.OneIn), 70), found.Start, found.End)
		e := &p.t.rows[row].row
		p.decide(Finding{Type: e.Type, Entity: e.Name, Start: found.Start, End: found.End}, &w)
		return
	}
}
