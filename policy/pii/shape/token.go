package shape

// Token looks for structures that begin with the row of ASCII letters and
// digits s[from:to]; neither of its neighbours is one.
func Token(s string, from, to, floor int) (Match, bool) {
	n := to - from
	if class[s[from]]&isLetter != 0 {
		if m, ok := spelledOut(s, from, to, floor); ok {
			return m, true
		}
	}
	next := at(s, to)
	if n >= 14 {
		if m, ok := whole(s, from, to, floor); ok {
			return m, true
		}
	}
	if n >= 14 && n <= maxName && (next == ':' || next == '=' || next == '"' || next == '\'' || next == ' ' && valued(s, from, to)) {
		if m, ok := assigned(s, from, to); ok {
			return m, true
		}
	}
	switch {
	case n >= 14, next == '_', next == '-', next == '.', next == '+', next == '/':
		return begun(s, from, to, floor)
	case n > 1 && (next == ':' || next == '=' || next == '"' || next == '\'' || next == ' ' && valued(s, from, to)):
		return beside(s, from, to, floor)
	}
	return Match{}, false
}

// spelledOut is Token for what begins with a letter: accounts, and addresses of mail
// whose signs are words.
func spelledOut(s string, from, to, floor int) (Match, bool) {
	n := to - from
	if n == 2 || n >= minIBAN || n >= 4 && (class[s[from+2]]&isDigit != 0 || s[from]|0x20 == 'i') { // "DE89", "IBANDE89"
		if m, ok := ibanAt(s, from, to); ok {
			return m, true
		}
	}
	if n < 3 {
		if m, ok := ibanSpelled(s, from); ok {
			return m, true
		}
	}
	if spelledWord(s, from, to) {
		return spelled(s, from, to, floor)
	}
	return Match{}, false
}

// Alone reports that Token finds nothing at a row of ASCII letters s[from:to],
// from what it is and the next bytes, without a search.
func Alone(s string, from, to int) bool {
	n := to - from
	next, beyond := at(s, to), at(s, to+1)
	switch afterWord[next] {
	case afterSpace:
		if valued(s, from, to) || class[beyond]&isDigit != 0 && (n == 2 || n == 6) { // "DE 89", "IBANDE 89"
			return false
		}
	case afterDot:
		if to+1 < len(s) && class[beyond]&isSpace == 0 {
			return false
		}
	case afterQuote:
		if class[beyond]&isLetter == 0 {
			return false
		}
	case afterMore:
		return false
	}
	return n < 14 && !spelledWord(s, from, to) && (n > 1 || !letterByLetter(s, to))
}

// Common is Alone for most words before a blank and a letter: key is the first eight
// letters of the word, in lower case, the first one lowest, and n how many it has, at
// most 15.
func Common(key uint64, n int) bool { return uncommon[key&31][key>>8&31]>>(n&15)&1 == 0 }

// uncommon holds a bit for each length of a word, by its first two letters, of which
// Common says nothing: single letters, long ones, words for signs of mail, "bearer".
var uncommon = func() (t [32][32]uint16) {
	for a := range t {
		for b := range t[a] {
			if t[a][b] = spelledBy[a][b] | 0b11 | 3<<14; a == 'b'&31 {
				t[a][b] |= 1<<5 | 1<<6
			}
		}
	}
	return t
}()

// letterByLetter reports that a letter of its own follows behind i: "D E 8 9".
func letterByLetter(s string, i int) bool {
	for n := 0; n < 3 && i < len(s) && separator(s[i]); n++ {
		i++
	}
	return is(s, i, isLetter) && !is(s, i+1, isLetter)
}

// AloneDigits is Alone for a row of digits.
func AloneDigits(s string, from, to int) bool {
	if to-from > 13 {
		return false
	}
	return to >= len(s) || !joined[s[to]] || aloneBefore(s, from, to)
}

// joined tells the signs behind digits that may go on with them.
var joined = [256]bool{':': true, '-': true, '.': true, '_': true, '+': true, '/': true}

// aloneBefore is AloneDigits before such a sign.
func aloneBefore(s string, from, to int) bool {
	switch n := to - from; s[to] {
	case ':':
		return n != 2 && n < 8 || n > 10
	case '-':
		return n != 2 && len(keysBy[s[from]]) == 0
	case '.':
		return n != 4 && len(keysBy[s[from]]) == 0
	default:
		return len(keysBy[s[from]]) == 0
	}
}

// What the byte behind a word says about it.
const (
	afterEnd   uint8 = iota // the word ends here
	afterSpace              // depends on what follows the space
	afterDot                // ends here if a space follows
	afterQuote              // "don't"
	afterMore               // a token goes on, or its value follows
)

var afterWord = func() (t [256]uint8) {
	for c := range t {
		if c >= 0x80 || class[c]&isAlnum != 0 {
			t[c] = afterMore
		}
	}
	for _, c := range []byte(`_-+/:="`) {
		t[c] = afterMore
	}
	t[' '], t['.'], t['\''] = afterSpace, afterDot, afterQuote
	return t
}()

// valued reports a word and a blank that a value may follow: behind = or :, or
// behind Bearer.
func valued(s string, from, to int) bool {
	c := at(s, to+1)
	return c == '=' || c == ':' || c == ' ' || to-from == 6 && s[from]|0x20 == 'b' || to-from == 5 && s[from] == 'B'
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
	if len(keysBy[s[from]]) > 0 {
		if m, ok := prefixed(s, from); ok {
			return m, true
		}
	}
	switch s[from] {
	case 'e':
		if end, ok := jwt(s, from); ok {
			return Match{Row: rowJWT, Start: from, End: end, Checked: true, OneIn: 1 << 16}, true
		}
	case 'H', 'g', 'A', 'w', 'W':
		if m, ok := wamid(s, from); ok {
			return m, true
		}
	}
	switch n := to - from; {
	case n == 2 || n == 4:
		return mac(s, from, to)
	case n >= 14:
		return numbered(s, from, to)
	}
	return Match{}, false
}

// beside tries what a mark or a blank behind the token makes of it: a group of
// a hardware address, the number of a bot, the name of a key, the word BEGIN.
func beside(s string, from, to, floor int) (Match, bool) {
	switch n := to - from; {
	case n == 2 || n == 4:
		return mac(s, from, to)
	case n == 5 && s[from] == 'B' && at(s, from-1) == '-':
		return pem(s, from, to, floor)
	case n >= 8 && n <= 10 && class[s[from]]&isDigit != 0:
		return numbered(s, from, to)
	case n >= 3 && n <= maxName:
		return assigned(s, from, to)
	}
	return Match{}, false
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
