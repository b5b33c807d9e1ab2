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
	if !named(secretNames, s[i:to]) {
		return Match{}, false
	}
	return SecretValue(s, k)
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
	if end-i < 12 || !randomIn(s[i:end], 12) && !hexadecimal(s[i:end]) {
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
