package pii

import "strings"

// extensions are the words before the digits that a switchboard asks for, behind
// the number of a house: longer ones first.
var extensions = [...]string{"extension", "extensión", "durchwahl", "ramal", "anexo", "poste", "доб.", "доб", "ext.", "ext", "x"}

var extensionsBy = byFirstByte(extensions[:])

// byFirstByte gives words in small letters by the byte that they begin with, of which one
// of ASCII may be a capital.
func byFirstByte(list []string) (t [256][]string) {
	for _, w := range list {
		t[w[0]] = append(t[w[0]], w)
		if c := w[0]; isLetter(c) {
			t[c&^0x20] = append(t[c&^0x20], w)
		}
	}
	return t
}

const (
	maxExtension  = 6 // digits
	leastExtended = 2 // digits behind an x: "5551234 x2" is two of something
)

// extension gives where the extension behind a number that ends at a place ends:
// "x565", " ext. 12". It is that place if there is none.
func extension(text string, end int) int {
	i := end
	if byteAt(text, i) == ',' {
		i++
	}
	if byteAt(text, i) == ' ' {
		i++
	}
	for _, word := range extensionsBy[byteAt(text, i)] {
		if len(text)-i <= len(word) || !strings.EqualFold(text[i:i+len(word)], word) {
			continue
		}
		return extensionDigits(text, end, i+len(word), word == "x")
	}
	return end
}

// extensionDigits reads the digits behind the word of an extension from at on.
func extensionDigits(text string, end, at int, short bool) int {
	for !short && (byteAt(text, at) == ' ' || byteAt(text, at) == '.' || byteAt(text, at) == ':') {
		at++
	}
	stop := at
	for isDigit(byteAt(text, stop)) {
		stop++
	}
	if n := stop - at; n == 0 || n > maxExtension || short && n < leastExtended || isAlnum(byteAt(text, stop)) {
		return end
	}
	return stop
}

// unextended is the number of a phone without its extension.
func unextended(value string) string {
	if plainNumber(value) {
		return value
	}
	for i := range len(value) {
		if isDigit(value[i]) && i+1 < len(value) && !isDigit(value[i+1]) && extension(value, i+1) == len(value) {
			return value[:i+1]
		}
	}
	return value
}

// plainNumber reports digits and signs of ASCII alone.
func plainNumber(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c > '9' {
			return false
		}
	}
	return true
}
