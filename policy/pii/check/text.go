package check

import "strings"

// digits reports that v holds digits alone.
func digits(v []byte) bool {
	for _, c := range v {
		if c < '0' || c > '9' {
			return false
		}
	}
	return true
}

// letters reports that v holds upper case letters alone.
func letters(v []byte) bool {
	for _, c := range v {
		if c < 'A' || c > 'Z' {
			return false
		}
	}
	return true
}

// alnum reports that v holds digits and upper case letters alone.
func alnum(v []byte) bool {
	for _, c := range v {
		if (c < '0' || c > '9') && (c < 'A' || c > 'Z') {
			return false
		}
	}
	return true
}

// same reports that all characters are equal.
func same(v []byte) bool {
	for _, c := range v {
		if c != v[0] {
			return false
		}
	}
	return len(v) > 0
}

// isOneOf reports that c stands in set.
func isOneOf(c byte, set string) bool { return strings.IndexByte(set, c) >= 0 }
