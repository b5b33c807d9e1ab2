package pii

const (
	maxNational = 13 // digits of a national number with trunk prefix, at most
	minPhone    = 7
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
	for a <= b && r.last(b)-int(r.group[a]) >= minPhone {
		last, f, ok := p.phoneAt(a, b)
		if ok {
			p.add(f)
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
func (p *pass) phoneAt(a, b int) (last int, f Finding, ok bool) {
	r := &p.run
	start := r.from(a)
	switch {
	case a == 0 && r.plus:
		return p.international(a, b, 0, true)
	case p.attached(a), dateGroups(r, a, b) > 0:
		return 0, f, false
	case r.size(a) >= 4 && r.digit[r.group[a]] == 0 && r.digit[r.group[a]+1] == 0,
		r.size(a) == 2 && r.value(a) == 0:
		if last, f, ok = p.international(a, b, 2, false); ok {
			return last, f, ok
		}
	}
	label := p.topicBefore(a)
	switch label {
	case topicOrder, topicIdent, topicAccount, topicCard, topicCVV, topicPIN:
		return 0, f, false
	case topicNone:
		label = p.topicAfterPhone(a, b)
	}
	if link(p.text, start) {
		label = topicPhone
	}
	labelled := label == topicPhone || label == topicNumber
	if p.amount(a, b) && label != topicPhone {
		return 0, f, false
	}
	return p.unmarked(a, b, labelled)
}

// topicAfterPhone looks behind the value, where only phone words count.
func (p *pass) topicAfterPhone(a, b int) topic {
	t := p.labelAfter(p.run.to(b))
	if t == topicPhone || t == topicNumber {
		return t
	}
	return topicNone
}

// unmarked judges numbers without + or 00: ids as WhatsApp writes them,
// national numbers of the countries concerned, and what a label calls a phone.
func (p *pass) unmarked(a, b int, labelled bool) (int, Finding, bool) {
	for last := b; last >= a; last-- {
		n := p.run.last(last) - int(p.run.group[a])
		if n < minPhone {
			break
		}
		if n > 15 {
			continue
		}
		if f, ok := p.bare(a, last, labelled); ok {
			return last, f, true
		}
		if f, ok := p.national(a, last, labelled); ok {
			return last, f, true
		}
	}
	if labelled {
		return p.called(a, b)
	}
	return 0, Finding{}, false
}

// bare judges a full number without +. It needs a label, or the calling code
// of a country concerned.
func (p *pass) bare(a, b int, labelled bool) (Finding, bool) {
	d := p.run.digits(a, b)
	if len(d) < 8 || d[0] == 0 {
		return Finding{}, false
	}
	code, size := p.s.plan.callingCode(d)
	if used, _ := p.s.plan.abroad(code, d[size:]); !used {
		return Finding{}, false
	}
	home := p.concerns(code)
	if !home && (len(d) < 10 || !labelled || a != b && p.run.size(a) != size) {
		return Finding{}, false
	}
	f := Finding{Type: Phone, Level: Likely, Start: p.run.from(a), End: p.run.to(b), Reasons: ByPrefix, code: uint16(code)}
	if home {
		f.Reasons |= ByCountry
	}
	if labelled {
		f.Level, f.Reasons = Certain, f.Reasons|ByLabel
	}
	return f, true
}

// concerns reports whether the peer or the tenant lives under a calling code.
func (p *pass) concerns(code int) bool {
	if p.peer >= 0 && p.s.plan.regions[p.peer].code == code {
		return true
	}
	for _, h := range p.s.home {
		if p.s.plan.regions[h].code == code {
			return true
		}
	}
	return false
}

// national judges a number in the plans of the peer's and the tenant's
// countries.
func (p *pass) national(a, b int, labelled bool) (Finding, bool) {
	if p.peer >= 0 {
		if f, ok := p.nationalOf(p.peer, a, b, labelled); ok {
			return f, true
		}
	}
	for _, h := range p.s.home {
		if f, ok := p.nationalOf(h, a, b, labelled); ok {
			return f, true
		}
	}
	return Finding{}, false
}

func (p *pass) nationalOf(index, a, b int, labelled bool) (Finding, bool) {
	r := &p.s.plan.regions[index]
	d := p.run.digits(a, b)
	trunk := len(r.trunk)
	if trunk == 0 || len(d) <= trunk || string(d[:trunk]) != string(r.trunk) || !r.holds(d[trunk:]) {
		if trunk = 0; !r.holds(d) {
			return Finding{}, false
		}
	}
	f := Finding{Type: Phone, Start: p.run.from(a), End: p.run.to(b), Reasons: ByCountry,
		code: uint16(r.code), trunk: uint8(trunk)}
	switch {
	case labelled:
		f.Level, f.Reasons = Certain, f.Reasons|ByLabel
	case trunk > 0 && r.code != 1 || b > a && p.phoneGroups(a, b):
		f.Level, f.Reasons = Likely, f.Reasons|ByGrouping
	case b > a:
		return f, false
	}
	return f, true
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
func (p *pass) called(a, b int) (int, Finding, bool) {
	r := &p.run
	for last := b; last >= a; last-- {
		n := r.last(last) - int(r.group[a])
		if n < minPhone {
			break
		}
		if n <= maxNational {
			return last, Finding{Type: Phone, Level: Likely, Start: r.from(a), End: r.to(last), Reasons: ByLabel}, true
		}
	}
	return 0, Finding{}, false
}

// international judges a number behind + or 00. Skip is the digits before the
// calling code. The longest row of groups that the plan knows wins.
func (p *pass) international(a, b, skip int, plus bool) (int, Finding, bool) {
	r := &p.run
	all := r.digits(a, b)
	if len(all) <= skip {
		return 0, Finding{}, false
	}
	code, size := p.s.plan.callingCode(all[skip:])
	f := Finding{Type: Phone, Start: r.from(a), Reasons: ByPrefix, code: uint16(code), trunk: uint8(skip)}
	fallback := -1
	for last := b; last >= a && code > 0; last-- {
		d := r.digits(a, last)[skip:]
		if len(d) > 15 || len(d) <= size {
			continue
		}
		used, sized := p.s.plan.abroad(code, zeroless(d[size:], code))
		if used {
			f.Level, f.End = Certain, r.to(last)
			return last, f, true
		}
		if sized && fallback < 0 {
			fallback = last
		}
	}
	if fallback >= 0 && (plus || p.labelled(a)) {
		f.Level, f.End = Likely, r.to(fallback)
		return fallback, f, true
	}
	if plus {
		return p.unknownPlus(a, b)
	}
	return 0, f, false
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
func (p *pass) unknownPlus(a, b int) (int, Finding, bool) {
	r := &p.run
	for last := b; last >= a; last-- {
		if n := r.last(last) - int(r.group[a]); n >= 8 && n <= 15 {
			return last, Finding{Type: Phone, Level: Possible, Start: r.from(a), End: r.to(last), Reasons: ByShape}, true
		}
	}
	return 0, Finding{}, false
}

func (p *pass) labelled(g int) bool {
	t := p.topicBefore(g)
	return t == topicPhone || t == topicNumber
}
