package shape

import "unicode/utf8"

const maxLocal = 64 // RFC 5321, 4.5.3.1.1

// email reads an address around the @ at i (RFC 5321, 4.1.2; RFC 6531 for
// letters beyond ASCII). A name without a dot behind it is a handle: of the
// payment system UPI if the list has it, else nothing.
func email(s string, i, floor int) (Match, bool) {
	if i <= floor {
		return Match{}, false
	}
	if class[s[i-1]]&isSpace != 0 {
		return apart(s, i, floor)
	}
	start, ascii := local(s, i, floor)
	if start == i {
		return Match{}, false
	}
	if at(s, i+1) == '[' {
		return literal(s, start, i+1)
	}
	d, known := readDomain(s, i+1)
	m := Match{Row: rowEmail, Start: start, End: d.end, Checked: known, OneIn: 1 << 12}
	switch {
	case d.end == 0:
		return upi(s, start, i)
	case !ascii && !wide(s[i+1:d.end]):
		return Match{}, false // the words before @ are no address in ASCII
	case known:
		return m, true
	case retina(s, i+1) || named(fileEndings, s[d.tld:d.end]):
		return Match{}, false
	}
	m.OneIn = 16 // a domain nobody registered: a slip of the pen, or a name in a private network
	return m, true
}

// providers are domains of whom most people have their mail; what stands before
// "@ gmail.com" is an address, while "lunch @ bistro.com" is a place.
var providers = setOf("gmail googlemail yahoo ymail hotmail outlook live msn icloud me aol gmx web proton protonmail mail yandex rambler inbox bk list " +
	"qq 163 126 sina naver daum hanmail rediffmail zoho fastmail tutanota t-online freenet orange wanadoo free laposte libero tiscali virgilio " +
	"uol bol terra globo wp o2 interia onet seznam email centrum ukr i mynet btinternet sky bigpond telstra comcast verizon att")

// apart reads "anna.meier @ example.org" and "anna @gmail.com" at an @ with a blank
// before it. A word alone before any domain is none: people write so of places.
func apart(s string, i, floor int) (Match, bool) {
	if s[i-1] != ' ' || i < 2 || class[s[i-2]]&isAlnum == 0 {
		return Match{}, false
	}
	start, spread := back(s, i-1, max(floor, i-1-maxLocal), isAlnum|isLocal), at(s, i+1) == ' '
	for start < i && class[s[start]]&isAlnum == 0 {
		start++
	}
	from := i + 1
	if spread {
		from++
	}
	end := spelledDomain(s, from)
	if end == 0 || start >= i-1 {
		return Match{}, false
	}
	name := span(s, from, maxName, isAlnum)
	if !named(providers, s[from:name]) && (!spread || span(s, start, maxLocal, isLetter) == i-1) {
		return Match{}, false
	}
	return Match{Row: rowSpelled, Start: start, End: end, Checked: true, OneIn: 1 << 8}, true
}

// local finds where the part before the @ at i begins. Ascii is false if it is
// written in a script that is not alphabetic as ours.
func local(s string, i, floor int) (start int, ascii bool) {
	if at(s, i-1) == '"' && i-1 > floor {
		return quoted(s, i-1, floor), true
	}
	low := max(floor, i-maxLocal)
	start, ascii = i, true
	for start > low {
		if class[s[start-1]]&(isAlnum|isLocal) != 0 {
			start--
			continue
		}
		r, size, letter := foreignBefore(s, start, low)
		if !letter || !alphabetic(r) && ascii && start < i {
			break // letters of other scripts end where ASCII begins
		}
		ascii = ascii && alphabetic(r)
		start -= size
	}
	if at(s, start-1) == '*' && start > floor && at(s, start) == '.' {
		return i, true // the end of a masked address
	}
	for start < i && class[s[start]]&isAlnum == 0 && s[start] < utf8.RuneSelf && s[start] != '_' {
		start++
	}
	return start, ascii
}

// quoted gives the opening quotation mark of a quoted local part whose closing
// one stands at i.
func quoted(s string, i, floor int) int {
	for k := i - 1; k >= floor && k >= i-maxLocal; k-- {
		switch s[k] {
		case '"':
			if k == i-1 {
				return i + 1
			}
			return k
		case '@', '\n':
			return i + 1
		}
	}
	return i + 1
}

// wide reports letters beyond ASCII.
func wide(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return true
		}
	}
	return false
}

// retina reports the suffix of picture files for dense screens: icon@2x.png.
func retina(s string, i int) bool {
	return is(s, i, isDigit) && at(s, i+1) == 'x' && at(s, i+2) == '.'
}

// literal reads user@[192.0.2.1] (RFC 5321, 4.1.3).
func literal(s string, start, open int) (Match, bool) {
	end := span(s, open+1, 48, isHex|isAlnum)
	for end < len(s) && (s[end] == '.' || s[end] == ':') {
		end = span(s, end+1, 8, isAlnum)
	}
	if at(s, end) != ']' || end-open < 8 || end-open > 48 {
		return Match{}, false
	}
	return Match{Row: rowEmail, Start: start, End: end + 1, Checked: true, OneIn: 1 << 12}, true
}
