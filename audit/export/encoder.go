package export

import (
	"encoding/hex"
	"strconv"
	"unicode/utf16"
)

// encoder appends members of a JSON object. All it writes is ASCII, so that no
// receiver on the way guesses an encoding. Zero values are left out.
type encoder struct{ b []byte }

func (e *encoder) key(name string) {
	if n := len(e.b); e.b[n-1] != '{' {
		e.b = append(e.b, ',')
	}
	e.b = append(append(append(e.b, '"'), name...), '"', ':')
}

func (e *encoder) number(name string, n int64) {
	e.key(name)
	e.b = strconv.AppendInt(e.b, n, 10)
}

func (e *encoder) integer(name string, n int64) {
	if n != 0 {
		e.number(name, n)
	}
}

func (e *encoder) one(name string, set bool) {
	if set {
		e.number(name, 1)
	}
}

func (e *encoder) hex(name string, p []byte) {
	if len(p) > 0 {
		e.key(name)
		e.b = append(hex.AppendEncode(append(e.b, '"'), p), '"')
	}
}

func (e *encoder) text(name, s string) {
	if s != "" {
		e.key(name)
		e.b = appendText(e.b, s)
	}
}

func (e *encoder) list(name string, items []string) {
	if len(items) == 0 {
		return
	}
	e.key(name)
	e.b = append(e.b, '[')
	for i, s := range items {
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.b = appendText(e.b, s)
	}
	e.b = append(e.b, ']')
}

func (e *encoder) raw(name string, value []byte) {
	e.key(name)
	e.b = append(e.b, value...)
}

// appendText appends s as a JSON text of printable ASCII. Bytes that are no
// UTF-8 become U+FFFD.
func appendText(b []byte, s string) []byte {
	b = append(b, '"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b = append(b, '\\', byte(c))
		case c >= ' ' && c <= '~':
			b = append(b, byte(c))
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			b = appendUnit(appendUnit(b, high), low)
		default:
			b = appendUnit(b, c)
		}
	}
	return append(b, '"')
}

func appendUnit(b []byte, c rune) []byte {
	const digits = "0123456789abcdef"
	return append(b, '\\', 'u', digits[c>>12&15], digits[c>>8&15], digits[c>>4&15], digits[c&15])
}
