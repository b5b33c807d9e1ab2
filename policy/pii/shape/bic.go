package shape

import "postern/policy/pii/check"

// BIC reads the code of a bank behind its label (ISO 9362), eight or eleven
// capitals and digits in one row: COBADEFFXXX. Alone it looks like any word.
func BIC(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	end := span(s, i, 12, isAlnum)
	var v [11]byte
	if n := end - i; n != 8 && n != 11 {
		return Match{}, false
	}
	if span(s, i, 11, isUpper|isDigit) != end || !check.BIC(v[:copy(v[:], s[i:end])]) {
		return Match{}, false
	}
	return Match{Row: "BIC", Start: i, End: end, OneIn: 1 << 6}, true
}
