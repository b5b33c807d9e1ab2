package pii

// northAmerican reports that the run that begins with group a is a number of North America as it is printed there,
// 780-999-2181, (579) 888-3058 or 905.674.3793: no other row of digits is grouped like this so often. Source: North
// American Numbering Plan Administrator; the codes in use are those of phones.txt.
func (p *pass) northAmerican(a, b int) bool {
	r := &p.run
	if a != 0 || b != 2 || r.count != 3 || r.n != 10 || r.size(0) != 3 || r.size(1) != 3 || r.digit[3] < 2 {
		return false
	}
	if c := r.sep[2]; c != '-' && c != '.' || r.sep[1] != c && byteAt(p.text, r.to(0)) != ')' {
		return false
	}
	return p.t.plan.joint[1].holds(r.digit[:10])
}

// printed judges a number of North America that neither a word nor a country speaks for.
func (p *pass) printed(a, b int, x *dialled) bool {
	if !p.nowhere || !p.northAmerican(a, b) {
		return false
	}
	p.phone(a, b, x)
	x.f.code = 1
	x.w.add(ByPrefix, 50, x.f.Start, x.f.End)
	x.w.add(ByGrouping, 55, x.f.Start, x.f.End)
	return true
}
