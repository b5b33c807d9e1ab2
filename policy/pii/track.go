package pii

// Magnetic stripe data is laid out by ISO/IEC 7813: track 1 is
// %B<PAN>^<name>^<YYMM><service><discretionary>?, track 2 is
// ;<PAN>=<YYMM><service><discretionary>?. Readers often drop the sentinels.

const maxTrack = 120 // bytes behind the card number that a track may have

// track reports stripe data whose card number ends the run.
func (p *pass) track() bool {
	r := &p.run
	g := r.count - 1
	a := g
	if r.size(g) < 12 {
		a = 0
	}
	if n := r.last(g) - int(r.group[a]); n < 12 || n > 19 {
		return false
	}
	start, end := r.pos[r.group[a]], r.to(g)
	stop := 0
	switch byteAt(p.text, end) {
	case '=', 'D', 'd':
		stop = track2(p.text, end+1)
	case '^':
		stop = track1(p.text, end+1)
	}
	if stop == 0 {
		return false
	}
	start = sentinel(p.text, start)
	level, why := Likely, ByShape
	if luhn(r.digits(a, g)) {
		level, why = Certain, why|ByChecksum
	}
	p.add(Finding{Type: TrackData, Level: level, Start: start, End: stop, Reasons: why})
	return true
}

// sentinel moves start over "%B", "B" or ";".
func sentinel(text string, start int) int {
	if c := byteAt(text, start-1); c == 'B' || c == 'b' {
		start--
		if byteAt(text, start-1) == '%' {
			start--
		}
	} else if c == ';' {
		start--
	}
	return start
}

// track2 wants year, month and service code, at least seven digits.
func track2(text string, i int) int {
	j := i
	for j < len(text) && j-i < maxTrack && isDigit(text[j]) {
		j++
	}
	if j-i < 7 || !month(int(text[i+2]-'0')*10+int(text[i+3]-'0')) {
		return 0
	}
	return closing(text, j)
}

// track1 wants a name, a second ^ and at least four digits.
func track1(text string, i int) int {
	j := i
	for j < len(text) && j-i < maxTrack && text[j] != '^' && text[j] != '\n' {
		j++
	}
	if byteAt(text, j) != '^' {
		return 0
	}
	digits := j + 1
	for j = digits; j < len(text) && j-i < maxTrack && isAlnum(text[j]); {
		j++
	}
	if j-digits < 4 || !isDigit(text[digits]) || !isDigit(text[digits+3]) {
		return 0
	}
	return closing(text, j)
}

func closing(text string, i int) int {
	if byteAt(text, i) == '?' {
		i++
	}
	return i
}
