package dialect

import (
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// set makes n a string with the given text.
func (t *tree) set(n int32, text string) {
	if n == none {
		return
	}
	d := &t.nodes[n]
	d.kind, d.text, d.edited, d.first = '"', text, true, none
}

// drop leaves n out when its parent is written.
func (t *tree) drop(n int32) {
	if n != none {
		t.nodes[n].gone = true
	}
}

// add appends a member to object n. kind is '"' for strings, '0' for numbers,
// '{' and '[' for empty containers, 't' and 'f' for booleans.
func (t *tree) add(n int32, name string, kind byte, text string) int32 {
	t.nodes = append(t.nodes, node{kind: kind, edited: true, name: name, text: text, first: none, next: none, nameAt: none})
	self := int32(len(t.nodes) - 1)
	last := t.nodes[n].first
	if last == none {
		t.nodes[n].first = self
		return self
	}
	for t.nodes[last].next != none {
		last = t.nodes[last].next
	}
	t.nodes[last].next = self
	return self
}

// rename gives a member another name.
func (t *tree) rename(n int32, name string) {
	if n != none {
		t.nodes[n].name = name
		t.nodes[n].nameAt = none
	}
}

// number makes n a number with the given text.
func (t *tree) number(n int32, text string) {
	if n != none {
		t.set(n, text)
		t.nodes[n].kind = '0'
	}
}

// write appends n in compact ASCII form: characters outside ASCII become \uXXXX
// in lower-case hex, numbers and order stay as they were.
func (t *tree) write(dst []byte, n int32) []byte {
	d := &t.nodes[n]
	switch d.kind {
	case '{', '[':
		return t.writeNested(dst, n)
	case '"':
		if d.edited {
			return appendASCII(dst, d.text)
		}
		return appendRawASCII(dst, t.src[d.at+1:d.end-1])
	case '0':
		return append(dst, d.text...)
	case 't':
		return append(dst, "true"...)
	case 'f':
		return append(dst, "false"...)
	}
	return append(dst, "null"...)
}

func (t *tree) writeNested(dst []byte, n int32) []byte {
	kind := t.nodes[n].kind
	dst = append(dst, kind)
	comma := false
	for c := t.nodes[n].first; c != none; c = t.nodes[c].next {
		if t.nodes[c].gone {
			continue
		}
		if comma {
			dst = append(dst, ',')
		}
		comma = true
		if kind == '{' {
			dst = t.writeName(dst, c)
		}
		dst = t.write(dst, c)
	}
	return append(dst, kind+2) // '{'+2 is '}', '['+2 is ']'
}

func (t *tree) writeName(dst []byte, c int32) []byte {
	return append(appendASCII(dst, t.nodes[c].name), ':')
}

const hexDigits = "0123456789abcdef"

func appendUnit(dst []byte, u rune) []byte {
	return append(dst, '\\', 'u', hexDigits[u>>12&15], hexDigits[u>>8&15], hexDigits[u>>4&15], hexDigits[u&15])
}

// appendRune writes one character of a string in ASCII.
func appendRune(dst []byte, r rune) []byte {
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r >= 0x20 && r < 0x80:
		return append(dst, byte(r))
	case r == '\n':
		return append(dst, '\\', 'n')
	case r == '\r':
		return append(dst, '\\', 'r')
	case r == '\t':
		return append(dst, '\\', 't')
	case r == '\b':
		return append(dst, '\\', 'b')
	case r == '\f':
		return append(dst, '\\', 'f')
	case r > 0xFFFF:
		r -= 0x10000
		return appendUnit(appendUnit(dst, 0xD800+r>>10), 0xDC00+r&0x3FF)
	}
	return appendUnit(dst, r)
}

// appendASCII writes s as a JSON string in ASCII.
func appendASCII(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		dst = appendRune(dst, r)
	}
	return append(dst, '"')
}

// appendRawASCII rewrites the inside of a JSON string in ASCII, escapes
// normalised. Lone surrogates, which Go strings cannot hold, stay as they are.
func appendRawASCII(dst []byte, raw string) []byte {
	dst = append(dst, '"')
	for len(raw) > 0 {
		if raw[0] != '\\' || len(raw) < 2 {
			r, size := utf8.DecodeRuneInString(raw)
			dst, raw = appendRune(dst, r), raw[size:]
			continue
		}
		if raw[1] == 'u' && len(raw) >= 6 {
			dst, raw = appendRune16(dst, raw[2:6]), raw[6:]
			continue
		}
		dst, raw = appendRune(dst, unescape(raw[1])), raw[2:]
	}
	return append(dst, '"')
}

// appendRune16 writes one UTF-16 unit given as four hex digits.
func appendRune16(dst []byte, digits string) []byte {
	var u rune
	for _, c := range []byte(strings.ToLower(digits)) {
		u = u<<4 | rune(strings.IndexByte(hexDigits, c))
	}
	if u >= 0xD800 && u < 0xE000 {
		return appendUnit(dst, u)
	}
	return appendRune(dst, u)
}

func unescape(c byte) rune {
	switch c {
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	}
	return rune(c)
}

// appendText writes s as a JSON string in UTF-8, for bodies nobody signs. s is
// valid UTF-8: it came out of a strict parse or is our own.
func appendText(dst []byte, s string) []byte {
	b, err := jsontext.AppendQuote(dst, s)
	if err != nil {
		return appendASCII(dst, strings.ToValidUTF8(s, "\uFFFD"))
	}
	return b
}
