package audit

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// encoder appends the canonical JSON of FORMAT.md. The first failure stays in
// err; what is appended after it is thrown away by AppendLeaf. Keys are given
// with their leading comma, quotes and colon so that a field is two appends.
type encoder struct {
	b   []byte
	err error
}

func (e *encoder) fail(field, what string) {
	if e.err == nil {
		e.err = fmt.Errorf("%w: %s %s", ErrLeaf, strings.Trim(field, `",:[`), what)
	}
}

func (e *encoder) digits(n int64) { e.b = strconv.AppendInt(e.b, n, 10) }
func (e *encoder) hex(p []byte)   { e.b = hex.AppendEncode(e.b, p) }

// integer writes a field unless it is zero.
func (e *encoder) integer(key string, n int64) {
	if n != 0 {
		e.b = append(e.b, key...)
		e.digits(n)
	}
}

// binary writes a field unless it is empty; key ends with the opening quote.
func (e *encoder) binary(key string, p []byte) {
	if len(p) != 0 {
		e.b = append(e.b, key...)
		e.hex(p)
		e.b = append(e.b, '"')
	}
}

// text writes a field unless it is empty; key ends with the opening quote.
func (e *encoder) text(key, s string) {
	if s != "" {
		e.b = append(e.b, key...)
		e.escaped(key, s)
		e.b = append(e.b, '"')
	}
}

// list writes a field unless it is empty; key ends with the opening bracket.
func (e *encoder) list(key string, items []string) {
	if len(items) == 0 {
		return
	}
	e.b = append(e.b, key...)
	for i, s := range items {
		if s == "" {
			e.fail(key, "has an empty entry")
		}
		if i > 0 {
			e.b = append(e.b, ',')
		}
		e.b = append(e.b, '"')
		e.escaped(key, s)
		e.b = append(e.b, '"')
	}
	e.b = append(e.b, ']')
}

// escaped writes s with '"' and '\' escaped and nothing else. Everything a
// JSON writer may spell in two ways is refused, not normalised.
func (e *encoder) escaped(key, s string) {
	if i := firstSpecial(s); i < len(s) {
		e.special(key, s, i)
		return
	}
	e.b = append(e.b, s...)
}

// special is escaped for the strings that need a closer look, from byte i on.
func (e *encoder) special(key, s string, i int) {
	if !utf8.ValidString(s) {
		e.fail(key, "is not UTF-8")
		return
	}
	e.b = append(e.b, s[:i]...)
	for ; i < len(s); i++ {
		c := s[i]
		if c < 0x20 || c == 0x7f {
			e.fail(key, "has a control character")
			return
		}
		if c == '"' || c == '\\' {
			e.b = append(e.b, '\\')
		}
		e.b = append(e.b, c)
	}
}

// firstSpecial is the index of the first byte that special must see, or len(s).
func firstSpecial(s string) int {
	for i := range len(s) {
		if !plain[s[i]] {
			return i
		}
	}
	return len(s)
}

// plain marks the bytes that stand for themselves: printable ASCII but '"' and '\'.
var plain = func() (t [256]bool) {
	for c := ' '; c < 0x7f; c++ {
		t[c] = c != '"' && c != '\\'
	}
	return t
}()

// parts writes name and hash of each part, by name.
func (e *encoder) parts(parts []Part) {
	if len(parts) == 0 {
		return
	}
	if len(parts) > maxParts {
		e.fail("parts", "are too many")
		return
	}
	e.b = append(e.b, `,"parts":{`...)
	last := ""
	for range parts {
		p := after(parts, last)
		if p == nil {
			e.fail("parts", "have an empty or a repeated name")
			return
		}
		if last != "" {
			e.b = append(e.b, ',')
		}
		last = p.Name
		e.part(p)
	}
	e.b = append(e.b, '}')
}

// after returns the part whose name follows last, nil if there is none. The
// few parts of a record are not worth a sort that allocates.
func after(parts []Part, last string) *Part {
	var next *Part
	for i := range parts {
		p := &parts[i]
		if p.Name > last && (next == nil || p.Name < next.Name) {
			next = p
		}
	}
	return next
}

func (e *encoder) part(p *Part) {
	if !validPartName(p.Name) {
		e.fail("part", "name is not 1 to 32 of a-z, 0-9 and _")
		return
	}
	sum, err := p.Commitment()
	if err != nil {
		if e.err == nil {
			e.err = fmt.Errorf("part %s: %w", p.Name, err)
		}
		return
	}
	e.b = append(e.b, '"')
	e.b = append(e.b, p.Name...)
	e.b = append(e.b, '"', ':', '"')
	e.hex(sum[:])
	e.b = append(e.b, '"')
}

func validPartName(name string) bool {
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '_' {
			return false
		}
	}
	return name != "" && len(name) <= 32
}

// validChain holds a chain name to what may stand as the origin line of a
// checkpoint and as the name of a key.
func validChain(name string) bool {
	for _, c := range []byte(name) {
		if c <= ' ' || c >= 0x7f || c == '+' || c == '"' || c == '\\' {
			return false
		}
	}
	return name != "" && len(name) <= 128
}
