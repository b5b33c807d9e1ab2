package pii

// What stands beside a value or how it is written can say that it is something
// else: an amount, a date, a part of a link.

// partOfNumber reports that a window is cut out of a decimal, a time, an
// address or a mask.
func (p *pass) partOfNumber(w *window) bool {
	prev, next := byteAt(p.text, w.start-1), byteAt(p.text, w.end)
	switch prev {
	case '.', ',', ':', '/', '=', '_', '@', '+', '-':
		if prev == '=' && p.assigned(int(p.series.token[w.a]), w.start) {
			break
		}
		if c := byteAt(p.text, w.start-2); isDigit(c) || prev == '@' || prev == '=' || prev == '+' && w.letters == 0 || (prev == '/' || prev == '_') && isLetter(c) {
			return true
		}
	case '{', '*':
		return byteAt(p.text, w.start-2) == prev
	}
	switch next {
	case '.', ',', ':':
		return isDigit(byteAt(p.text, w.end+1))
	case '}', '*':
		return byteAt(p.text, w.end+1) == next
	case '_':
		return isAlnum(byteAt(p.text, w.end+1)) // else it ends what is written in italics
	case '%', '@', '=':
		return true
	}
	return false
}

// assigned reports a label and '=' directly before token k, which begins at a
// place: "PESEL=44051401359" names a value, "?v=44051401359" does not.
func (p *pass) assigned(k, at int) bool {
	tok := &p.tokens[k]
	if tok.marks == 0 || byteAt(p.text, at-1) != '=' {
		return false
	}
	i := int(tok.marks) - 1
	for i > 0 && int(p.marks[i].at) >= at {
		i-- // "NIN=CF93...": cf is a label as well
	}
	end := int(p.marks[i].end)
	return end == at-1 || end == at-2 && (p.text[at-2] == ' ' || p.text[at-2] == '#')
}

// numbered reports a label before a '#' that stands before token k: "SSN #536...".
func (p *pass) numbered(k, at int) bool {
	tok := &p.tokens[k]
	return tok.marks > 0 && at-int(p.marks[tok.marks-1].end) <= 2
}

// weighSigns counts currency, '#' and dates against a window.
func (p *pass) weighSigns(sum *weight, w *window) {
	if w.letters == 0 && (money(p.text, w.start) || behindMoney(p.text, w.end)) {
		sum.add(AsAmount, -80, w.start, w.end)
	}
	if byteAt(p.text, w.start-1) == '#' && !p.numbered(int(p.series.token[w.a]), w.start) {
		sum.add(AsAmount, -60, w.start-1, w.start)
	}
	switch {
	case p.series.date(w):
		sum.add(AsAmount, -60, w.start, w.end)
	case p.series.year(w):
		sum.add(AsAmount, -120, w.start, w.end)
	}
}

// year reports a year, alone or behind a month: 2026, 12/2026.
func (s *series) year(w *window) bool {
	at := w.n - 4
	if w.letters != 0 || at != 0 && (at != 2 || w.bounds != 1<<2) {
		return false
	}
	v := 0
	for _, c := range s.char[w.first : w.first+w.n] {
		v = v*10 + int(c-'0')
	}
	return year(v%10000) && (at == 0 || month(v/10000))
}

// date reports digits that read as a calendar day in digits of one century:
// 12 03 2026, 2026-03-12, 20260312.
func (s *series) date(w *window) bool {
	if w.letters != 0 || w.n != 8 || w.bounds != 0 && w.bounds != 1<<2|1<<4 && w.bounds != 1<<4|1<<6 {
		return false
	}
	d := func(i, n int) (v int) {
		for _, c := range s.char[w.first+i : w.first+i+n] {
			v = v*10 + int(c-'0')
		}
		return v
	}
	return year(d(0, 4)) && month(d(4, 2)) && day(d(6, 2)) ||
		year(d(4, 4)) && (day(d(0, 2)) && month(d(2, 2)) || month(d(0, 2)) && day(d(2, 2)))
}
