package pii

// called is the fallback for what a label calls a phone: the longest row of
// groups a phone may have.
func (p *pass) called(a, b int, c phoneCall, x *dialled) (last int, ok bool) {
	r := &p.run
	for last = b; last >= a; last-- {
		n := r.last(last) - int(r.group[a])
		if n < minPhone {
			break
		}
		if n <= maxNational {
			p.phone(a, last, x)
			x.w.add(ByLabel, c.outside(), c.label.at, c.label.end)
			return last, true
		}
	}
	return 0, false
}

// international judges a number behind + or 00. Skip is the digits before the
// calling code. The longest row of groups that the plan knows wins.
func (p *pass) international(a, b, skip int, plus bool, x *dialled) (last int, ok bool) {
	r := &p.run
	all := r.digits(a, b)
	if len(all) <= skip {
		return 0, false
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
			p.coming(a, last, code, skip, 60, x)
			return last, true
		}
		if sized && fallback < 0 {
			fallback = last
		}
	}
	if fallback >= 0 && (plus || p.phoneNamed(a)) {
		p.coming(a, fallback, code, skip, 0, x)
		return fallback, true
	}
	if plus {
		return p.unknownPlus(a, b, x)
	}
	return 0, false
}

// coming is the finding of a number with calling code; plan is what the plan
// adds.
func (p *pass) coming(a, last, code, skip, plan int, x *dialled) {
	p.phone(a, last, x)
	x.f.code, x.f.trunk = uint16(code), uint8(skip)
	x.w.add(ByPrefix, 110+plan, x.f.Start, x.f.End)
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
func (p *pass) unknownPlus(a, b int, x *dialled) (last int, ok bool) {
	r := &p.run
	for last = b; last >= a; last-- {
		if n := r.last(last) - int(r.group[a]); n >= 8 && n <= 15 {
			p.phone(a, last, x)
			x.w.add(ByShape, 60, r.from(a), r.to(last))
			if v, l := p.callGroup(a, &p.t.phone); v == named || v == generic {
				x.w.add(ByLabel, 60, l.at, l.end)
			}
			return last, true
		}
	}
	return 0, false
}

func (p *pass) phoneNamed(g int) bool {
	v, _ := p.callGroup(g, &p.t.phone)
	return v == named || v == generic
}
