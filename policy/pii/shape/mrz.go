package shape

const rowMRZ = "MRZ"

// mrz reads the machine readable lines of a document (ICAO Doc 9303, parts 3
// to 6: two lines of 44 or 36, three of 30) whose first filler stands at i. A
// single line is enough if it can be nothing else.
func mrz(s string, i, floor int) (Match, bool) {
	start := back(s, i, max(floor, i-44), isUpper|isDigit)
	if start > floor && (s[start-1] == '<' || is(s, start-1, isAlnum)) {
		return Match{}, false // not the first filler of its line
	}
	var lines [3]string
	var ends [3]int
	n := 0
	for k := start; n < len(lines); n++ {
		stop := mrzLine(s, k)
		if stop-k < 28 || stop-k > 44 {
			break
		}
		lines[n], ends[n] = s[k:stop], stop
		if k = span(s, stop, 3, isSpace); k == stop {
			n++
			break
		}
	}
	if n == 0 {
		return Match{}, false
	}
	m := Match{Row: rowMRZ, Start: start, OneIn: 1 << 12}
	n = m.judgeLines(lines, n)
	if n == 0 {
		return Match{}, false
	}
	m.End = ends[n-1]
	m.Broken = !m.Checked && n > 1
	return m, true
}

// judgeLines says how many of the n lines are one document's, and whether its
// digits are right.
func (m *Match) judgeLines(l [3]string, n int) int {
	switch {
	case n == 3 && len(l[0]) == 30:
		m.Checked = td1(l[0], l[1])
		return 3
	case n == 2 && len(l[0]) == 30 && td1(l[0], l[1]):
		m.Checked = true
		return 2
	case n >= 2 && td23(l[1]):
		m.Checked = true
		return 2
	case td23(l[0]):
		m.Checked = true
		return 1
	case !nameLine(l[0]):
		return 0
	case n >= 2 && len(l[1]) >= 36:
		return 2
	}
	return 1
}

// mrzLine gives the end of the letters, digits and fillers from i on.
func mrzLine(s string, i int) int {
	stop := i
	for stop < len(s) && stop-i < 45 && (class[s[stop]]&(isUpper|isDigit) != 0 || s[stop] == '<') {
		stop++
	}
	return stop
}

// nameLine reports the line that begins with the kind of document and holds
// the name: P<UTOERIKSSON<<ANNA<MARIA<<<<.
func nameLine(l string) bool {
	double := false
	for i := 5; i+1 < len(l); i++ {
		double = double || l[i] == '<' && l[i+1] == '<'
	}
	switch l[0] {
	case 'P', 'I', 'A', 'C', 'V':
	default:
		return false
	}
	for i := 2; i < 5; i++ {
		if class[l[i]]&isUpper == 0 && l[i] != '<' {
			return false
		}
	}
	return double && len(l) >= 30
}

// td1 checks the number in the first and the dates in the second line.
func td1(first, second string) bool {
	return mrzDigit(first[5:14], first[14]) && mrzDigit(second[0:6], second[6]) && mrzDigit(second[8:14], second[14])
}

// td23 checks number and dates of the second line, of 44 or 36.
func td23(l string) bool {
	return len(l) >= 36 && mrzDigit(l[0:9], l[9]) && mrzDigit(l[13:19], l[19]) && mrzDigit(l[21:27], l[27])
}

// mrzDigit is the check digit of weights 7, 3, 1 (part 3, 4.9); letters count
// from 10, a filler 0. In the place of the digit a filler counts 0.
func mrzDigit(v string, digit byte) bool {
	sum, weight := 0, [3]int{7, 3, 1}
	for i := range len(v) {
		c, d := v[i], 0
		switch {
		case c >= '0' && c <= '9':
			d = int(c - '0')
		case c >= 'A' && c <= 'Z':
			d = int(c-'A') + 10
		case c != '<':
			return false
		}
		sum += d * weight[i%3]
	}
	if digit == '<' {
		digit = '0'
	}
	return sum%10 == int(digit)-'0'
}
