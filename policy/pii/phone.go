package pii

import "strings"

const (
	maxNational = 13 // digits of a national number with trunk prefix, at most
	minPhone    = 7

	maxStarts      = 8 // places of one run or series at which a value is looked for
	maxPhoneGroups = 7 // beyond the first, unless written digit by digit
)

// long looks for cards and phone numbers in a run of seven digits or more.
func (p *pass) long() {
	from := 0
	if p.run.n >= 12 {
		from = p.cards(0)
	}
	p.phones(from, p.run.count-1)
}

// phones looks for phone numbers in the groups a to b.
func (p *pass) phones(a, b int) {
	r := &p.run
	for a <= b && r.last(a) <= r.tail {
		a++
	}
	var x dialled
	for tries := 0; a <= b && r.last(b)-int(r.group[a]) >= minPhone && tries < maxStarts; tries++ {
		if !p.mute(a) {
			if last, ok := p.phoneAt(a, b, &x); ok && p.decide(&x.f, &x.w) {
				a = last + 1
				continue
			}
		}
		a = p.nextStart(a, b)
	}
}

// mute reports that nothing speaks for a phone number that begins with group a: no
// country, no word, no sign or zeros in front.
func (p *pass) mute(a int) bool {
	r := &p.run
	return p.nowhere && p.heard&heardPhone == 0 && r.digit[r.group[a]] != 0 && (a > 0 || !r.plus) && !linkEnd(byteAt(p.text, r.from(a)-1)) && !p.northAmerican(a, r.count-1)
}

// nextStart is the next group at which another number may begin: one behind a
// plain space, or behind what looks like a date. Numbers written digit by
// digit do not begin anew at each.
func (p *pass) nextStart(a, b int) int {
	r := &p.run
	if n := dateGroups(r, a, b); n > 0 {
		return a + n
	}
	for a++; a <= b && (r.sep[a] != ' ' || r.size(a) == 1 && r.size(a-1) == 1); a++ {
	}
	return a
}

// dialled is a number of a phone and what speaks for it, filled in by those that find
// it one.
type dialled struct {
	f Finding
	w weight
}

// phone begins anew with the groups a to b.
func (p *pass) phone(a, b int, x *dialled) {
	*x = dialled{w: p.blank()}
	x.f.Type, x.f.Entity, x.f.Start, x.f.End = Phone, "PHONE", p.run.from(a), extension(p.text, p.run.to(b))
}

// phoneAt tries the numbers that begin with group a, and gives the last group.
func (p *pass) phoneAt(a, b int, x *dialled) (last int, ok bool) {
	r := &p.run
	start := r.from(a)
	switch {
	case a == 0 && r.plus:
		return p.international(a, b, 0, true, x)
	case p.attached(a), dateGroups(r, a, b) > 0, hours(r, a, b), p.validity(a, b):
		return 0, false
	case a == b && p.accountOf(a):
	case r.size(a) >= 3 && r.digit[r.group[a]] == 0 && r.digit[r.group[a]+1] == 0,
		r.size(a) == 2 && r.value(a) == 0:
		if last, ok = p.international(a, b, 2, false, x); ok {
			return last, ok
		}
	}
	if p.nowhere && p.heard&heardPhone == 0 && !linkEnd(byteAt(p.text, start-1)) && !p.northAmerican(a, b) {
		return 0, false // neither a country nor a word speaks for it
	}
	c := phoneCall{}
	switch v, l := p.callGroup(a, &p.t.phone); v {
	case against:
		return 0, false
	case named, generic:
		if p.cep(a, b, l) {
			return 0, false
		}
		c = phoneCall{true, v == named, l}
	default:
		if c = p.phoneBehind(a, b); !c.yes && p.orPhone(start) {
			c = phoneCall{yes: true, label: label{at: start, end: start}}
		}
	}
	if linkEnd(byteAt(p.text, start-1)) && link(p.text, start) {
		c = phoneCall{yes: true, named: true, label: label{at: start, end: start}}
	}
	last, ok = p.unmarked(a, b, c, x)
	return last, ok && !(years(r, a, b) && r.sep[b] == '-') && (c.named || !p.amount(a, b) && !p.filed(a, b) && !p.drawn(a, b))
}

// accountOf reports a number in one group behind a word for an account: "a/c
// 00441290313377" dials nobody abroad.
func (p *pass) accountOf(a int) bool {
	v, l := p.callGroup(a, &p.t.account)
	return v == named && l.far <= 1
}

// phoneCall is what a label says about a phone number.
type phoneCall struct {
	yes, named bool
	label      label
}

// phoneBehind looks behind the value, where only phone words count.
func (p *pass) phoneBehind(a, b int) phoneCall {
	if p.heard&heardPhone == 0 {
		return phoneCall{}
	}
	k, end := p.tokenAt(p.run.to(b)-1), p.run.to(b)
	v, l := p.callBehind(k, end, &p.t.phone)
	if v == unnamed && byteAt(p.text, end) == ',' && byteAt(p.text, end+1) == ' ' { // "..., call me"
		if v, l = p.callBehind(k, end+1, &p.t.phone); v != named {
			v = unnamed
		}
	}
	return phoneCall{v == named || v == generic, v == named, l}
}

// unmarked judges numbers without + or 00: ids as WhatsApp writes them,
// national numbers of the countries concerned, and what a label calls a phone.
func (p *pass) unmarked(a, b int, c phoneCall, x *dialled) (last int, ok bool) {
	all := b
	for b = a; b < all && p.run.last(b+1)-int(p.run.group[a]) <= 15; b++ {
	}
	code, size := p.t.plan.callingCode(p.run.digits(a, b))
	full := c.yes || p.concerns(code)
	trunk := c.yes || a == 0 || p.trunkAt(a)
	if !full && !trunk && p.run.size(a) < minPhone {
		return 0, false
	}
	for last = b; last >= a; last-- {
		n := p.run.last(last) - int(p.run.group[a])
		if n < minPhone {
			break
		}
		if n > 15 || last-a > maxPhoneGroups && p.run.size(a) > 1 || last < b && p.run.size(last) == 1 && p.run.size(last+1) == 1 {
			continue
		}
		if full && p.abroad(a, last, code, size) && p.bare(a, last, c, x) {
			return last, true
		}
		if !trunk && last > a || !p.takes(a, last, c) {
			continue
		}
		if p.national(a, last, c, x) {
			return last, true
		}
	}
	if c.yes {
		return p.called(a, b, c, x)
	}
	return b, p.printed(a, b, x)
}

// bare judges a full number without +. It needs a label, or the calling code
// of a country concerned.
func (p *pass) bare(a, b int, c phoneCall, x *dialled) bool {
	d := p.run.digits(a, b)
	if len(d) < 8 || d[0] == 0 {
		return false
	}
	code, size := p.t.plan.callingCode(d)
	if used, _ := p.t.plan.abroad(code, d[size:]); !used {
		return false
	}
	home := p.concerns(code)
	if !home && (len(d) < 10 || !c.yes || a != b && p.run.size(a) != size) {
		return false
	}
	p.phone(a, b, x)
	x.f.code = uint16(code)
	x.w.add(ByPrefix, 55, x.f.Start, x.f.End)
	if home {
		x.w.add(ByCountry, 60, 0, 0)
	}
	if c.yes {
		x.w.add(ByLabel, 110, c.label.at, c.label.end)
	}
	return true
}

// cutOut reports that the groups a to b are a part of a longer row, such as the
// number of a parcel: groups of three digits or more stand beside them on the
// same line that are no number of a phone themselves.
func (p *pass) cutOut(a, b int) bool {
	r := &p.run
	if a > 0 && r.size(a-1) >= 3 && int(r.group[a]) < minPhone && !p.newLine(a) {
		return true
	}
	return b+1 < r.count && r.size(b+1) >= 3 && r.n-r.last(b) < minPhone && !p.newLine(b+1)
}

// newLine reports that group g begins a line.
func (p *pass) newLine(g int) bool {
	return strings.IndexByte(p.text[p.run.to(g-1):p.run.at[g]], '\n') >= 0
}

// validity reports the expiry and code of a card: 04/28 123.
func (p *pass) validity(a, b int) bool {
	r := &p.run
	return r.expiryAt(a) && b == a+2 && r.size(b) == 3 && r.sep[b] == ' ' && (r.size(a+1) == 2 || year(r.value(a+1)))
}

// phoneGroups reports two to five groups of two to five digits, as people
// write phone numbers, and not two equal fours that may be years.
func (p *pass) phoneGroups(a, b int) bool {
	r := &p.run
	if b-a > 4 {
		return false
	}
	for g := a; g <= b; g++ {
		if n := r.size(g); n < 2 && g > a || n > 5 && g < b {
			return false
		}
		if g > a && r.sep[g] == '/' && g > a+1 {
			return false
		}
	}
	return true
}
