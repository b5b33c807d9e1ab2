package shape

// Token looks for structures that begin with the row of ASCII letters and
// digits s[from:to]; neither of its neighbours is one.
func Token(s string, from, to, floor int) (Match, bool) {
	n := to - from
	if n >= 4 || n == 2 {
		if m, ok := ibanAt(s, from, to); ok {
			return m, true
		}
	}
	joined := false
	switch at(s, to) {
	case '_', '-', '.', ':', '|', '=', '"', '+', '/':
		joined = true
	case ' ', '\'':
		joined = n == 5 && at(s, from-1) == '-' || n == 6 && s[from]|0x20 == 'b' || n >= 3 && s[from+n-1]|0x20 == 'y' && named(secretNames, s[from:to])
	}
	switch {
	case n >= 14:
		if m, ok := whole(s, from, to, floor); ok {
			return m, true
		}
		fallthrough
	case joined:
		return begun(s, from, to, floor)
	}
	return Match{}, false
}

// whole tries what is one token.
func whole(s string, from, to, floor int) (Match, bool) {
	if m, ok := wallet(s, from, to); ok {
		return m, true
	}
	if class[s[from]]&isDigit != 0 {
		return trackD(s, from, to, floor)
	}
	return Match{}, false
}

// begun tries what a token is only the beginning of, or all.
func begun(s string, from, to, floor int) (Match, bool) {
	if m, ok := prefixed(s, from); ok {
		return m, true
	}
	switch s[from] {
	case 'e':
		if end, ok := jwt(s, from); ok {
			return Match{Row: rowJWT, Start: from, End: end, Checked: true, OneIn: 1 << 16}, true
		}
	case 'H', 'g', 'A', 'w', 'W':
		if m, ok := wamid(s, from, to); ok {
			return m, true
		}
	case 'B':
		if m, ok := pem(s, from, to, floor); ok {
			return m, true
		}
	}
	if m, ok := numbered(s, from, to); ok {
		return m, true
	}
	if m, ok := mac(s, from, to); ok {
		return m, true
	}
	return assigned(s, from, to)
}

// numbered reads tokens that begin with a number: Telegram's bots (123456789:AA
// and 33 more), Meta's apps (number, bar, 27 characters); and 360dialog's keys,
// which end with _AK.
func numbered(s string, from, to int) (Match, bool) {
	m := Match{Row: rowCloud, Start: from, OneIn: 1 << 12}
	body := to + 1
	switch m.End = span(s, body, 64, isOpaque); {
	case at(s, to) == ':' && to-from >= 8 && to-from <= 10 && m.End-body == 35 && s[body] == 'A':
	case at(s, to) == '|' && to-from >= 14 && to-from <= 17 && m.End-body == 27:
		m.Row = rowMeta
	case at(s, to) == '_' && to-from >= 20 && (hasFold(s, to, "_ak") || hasFold(s, to, "_sandbox")) && varied(s[from:to]):
		return m, true
	default:
		return m, false
	}
	return m, span(s, from, 20, isDigit) == to && varied(s[body:m.End])
}
