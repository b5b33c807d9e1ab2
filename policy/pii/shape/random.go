package shape

// randomIn reports a part of v, at least least characters of base64url long,
// that looks drawn at random. Words joined by hyphens are looked at one by one
// first, then together if most of them are no words.
func randomIn(v string, least int) bool {
	for i := 0; i < len(v); {
		end := span(v, i, len(v), isOpaque)
		if end-i >= least && random(v[i:end]) {
			return true
		}
		i = end + 1
	}
	return false
}

// random judges one row of base64url: how often the kind of character (digit,
// small letter, capital, mark) changes. In words, slugs and dates it changes
// seldom, in a random row of 62 letters and digits at two of three places, in
// random hexadecimal at nearly every second.
func random(v string) bool {
	var digits, upper, lower, marks, turns, run, longest int
	last := uint8(0)
	for i := range len(v) {
		k := class[v[i]] & isAlnum
		switch k {
		case isDigit:
			digits++
		case isUpper:
			upper++
		case isLower:
			lower++
		default:
			marks++
		}
		if k != last {
			turns++
			run = 0
		}
		run++
		if k == isLower || k == isUpper {
			longest = max(longest, run)
		}
		last = k
	}
	n := len(v)
	if longest > 12 || marks*5 > n || digits == n {
		return false
	}
	mixed := digits > 0 && (upper > 0 || lower > 0) || upper > 1 && lower > 1
	return mixed && turns*3 >= n && turns-2*marks > 2
}

// uuid reports the form of RFC 9562.
func uuid(v string) bool {
	if len(v) != 36 {
		return false
	}
	for i := range len(v) {
		if i == 8 || i == 13 || i == 18 || i == 23 {
			if v[i] != '-' {
				return false
			}
		} else if class[v[i]]&isHex == 0 {
			return false
		}
	}
	return true
}
