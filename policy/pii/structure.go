package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"postern/policy/pii/catalog"
	"postern/policy/pii/shape"
)

// structure takes over what package shape recognised, and reports whether it is
// a finding. What has a wrong checksum is possible at most.
func (p *pass) structure(m shape.Match) bool {
	i, ok := p.t.number[m.Row]
	if !ok || holdsLabel(p.text[m.Start:min(len(p.text), m.End+1)]) {
		return false
	}
	e := &p.t.rows[i]
	says := &e.says
	if e.row.Name == "IP" && p.pairs(m) {
		return false
	}
	if e.row.Type == IBAN {
		says = &p.t.account
	}
	w := p.blank()
	w.add(ByShape, 60+rarity(m.OneIn), m.Start, m.End)
	if m.Checked {
		w.add(ByChecksum, 60, m.Start, m.End)
	}
	v, l := unnamed, label{}
	if len(says.exact) > 0 || !m.Checked {
		v, l = p.call(len(p.tokens)-1, says)
	}
	switch {
	case v == named:
		w.add(ByLabel, 100, l.at, l.end)
	case v == against && !m.Checked && p.weakly(l):
		w.add(DespiteLabel, -60, l.at, l.end)
	}
	if m.Broken {
		w.add(BadChecksum, min(-60, likelyFrom-1-w.score), m.Start, m.End)
	}
	if e.row.Needs == catalog.Label && v != named {
		return false
	}
	if e.row.Type == Email && byteAt(p.text, m.Start-1) == '<' {
		p.sender(m.Start - 1)
	}
	return p.decide(&Finding{Type: e.row.Type, Entity: e.row.Name, Start: m.Start, End: m.End}, &w)
}

// pairs reports four pairs of digits that a word calls a phone: "mobil 34.41.28.97".
func (p *pass) pairs(m shape.Match) bool {
	if m.End-m.Start != len("34.41.28.97") || p.text[m.Start+2] != '.' || p.text[m.Start+5] != '.' || p.text[m.Start+8] != '.' {
		return false
	}
	v, l := p.call(len(p.tokens)-1, &p.t.phone)
	return v == named && l.far <= 2
}

// owners takes over the names behind phone numbers and accounts.
func (p *pass) owners() {
	for i := range p.found {
		f := &p.found[i]
		if c := byteAt(p.text, f.End); f.Level < Likely || c != ',' && c != ' ' || f.Type != Phone && f.Type != IBAN {
			continue
		}
		if m, ok := shape.Owner(p.text, f.End); ok {
			p.beside(catalog.Name, "NAME", m, 60, f.End)
		}
	}
}

// bearers takes over the names before what belongs to them.
func (p *pass) bearers() {
	for i := range p.found {
		f := &p.found[i]
		if f.Level >= Likely && (f.Type == Phone || f.Type == catalog.NationalID || f.Type == Email || f.Type == catalog.Address && byteAt(p.text, f.Start-1) == ' ' && byteAt(p.text, f.Start-2) == ',') {
			p.ownerBefore(f.Start)
		}
	}
}

// ownerBefore takes over the name that begins the line in which what belongs to its
// bearer begins at a place, a word for that thing between perhaps: "Anil Bhardwaj, +91
// 98110 48219", "call Jean-Sébastien Tremblay 438-555-0142".
func (p *pass) ownerBefore(start int) {
	if start < 2*minName {
		return
	}
	floor := max(0, start-maxOwner-1)
	end := shape.OwnerEnds(p.text, floor, start)
	last := p.markFrom(start) - 1
	for i := last; i >= 0 && int(p.marks[i].at) >= floor; i-- {
		if int(p.marks[i].end) == end {
			end = shape.OwnerEnds(p.text, floor, int(p.marks[i].at))
		}
	}
	if !shape.NameEnds(p.text, floor, end) {
		return
	}
	begin := floor + strings.LastIndexByte(p.text[floor:start], '\n') + 1
	if begin >= end || start-begin > maxOwner || start-begin < 2*minName {
		return
	}
	for i := last; i >= 0 && int(p.marks[i].at) >= begin; i-- {
		if int(p.marks[i].at) == begin && int(p.marks[i].end) >= end {
			return // nothing but a label
		}
	}
	if m, ok := shape.OwnerBefore(p.text, begin, end); ok {
		p.beside(catalog.Name, "NAME", m, 60, end)
	}
}

// maxOwner is how many bytes of a line stand before what belongs to the person whose
// name begins it.
const maxOwner = 80

// residences takes over the addresses behind names.
func (p *pass) residences() {
	if len(p.tokens) == 0 {
		return // nor has an address a number
	}
	for i := range p.found {
		f := &p.found[i]
		if c := byteAt(p.text, f.End); f.Level < Likely || c != ',' && c != '\n' || f.Type != catalog.Name {
			continue
		}
		if m, ok := shape.Residence(p.text, f.End); ok {
			p.beside(catalog.Address, "ADDRESS", m, 60, f.End)
		}
	}
}

// places takes over the addresses that begin a line.
func (p *pass) places() {
	if len(p.tokens) == 0 || strings.IndexByte(p.text, ',') < 0 && byteAt(p.text, 0) < 0xE3 {
		return
	}
	for at := 0; at < len(p.text); {
		if m, ok := shape.Place(p.text, at); ok {
			p.placed(m)
		}
		line := strings.IndexByte(p.text[at:], '\n')
		if line < 0 {
			break
		}
		at += line + 1
	}
	p.placesWithin()
}

// placed takes over an address that nothing but its shape speaks for.
func (p *pass) placed(m shape.Match) {
	w := p.blank()
	w.add(ByShape, 70+min(rarity(m.OneIn), 70), m.Start, m.End)
	p.decide(&Finding{Type: catalog.Address, Entity: "ADDRESS", Start: m.Start, End: m.End}, &w)
}

// placesWithin takes over the addresses in the midst of lines: numbers of one to four
// digits are asked that have a comma not far behind.
func (p *pass) placesWithin() {
	past, tries := 0, leastTries+len(p.text)/maxHouse
	for k := range p.tokens {
		tok := &p.tokens[k]
		at := int(tok.digit)
		if at <= past || tok.end-tok.digit > 5 || !p.mayBeHouse(at, int(tok.end)) || p.sureAt(at) || strings.IndexByte(p.text[at:min(len(p.text), at+maxHouse)], ',') < 0 {
			continue
		}
		if tries--; tries < 0 {
			return // a text of numbers and commas
		}
		m, ok := shape.Within(p.text, at)
		if !ok {
			continue
		}
		p.placed(m)
		past = m.End
	}
}

// sureAt reports that a place belongs to something certain, against which an address
// would lose.
func (p *pass) sureAt(at int) bool {
	for i := range min(len(p.found), maxSure) {
		if f := &p.found[i]; f.Level == Certain && f.Start <= at && at < f.End {
			return true
		}
	}
	return false
}

// maxSure is how many findings are asked.
const maxSure = 16

// mayBeHouse reports a number that is no part of an amount, a date or a time.
func (p *pass) mayBeHouse(at, end int) bool {
	if c := byteAt(p.text, end); (c == '.' || c == ',' || c == ':') && isDigit(byteAt(p.text, end+1)) {
		return false
	}
	c := byteAt(p.text, at-1)
	return c == ' ' || c == '(' || c == '#' || c >= 0x80
}

// leastTries is how many numbers of a short text are asked.
const leastTries = 4

// maxHouse is how far behind the number of a house the comma before the town stands.
const maxHouse = 48

// beside takes over what has a shape and stands beside something at a place, which
// speaks for it with some points.
func (p *pass) beside(kind catalog.Type, entity string, m shape.Match, points, at int) {
	w := p.blank()
	w.add(ByNeighbour, points, at, at)
	w.add(ByShape, min(rarity(m.OneIn), 70), m.Start, m.End)
	p.decide(&Finding{Type: kind, Entity: entity, Start: m.Start, End: m.End}, &w)
}

// sender takes over the name of a mail's sender, before the bracket at i.
func (p *pass) sender(i int) {
	m, ok := shape.Sender(p.text, i)
	if !ok {
		return
	}
	p.beside(catalog.Name, "NAME", m, 90, i)
}

// cyrillicSeries gives where the number of a passport begins whose two letters are
// Cyrillic or Greek: "КМ 482917". Numbers are told by ASCII, so that they stand before it.
func (p *pass) cyrillicSeries(start int) int {
	k := start
	if p.heard&heardSeries != 0 {
		if end, _ := p.beforeNumberWord(p.markFrom(start)-1, start); end >= 0 {
			k = end
		}
	}
	if byteAt(p.text, k-1) == ' ' {
		k--
	}
	for range 2 {
		r, size := utf8.DecodeLastRuneInString(p.text[:k])
		if (r < 'А' || r > 'Я') && r != 'І' && r != 'Є' && r != 'Ї' && (r < 'Α' || r > 'Ω') {
			return start
		}
		k -= size
	}
	if r, _ := utf8.DecodeLastRuneInString(p.text[:k]); unicode.IsLetter(r) {
		return start
	}
	return k
}
