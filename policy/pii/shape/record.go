package shape

// Record reads the number of a file, a contract, a patient: letters, digits
// and single marks, three digits at least; behind a blank only digits go on.
func Record(s string, from int) (Match, bool) {
	i := skipNumberWord(s, skipLink(s, from))
	if end, ok := docket(s, i); ok {
		return Match{Row: rowRecord, Start: i, End: end, OneIn: 8}, true
	}
	end, digits, k := i, 0, i
	for k < len(s) && k-i < 28 {
		c := s[k]
		switch {
		case class[c]&isAlnum != 0:
			if class[c]&isDigit != 0 {
				digits++
			}
			k++
			end = k
			continue
		case (c == '-' || c == '/' || c == '.' || c == '_') && is(s, k+1, isAlnum) && k > i:
			k++
			continue
		case c == ' ' && k > i && goesOn(s, i, k):
			k++
			continue
		}
		break
	}
	if digits == 4 && end == i+5 && fold(s[end-1]) == 's' {
		return Match{}, false // "in the 1990s"
	}
	if digits < 3 || end-i < 4 || end-i > 26 || is(s, end, isAlnum) || money(s, end) || at(s, end) == '%' {
		return Match{}, false
	}
	if day, _ := dateNumbers(s, i); day >= end {
		return Match{}, false // "dossier du 12/03/2026"
	}
	if i == from+1 && paragraph(s[i:end], digits) {
		return Match{}, false
	}
	m := Match{Row: rowRecord, Start: i, End: end, OneIn: 4}
	if digits >= 6 || digits < end-i && back(s, end, i, isAlnum) > i {
		m.OneIn = 8
	}
	return m, true
}

// paragraph reports two short numbers behind a word alone, or a short one and a year:
// "policy 12-482", "store policy 30/60", "contract 88/2026".
func paragraph(v string, digits int) bool {
	k := span(v, 0, 5, isDigit)
	c, last := at(v, k), span(v, k+1, 5, isDigit)
	if k == 0 || c != '-' && c != '/' || last != len(v) {
		return false
	}
	year := k == 4 && v[:2] == "20" || last-k == 5 && v[k+1:k+3] == "20"
	return digits < 6 || digits == 6 && year || digits == 7 && year
}

// Filed reads a record behind a word that names the thing rather than its
// number: "claim # 88213-A", "contract: 4482193". Without a mark between it wants
// letters and digits in one row.
func Filed(s string, from int) (Match, bool) {
	m, ok := Record(s, from)
	if !ok || is(s, m.Start, isLower) && !is(s, span(s, m.Start, 8, isLetter), isDigit) {
		return Match{}, false
	}
	row := span(s, m.Start, m.End-m.Start, isAlnum)
	mixed := is(s, m.Start, isLetter) || row < m.End || span(s, m.Start, m.End-m.Start, isDigit) < row
	if !counted(s, from, m.Start) && (!mixed || back(s, m.End, m.Start, isPath) > m.Start) {
		return Match{}, false
	}
	m.OneIn = 8
	return m, true
}

// Proceeding is Filed behind what a business counts of its own doing, a claim or a
// case: without a mark or a word for a number it is no matter of one person.
func Proceeding(s string, from int) (Match, bool) {
	m, ok := Filed(s, from)
	return m, ok && counted(s, from, m.Start)
}

// counted reports a mark or a word for a number that ends before i, in front of
// which from stands: words passed already end there.
func counted(s string, from, i int) bool {
	for k := from; k < i; k++ {
		if s[k] != ' ' && s[k] != '-' && s[k] != '\n' {
			return true
		}
	}
	return false
}

// goesOn reports that a group of digits behind the blank at k belongs to the
// number that began at i: groups of two to five digits, or a short prefix of
// letters.
func goesOn(s string, i, k int) bool {
	if end := span(s, k+1, 13, isDigit); end-k > 6 && end-k <= 13 && k-i >= 2 && k-i <= 4 && back(s, k, i, isUpper) == i && !is(s, end, isAlnum) {
		return true // "XQH 884201973"
	}
	next := span(s, k+1, 6, isDigit)
	n := next - k - 1
	if n < 2 || n > 5 || is(s, next, isLetter) {
		return false
	}
	group := k - back(s, k, i, isDigit)
	return group >= 2 && group <= 5 || k-i <= 4 && group < k-i
}

// skipNumberWord passes "no.", "nr", "#" and their kin.
func skipNumberWord(s string, i int) int {
	for n, w := range [...]string{"#", "№", "no", "nr", "num", "number", "n°", "nº", "id", "код", "номер"} {
		if hasFold(s, i, w) && (n < 2 || !is(s, i+len(w), isAlnum)) {
			return skipLink(s, span(s, i+len(w), 2, isSpace)+dots(s, i+len(w)))
		}
	}
	return i
}

func dots(s string, i int) int {
	if at(s, i) == '.' {
		return 1
	}
	return 0
}

// docket reads the number of a case at a court of Germany: 12 C 482/23.
func docket(s string, i int) (end int, ok bool) {
	k := span(s, i, 4, isDigit)
	if k == i || k-i > 3 || at(s, k) != ' ' {
		return i, false
	}
	kind := span(s, k+1, 5, isLetter)
	if kind == k+1 || kind-k > 5 || at(s, kind) != ' ' {
		return i, false
	}
	mark := span(s, kind+1, 6, isDigit)
	if mark == kind+1 || at(s, mark) != '/' {
		return i, false
	}
	return lone(s, mark+1, 2, 4)
}
