package pii

import (
	"unicode"
	"unicode/utf8"

	"postern/policy/pii/catalog"
	"postern/policy/pii/words"
)

const (
	maxNames = 8   // names of a hint that are looked for
	minName  = 3   // letters of a name that stands alone
	maxName  = 120 // bytes of one
)

// echo is a name of the hint, folded, whole or one of its words.
type echo struct {
	from, to int // in names.buf
	whole    bool
	several  bool // words
}

// names are the names of the hint.
type names struct {
	buf  []byte
	list []echo
}

// readNames folds the names of a hint and their parts.
func (p *pass) readNames(given []string) {
	n := &p.names
	for _, name := range given[:min(len(given), maxNames)] {
		if len(name) > maxName {
			continue
		}
		from := len(n.buf)
		n.buf = words.AppendFold(n.buf, name)
		n.put(from, len(n.buf), true)
		part := from
		for i := from; i <= len(n.buf); i++ {
			if i < len(n.buf) && n.buf[i] != ' ' {
				continue
			}
			if part > from || i < len(n.buf) {
				n.put(part, i, false)
			}
			part = i + 1
		}
	}
}

func (n *names) put(from, to int, whole bool) {
	several := false
	for _, c := range n.buf[from:to] {
		several = several || c == ' '
	}
	letters := utf8.RuneCount(n.buf[from:to])
	if letters >= minName || letters == 2 && n.buf[from] >= 0xE3 {
		n.list = append(n.list, echo{from, to, whole, several})
	}
}

// echoes finds the names of the hint where the text repeats them. A part of a
// name counts where it is written as a name: with a capital, in scripts that
// have them.
func (p *pass) echoes() {
	if len(p.names.list) == 0 {
		return
	}
	inside := false
	for i := 0; i < len(p.text); {
		kind, size := words.KindAt(p.text, i)
		if kind == words.Dense || kind == words.Spaced && !inside {
			if end := p.echoAt(i); end > i {
				i, inside = end, false
				continue
			}
		}
		inside = kind == words.Spaced
		i += size
	}
}

// echoAt gives the end of the name that stands at i, zero if there is none.
func (p *pass) echoAt(i int) int {
	best, which := 0, echo{}
	for _, e := range p.names.list {
		if end, ok := words.Echo(p.text, i, p.names.buf[e.from:e.to]); ok && end > best {
			best, which = end, e
		}
	}
	if best == 0 {
		return 0
	}
	w := p.blank()
	r, _ := utf8.DecodeRuneInString(p.text[i:])
	switch {
	case which.several:
		w.add(ByName, 170, i, best)
	case !unicode.IsLower(r):
		w.add(ByName, 110, i, best)
	default:
		w.add(ByName, 60, i, best)
	}
	p.decide(&Finding{Type: catalog.Name, Entity: "NAME", Start: i, End: best}, &w)
	return best
}
