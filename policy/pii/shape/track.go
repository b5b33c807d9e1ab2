package shape

const rowTrack = "TRACK_DATA"

const maxTrack = 120 // bytes behind the card's number, ISO/IEC 7813 has fewer

// stripe reads what a magnetic stripe holds around the separator at i (ISO/IEC
// 7813): %B<number>^<name>^<YYMM><service><data>? or ;<number>=<YYMM><service>
// <data>?. Readers often drop the sentinels.
func stripe(s string, i, floor int) (Match, bool) {
	start, sum, ok := cardBefore(s, i, floor)
	if !ok {
		return Match{}, false
	}
	end := 0
	if s[i] == '^' {
		end = track1(s, i+1)
	} else {
		end = track2(s, i+1)
	}
	if end == 0 {
		return Match{}, false
	}
	return Match{Row: rowTrack, Start: sentinel(s, start, floor), End: end, Checked: sum, Broken: !sum, OneIn: 1 << 10}, true
}

// cardBefore reads 12 to 19 digits that end at i, blanks between, and says
// whether Luhn's sum holds.
func cardBefore(s string, i, floor int) (start int, luhn, ok bool) {
	n, sum := 0, 0
	k := i
	for k > floor && i-k < 28 {
		c := s[k-1]
		if c == ' ' && n > 0 && is(s, k-2, isDigit) {
			k--
			continue
		}
		if class[c]&isDigit == 0 {
			break
		}
		d := int(c - '0')
		if n%2 == 1 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
		n++
		k--
	}
	return k, sum%10 == 0, n >= 12 && n <= 19
}

// sentinel moves start over "%B", "B" or ";".
func sentinel(s string, start, floor int) int {
	if start > floor && (s[start-1] == 'B' || s[start-1] == 'b') {
		start--
		if start > floor && s[start-1] == '%' {
			start--
		}
		return start
	}
	if start > floor && s[start-1] == ';' {
		start--
	}
	return start
}

// track2 wants year, month and service code: seven digits.
func track2(s string, i int) int {
	end := span(s, i, maxTrack, isDigit)
	if end-i < 7 || !isMonth(s[i+2:i+4]) {
		return 0
	}
	return closing(s, end)
}

// track1 wants a name, a second ^ and year, month and service code.
func track1(s string, i int) int {
	j := i
	for j < len(s) && j-i < maxTrack && s[j] != '^' && s[j] != '\n' {
		j++
	}
	if at(s, j) != '^' {
		return 0
	}
	if digits := span(s, j+1, 7, isDigit); digits-j-1 < 4 || !isMonth(s[j+3:j+5]) {
		return 0
	}
	return closing(s, span(s, j+1, maxTrack, isAlnum))
}

func isMonth(v string) bool { return v >= "01" && v <= "12" }

func closing(s string, i int) int {
	if at(s, i) == '?' {
		i++
	}
	return i
}

// trackD reads track 2 with D for the separator, as chip cards give it.
func trackD(s string, i, to, floor int) (Match, bool) {
	for k := i + 12; k < to && k < i+20; k++ {
		if s[k]|0x20 == 'd' {
			return stripe(s, k, floor)
		}
	}
	return Match{}, false
}
