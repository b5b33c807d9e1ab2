package pii

// short looks for card security codes and PINs among the small groups of a
// run. Both need a label or a card beside them: three digits alone say nothing.
func (p *pass) short() {
	r := &p.run
	for g := range r.count {
		if r.group[g] > 5 && g < r.count-1 {
			continue // no label reaches it
		}
		if n := r.size(g); n >= 3 && n <= 6 && p.alone(g) {
			p.secret(g, n)
		}
	}
	if r.count > 1 && r.count == r.n && r.n >= 3 && r.n <= 6 {
		p.spelled()
	}
}

// secret judges one group of n digits.
func (p *pass) secret(g, n int) {
	r := &p.run
	start, end := r.pos[r.group[g]], r.to(g)
	label, far := p.labelBefore(g)
	why := ByLabel
	if label == topicNone || label == topicLink {
		label, far = p.labelAfter(end), 3
	}
	if n <= 4 && label != topicCVV && label != topicPIN && p.nearCard(start) && label != topicOrder {
		label, why = topicCVV, ByNeighbour
	}
	p.judge(Finding{Start: start, End: end, Reasons: why}, label, far, n)
}

// judge turns a label into a finding: CVVs have three or four digits, PINs
// four to six.
func (p *pass) judge(f Finding, label topic, far, n int) {
	switch {
	case label == topicCVV && n <= 4:
		f.Type = CardCVV
	case label == topicPIN && n >= 4:
		f.Type = CardPIN
	default:
		return
	}
	f.Level = Likely
	if far <= 2 && f.Reasons&ByLabel != 0 && n <= 4 {
		f.Level = Certain
	}
	p.add(f)
}

// spelled judges digits written one by one: "cvv 1 2 3".
func (p *pass) spelled() {
	r := &p.run
	label, far := p.labelBefore(0)
	p.judge(Finding{Start: r.pos[0], End: r.end[r.n-1], Reasons: ByLabel}, label, far, r.n)
}

// alone reports that group g is a number of its own: no letters, decimals,
// times, masks or placeholder braces touch it.
func (p *pass) alone(g int) bool {
	r := &p.run
	start, end := r.pos[r.group[g]], r.to(g)
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
