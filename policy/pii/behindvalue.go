package pii

import (
	"strings"

	"postern/policy/pii/catalog"
	"postern/policy/pii/shape"
)

// behindValue reads what follows a value that was found behind its label, without one of its
// own: the security code behind an expiry, the day of birth behind a whole name.
func (p *pass) behindValue(kind Type, start, end int) {
	switch kind {
	case catalog.CardExpiry:
		p.rest(end)
	case catalog.Name:
		if strings.IndexByte(p.text[start:end], ' ') > 0 {
			p.bornBehind(start, end)
		}
	}
}

// bornBehind reads a day long past that stands directly behind a name, a comma between
// perhaps: "ФИО: Белов Артём Игоревич, 05.06.2012".
func (p *pass) bornBehind(start, end int) {
	at := end
	if byteAt(p.text, at) == ',' {
		at++
	}
	if byteAt(p.text, at) != ' ' || !isDigit(byteAt(p.text, at+1)) {
		return
	}
	m, ok := shape.Date(p.text, at)
	if !ok || m.Start != at+1 || !longPast(p.text[m.Start:m.End]) {
		return
	}
	w := p.blank()
	w.add(ByNeighbour, 90, start, end)
	w.add(ByShape, min(rarity(m.OneIn), 70), m.Start, m.End)
	p.decide(&Finding{Type: catalog.BirthDate, Entity: "BIRTH_DATE", Start: m.Start, End: m.End}, &w)
}

// longPast reports a date in numbers alone that ends with a year in which somebody may be
// born who writes today, and in which no appointment is: 05.06.2012.
func longPast(date string) bool {
	if len(date) < len("5.6.2012") || len(date) > len("05.06.2012") {
		return false
	}
	year := date[len(date)-4:]
	return allDigits(year) && year > "1919" && year < "2016" && strings.Count(date, "/")+strings.Count(date, ".")+strings.Count(date, "-") == 2
}
