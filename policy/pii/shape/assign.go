package shape

// secretNames are words before = or : whose value is a key.
var secretNames = setOf("key apikey token secret accesstoken authtoken clientsecret secretkey accesskey privatekey apitoken bearer authorization " +
	"appsecret webhooksecret verifytoken signingkey encryptionkey connectionstring accountkey d360apikey")

// assigned reads `name = value` and `"name": "value"` behind the word s[i:to],
// and the value behind Bearer (RFC 6750). Whether the value is a key shows by
// how random it looks.
func assigned(s string, i, to int) (Match, bool) {
	k := to
	for k < len(s) && k-to < 2 && (s[k] == '"' || s[k] == '\'') {
		k++
	}
	k = span(s, k, 2, isSpace)
	bearer := to-i == 6 && hasFold(s, i, "bearer") && k > to
	if c := at(s, k); c == '=' || c == ':' {
		k++
	} else if !bearer {
		return Match{}, false
	}
	if !named(secretNames, s[i+hump(s[i:to]):to]) {
		return Match{}, false
	}
	if m, ok := SecretValue(s, k); ok {
		return m, true
	}
	return scattered(s, k)
}

// scattered reads letters and digits in one row behind a name that says they are a key,
// digits at three places or more between the letters: too seldom for random, and in no word.
func scattered(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	end := span(s, i, long, isAlnum)
	rows := 0
	for k := i + 1; k < end; k++ {
		if class[s[k]]&isDigit != 0 && class[s[k-1]]&isDigit == 0 {
			rows++
		}
	}
	if end-i < 20 || rows < 3 || class[at(s, end)]&isOpaque != 0 {
		return Match{}, false
	}
	return Match{Row: rowSecret, Start: i, End: end, OneIn: 1 << 8}, true
}

// hump gives where the last word of a name begins that capitals part: "stagingToken".
func hump(name string) int {
	for i := len(name) - 1; i > 0; i-- {
		if class[name[i]]&isUpper != 0 && class[name[i-1]]&isLower != 0 {
			if rest := name[:i]; len(rest) > 3 && (hasFold(rest, len(rest)-3, "api") || hasFold(rest, len(rest)-3, "app")) {
				return i - 3
			}
			return i
		}
	}
	return 0
}

// SecretValue reads a key behind a place where a word that names one ended,
// with = or : and quotation marks between; from is that place.
func SecretValue(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	end := i
	for end < len(s) && end-i < long && (class[s[end]]&isOpaque != 0 || s[end] == '+' || s[end] == '/' || s[end] == '.' || s[end] == '~') {
		end++
	}
	for n := 0; n < 2 && at(s, end) == '=' && end > i; n++ { // padding of base64
		end++
	}
	for end > i && (s[end-1] == '.' || s[end-1] == '-' || s[end-1] == '_') {
		end--
	}
	if end-i < 12 || !randomIn(s[i:end], 12) && !hexadecimal(s[i:end]) && !uuid(s[i:end]) {
		return Match{}, false
	}
	return Match{Row: rowSecret, Start: i, End: end, OneIn: 1 << 8}, true
}

// hexadecimal reports 32 digits or more in base 16.
func hexadecimal(v string) bool {
	return len(v) >= 32 && span(v, 0, len(v), isHex) == len(v) && varied(v)
}

// skipLink passes blanks, marks and quotation marks between a label and its
// value, eight bytes at most.
func skipLink(s string, i int) int {
	for n := 0; i < len(s) && n < 8; n++ {
		switch s[i] {
		case ' ', ':', '=', '"', '\'', '`', '*', '-', '>', '\n', '\t':
			i++
			continue
		}
		break
	}
	return i
}
