package pii

import (
	"strings"

	"postern/policy/pii/shape"
)

// short looks for card security codes and PINs among the small groups of a
// run. Both need a label or a card beside them: three digits alone say nothing.
func (p *pass) short() {
	if p.card < 0 && p.heard&heardCode == 0 {
		return
	}
	r := &p.run
	if p.card >= 0 {
		p.expiries()
	}
	called := p.heard&heardCode != 0
	for g := range r.count {
		if r.group[g] > 5 && g < r.count-1 || !called && !p.nearCard(int(r.at[g])) {
			continue // no label reaches it
		}
		if n := r.size(g); n >= 3 && n <= 6 && p.alone(g) {
			p.secret(g, n)
		}
	}
	if called && r.count > 1 && r.count == r.n && r.n >= 3 && r.n <= 6 {
		p.spelled()
	}
}

// secret judges one group of n digits.
func (p *pass) secret(g, n int) {
	r := &p.run
	start, end := int(r.at[g]), r.to(g)
	if p.heard&heardCode != 0 && p.coded(g, start, end, n) || n > 4 || !p.nearCard(start) {
		return
	}
	if v, _ := p.callGroup(g, &p.t.code); v == against {
		return
	}
	w := p.blank()
	w.add(ByNeighbour, 120, p.card, p.card)
	p.decide(&Finding{Type: CardCVV, Entity: "CARD_CVV", Start: start, End: end}, &w)
}

// coded judges digits that a label calls a security code, three or four of
// them, or a PIN, four to six.
func (p *pass) coded(g, start, end, n int) bool {
	for _, c := range [...]struct {
		kind     Type
		says     *target
		low, top int
	}{{CardCVV, &p.t.code, 3, 4}, {CardPIN, &p.t.pin, 4, 6}} {
		if n < c.low || n > c.top {
			continue
		}
		v, l := p.callGroup(g, c.says)
		if v == unnamed && p.run.group[g] <= 5 { // "5060 5608 1128 4505 cvv 123" has one of three digits
			v, l = p.callBehind(p.tokenAt(start), end, c.says)
			l.far = 3
		}
		if v != named || c.kind == CardPIN && p.postal(l, n) || shape.Measured(p.text, end) {
			continue
		}
		w := p.blank()
		w.add(ByLabel, 110, l.at, l.end)
		if l.far <= 2 && n <= 4 {
			w.add(ByShape, 50, start, end)
		}
		f := Finding{Type: c.kind, Entity: string(c.kind), Start: start, End: end}
		ok := p.decide(&f, &w)
		if ok {
			p.corrected(f)
		}
		return ok
	}
	return false
}

// postal reports the six digits of a place in India, where "pin code" is the
// postal index number (India Post): not that of a card, which is "pin".
func (p *pass) postal(l label, n int) bool {
	return n == 6 && p.hint.PeerCountry == "IN" && strings.EqualFold(p.text[max(l.at, l.end-4):l.end], "code")
}

// spelled judges digits written one by one: "cvv 1 2 3".
func (p *pass) spelled() {
	r := &p.run
	p.coded(0, int(r.at[0]), r.to(r.count-1), r.n)
}

// alone reports that group g is a number of its own: no letters, decimals,
// times, masks or placeholder braces touch it.
func (p *pass) alone(g int) bool {
	r := &p.run
	start, end := int(r.at[g]), r.to(g)
	prev, next := byteAt(p.text, start-1), byteAt(p.text, end)
	switch {
	case isAlnum(prev), isAlnum(next), prev == '{', next == '}', prev == '#', next == '%', prev == '$':
		return false
	case (next == ',' || next == ':' || next == '.') && isDigit(byteAt(p.text, end+1)):
		return false
	case (prev == ',' || prev == ':' || prev == '.') && isDigit(byteAt(p.text, start-2)):
		return false
	}
	return !masked(p.text, start, end)
}

// masked reports stars that stand for hidden digits beside a group.
func masked(text string, start, end int) bool {
	if byteAt(text, start-1) == ' ' {
		start--
	}
	if byteAt(text, end) == ' ' {
		end++
	}
	return start >= 2 && text[start-2:start] == "**" && byteAt(text, start-3) == '*' ||
		end+3 <= len(text) && text[end:end+3] == "***"
}

// nearCard reports a card up to 24 bytes before at with nothing but digits and
// punctuation between.
func (p *pass) nearCard(at int) bool {
	if p.card < 0 || at < p.card || at-p.card > 24 {
		return false
	}
	for _, c := range []byte(p.text[p.card:at]) {
		if isLetter(c) || c >= 0x80 {
			return false
		}
	}
	return true
}
