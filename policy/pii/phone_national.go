package pii

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
func (p *pass) national(a, b int, c phoneCall, x *dialled) bool {
	if p.peer >= 0 && p.nationalOf(p.peer, a, b, c, 60, x) {
		return true
	}
	for _, h := range p.s.home {
		if p.nationalOf(h, a, b, c, 60, x) {
			return true
		}
	}
	if p.lang.region != "" {
		return p.nationalOf(p.t.plan.region(p.lang.region), a, b, c, 45, x)
	}
	for _, name := range p.lang.regions {
		if p.nationalOf(p.t.plan.region(name), a, b, c, 40, x) {
			return true
		}
	}
	return false
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

// outside is what a label counts for digits that no plan of a country concerned
// knows: "number" alone names much else, "job number 553019472".
func (c phoneCall) outside() int {
	if c.named {
		return 110
	}
	return 90
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

// leastBare is how many digits a number has at least that nothing but "number" calls,
// where people write a trunk prefix.
const leastBare = 9

// nationalOf judges a number in the plan of one region; prior is what the
// region counts.
func (p *pass) nationalOf(index, a, b int, c phoneCall, prior int, x *dialled) bool {
	if index < 0 {
		return false
	}
	r := &p.t.plan.regions[index]
	d := p.run.digits(a, b)
	trunk := len(r.trunk)
	if trunk == 0 || len(d) <= trunk || string(d[:trunk]) != string(r.trunk) || !r.holds(d[trunk:]) {
		if trunk = r.dialled(d); trunk == 0 && !r.holds(d) {
			return false
		}
	}
	if !c.yes && (p.cutOut(a, b) || trunk == 0 && r.european() && p.halved(a, b)) {
		return false
	}
	p.phone(a, b, x)
	f, w := &x.f, &x.w
	f.code, f.trunk = uint16(r.code), uint8(trunk)
	w.add(ByCountry, prior, 0, 0)
	switch {
	case c.yes && !c.named && a == b && trunk == 0 && len(r.trunk) > 0 && len(d) < leastBare && r.european():
		w.add(ByLabel, 30, c.label.at, c.label.end) // "Störung Nr. 4482190"
	case c.yes:
		w.add(ByLabel, 110, c.label.at, c.label.end)
	case trunk > 0 && r.code != 1, a == 0 && b > a && p.phoneGroups(a, b): // the end of a longer row of groups is none
		w.add(ByGrouping, 50, f.Start, f.End)
	case b > a:
		return false
	case index == p.peer && len(d) >= leastWhole && !round(d) && p.whole(f.Start, f.End):
		w.add(ByShape, 45, f.Start, f.End)
	}
	return true
}
