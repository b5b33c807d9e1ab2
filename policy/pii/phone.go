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
	for tries := 0; a <= b && r.last(b)-int(r.group[a]) >= minPhone && tries < maxStarts; tries++ {
		last, f, w, ok := p.phoneAt(a, b)
		if ok && p.decide(f, &w) {
			a = last + 1
			continue
		}
		a = p.nextStart(a, b)
	}
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

// phoneAt tries the numbers that begin with group a.
func (p *pass) phoneAt(a, b int) (last int, f Finding, w weight, ok bool) {
	w = p.blank()
	r := &p.run
	start := r.from(a)
	switch {
	case a == 0 && r.plus:
		return p.international(a, b, 0, true)
	case p.attached(a), dateGroups(r, a, b) > 0, hours(r, a, b), p.validity(a, b):
		return 0, f, w, false
	case r.size(a) >= 4 && r.digit[r.group[a]] == 0 && r.digit[r.group[a]+1] == 0,
		r.size(a) == 2 && r.value(a) == 0:
		if last, f, w, ok = p.international(a, b, 2, false); ok {
			return last, f, w, ok
		}
	}
	if p.nowhere && p.heard&heardPhone == 0 && !linkEnd(byteAt(p.text, start-1)) {
		return 0, f, w, false // neither a country nor a word speaks for it
	}
	c := phoneCall{}
	switch v, l := p.callGroup(a, &p.t.phone); v {
	case against:
		return 0, f, w, false
	case named, generic:
		c = phoneCall{true, v == named, l}
	default:
		c = p.phoneBehind(a, b)
	}
	if linkEnd(byteAt(p.text, start-1)) && link(p.text, start) {
		c = phoneCall{yes: true, named: true, label: label{at: start, end: start}}
	}
	if p.amount(a, b) && !c.named {
		return 0, f, w, false
	}
	return p.unmarked(a, b, c)
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
	k, end := p.tokenAt(p.run.pos[p.run.last(b)-1]), p.run.to(b)
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
func (p *pass) unmarked(a, b int, c phoneCall) (int, Finding, weight, bool) {
	all := b
	for b = a; b < all && p.run.last(b+1)-int(p.run.group[a]) <= 15; b++ {
	}
	code, size := p.t.plan.callingCode(p.run.digits(a, b))
	full := c.yes || p.concerns(code)
	trunk := c.yes || a == 0 || p.trunkAt(a)
	if !full && !trunk && p.run.size(a) < minPhone {
		return 0, Finding{}, weight{}, false
	}
	for last := b; last >= a; last-- {
		n := p.run.last(last) - int(p.run.group[a])
		if n < minPhone {
			break
		}
		if n > 15 || last-a > maxPhoneGroups && p.run.size(a) > 1 || last < b && p.run.size(last) == 1 && p.run.size(last+1) == 1 {
			continue
		}
		if full && p.abroad(a, last, code, size) {
			if f, w, ok := p.bare(a, last, c); ok {
				return last, f, w, true
			}
		}
		if !trunk && last > a || !p.takes(a, last, c) {
			continue
		}
		if f, w, ok := p.national(a, last, c); ok {
			return last, f, w, true
		}
	}
	if c.yes {
		return p.called(a, b, c)
	}
	return 0, Finding{}, weight{}, false
}

func (p *pass) phone(a, b int) Finding {
	return Finding{Type: Phone, Entity: "PHONE", Start: p.run.from(a), End: p.run.to(b)}
}

// bare judges a full number without +. It needs a label, or the calling code
// of a country concerned.
func (p *pass) bare(a, b int, c phoneCall) (f Finding, w weight, ok bool) {
	w = p.blank()
	d := p.run.digits(a, b)
	if len(d) < 8 || d[0] == 0 {
		return f, w, false
	}
	code, size := p.t.plan.callingCode(d)
	if used, _ := p.t.plan.abroad(code, d[size:]); !used {
		return f, w, false
	}
	home := p.concerns(code)
	if !home && (len(d) < 10 || !c.yes || a != b && p.run.size(a) != size) {
		return f, w, false
	}
	f = p.phone(a, b)
	f.code = uint16(code)
	w.add(ByPrefix, 55, f.Start, f.End)
	if home {
		w.add(ByCountry, 60, 0, 0)
	}
	if c.yes {
		w.add(ByLabel, 110, c.label.at, c.label.end)
	}
	return f, w, true
}

// concerns reports whether the peer or the tenant lives under a calling code.
func (p *pass) concerns(code int) bool {
	if p.peer >= 0 && p.t.plan.regions[p.peer].code == code {
		return true
	}
	for _, h := range p.s.home {
		if p.t.plan.regions[h].code == code {
			return true
		}
	}
	return false
}

// national judges a number in the plans of the peer's country, the tenant's and
// those where the language is spoken.
func (p *pass) national(a, b int, c phoneCall) (f Finding, w weight, ok bool) {
	if p.peer >= 0 {
		if f, w, ok = p.nationalOf(p.peer, a, b, c, 60); ok {
			return f, w, true
		}
	}
	for _, h := range p.s.home {
		if f, w, ok = p.nationalOf(h, a, b, c, 60); ok {
			return f, w, true
		}
	}
	if p.lang.region != "" {
		return p.nationalOf(p.t.plan.region(p.lang.region), a, b, c, 45)
	}
	for _, name := range p.lang.regions {
		if f, w, ok = p.nationalOf(p.t.plan.region(name), a, b, c, 40); ok {
			return f, w, true
		}
	}
	return f, w, false
}

// abroad reports that the groups a to b are a number in use behind the calling
// code that they begin with.
func (p *pass) abroad(a, b, code, size int) bool {
	d := p.run.digits(a, b)
	used, _ := p.t.plan.abroad(code, d[min(size, len(d)):])
	return used
}

// trunkAt reports that group a begins as national numbers of a country concerned
// do behind other digits.
func (p *pass) trunkAt(a int) bool {
	regions, d := p.t.plan.regions, p.run.digits(a, p.run.count-1)
	if p.lang.region != "" || len(p.lang.regions) > 0 || p.peer >= 0 && regions[p.peer].trunkOf(d) {
		return true
	}
	for _, h := range p.s.home {
		if regions[h].trunkOf(d) {
			return true
		}
	}
	return false
}

// takes reports whether national has anything to judge.
func (p *pass) takes(a, b int, c phoneCall) bool {
	plan, d, bare := p.t.plan, p.run.digits(a, b), c.yes || a == 0 || a == b
	if p.peer >= 0 && plan.regions[p.peer].takes(d, bare) {
		return true
	}
	for _, h := range p.s.home {
		if plan.regions[h].takes(d, bare) {
			return true
		}
	}
	if p.lang.region != "" {
		r := plan.region(p.lang.region)
		return r >= 0 && plan.regions[r].takes(d, bare)
	}
	for _, name := range p.lang.regions {
		if r := plan.region(name); r >= 0 && plan.regions[r].takes(d, bare) {
			return true
		}
	}
	return false
}

// nationalOf judges a number in the plan of one region; prior is what the
// region counts.
func (p *pass) nationalOf(index, a, b int, c phoneCall, prior int) (f Finding, w weight, ok bool) {
	w = p.blank()
	if index < 0 {
		return f, w, false
	}
	r := &p.t.plan.regions[index]
	d := p.run.digits(a, b)
	trunk := len(r.trunk)
	if trunk == 0 || len(d) <= trunk || string(d[:trunk]) != string(r.trunk) || !r.holds(d[trunk:]) {
		if trunk = r.dialled(d); trunk == 0 && !r.holds(d) {
			return f, w, false
		}
	}
	if !c.yes && p.cutOut(a, b) {
		return f, w, false
	}
	f = p.phone(a, b)
	f.code, f.trunk = uint16(r.code), uint8(trunk)
	w.add(ByCountry, prior, 0, 0)
	switch {
	case c.yes:
		w.add(ByLabel, 110, c.label.at, c.label.end)
	case trunk > 0 && r.code != 1, a == 0 && b > a && p.phoneGroups(a, b): // the end of a longer row of groups is none
		w.add(ByGrouping, 50, f.Start, f.End)
	case b > a:
		return f, w, false
	}
	return f, w, true
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
	return strings.IndexByte(p.text[p.run.to(g-1):p.run.pos[p.run.group[g]]], '\n') >= 0
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

// called is the fallback for what a label calls a phone: the longest row of
// groups a phone may have.
func (p *pass) called(a, b int, c phoneCall) (last int, f Finding, w weight, ok bool) {
	w = p.blank()
	r := &p.run
	for last = b; last >= a; last-- {
		n := r.last(last) - int(r.group[a])
		if n < minPhone {
			break
		}
		if n <= maxNational {
			w.add(ByLabel, 110, c.label.at, c.label.end)
			return last, p.phone(a, last), w, true
		}
	}
	return 0, f, w, false
}

// international judges a number behind + or 00. Skip is the digits before the
// calling code. The longest row of groups that the plan knows wins.
func (p *pass) international(a, b, skip int, plus bool) (last int, f Finding, w weight, ok bool) {
	w = p.blank()
	r := &p.run
	all := r.digits(a, b)
	if len(all) <= skip {
		return 0, f, w, false
	}
	code, size := p.t.plan.callingCode(all[skip:])
	fallback := -1
	for last = b; last >= a && code > 0; last-- {
		d := r.digits(a, last)[skip:]
		if len(d) > 15 || len(d) <= size {
			continue
		}
		used, sized := p.t.plan.beyond(code, d[size:])
		if used {
			return last, p.coming(a, last, code, skip, &w, 60), w, true
		}
		if sized && fallback < 0 {
			fallback = last
		}
	}
	if fallback >= 0 && (plus || p.phoneNamed(a)) {
		return fallback, p.coming(a, fallback, code, skip, &w, 0), w, true
	}
	if plus {
		return p.unknownPlus(a, b)
	}
	return 0, f, w, false
}

// coming is the finding of a number with calling code; plan is what the plan
// adds.
func (p *pass) coming(a, last, code, skip int, w *weight, plan int) Finding {
	f := p.phone(a, last)
	f.code, f.trunk = uint16(code), uint8(skip)
	w.add(ByPrefix, 110+plan, f.Start, f.End)
	return f
}

// beyond is abroad for what people write behind a calling code: in some
// countries, such as Ivory Coast, a leading zero is a part of the number.
func (p *plan) beyond(code int, national []byte) (used, sized bool) {
	used, sized = p.abroad(code, national)
	if d := zeroless(national, code); !used && len(d) < len(national) {
		less, fits := p.abroad(code, d)
		return less, sized || fits
	}
	return used, sized
}

// zeroless drops the trunk zero of "+44 (0)7400 123456".
func zeroless(d []byte, code int) []byte {
	if len(d) > 1 && d[0] == 0 && code != 39 {
		return d[1:]
	}
	return d
}

// unknownPlus reports a + with eight to fifteen digits that no plan knows:
// plans change, and a leak is worse than a label too many.
func (p *pass) unknownPlus(a, b int) (last int, f Finding, w weight, ok bool) {
	w = p.blank()
	r := &p.run
	for last = b; last >= a; last-- {
		if n := r.last(last) - int(r.group[a]); n >= 8 && n <= 15 {
			w.add(ByShape, 60, r.from(a), r.to(last))
			if v, l := p.callGroup(a, &p.t.phone); v == named || v == generic {
				w.add(ByLabel, 60, l.at, l.end)
			}
			return last, p.phone(a, last), w, true
		}
	}
	return 0, f, w, false
}

func (p *pass) phoneNamed(g int) bool {
	v, _ := p.callGroup(g, &p.t.phone)
	return v == named || v == generic
}
