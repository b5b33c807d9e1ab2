package pii

import "strings"

// skipLabel passes over a label of ours, such as [PHONE_1] or [PHONE:hash].
func skipLabel(text string, i int) int {
	j := i + 1
	for j < len(text) && (isUpper(text[j]) || text[j] == '_') {
		j++
	}
	if j > i+3 && byteAt(text, j) == ':' {
		if end := strings.IndexByte(text[j:min(len(text), j+120)], ']'); end > 1 && tokenText(text[j+1:j+end]) {
			return j + end + 1
		}
	}
	for k := 0; k < 4 && j < len(text) && isDigit(text[j]) && text[j-1] != '['; k++ {
		j++
	}
	if byteAt(text, j) == ']' && j > i+2 {
		return j + 1
	}
	return i + 1
}

// holdsLabel reports a label of ours in text.
func holdsLabel(text string) bool {
	for i := 0; ; i++ {
		next := strings.IndexByte(text[i:], '[')
		if next < 0 {
			return false
		}
		if i += next; skipLabel(text, i) > i+1 {
			return true
		}
	}
}
