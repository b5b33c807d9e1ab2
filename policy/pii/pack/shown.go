package pack

import (
	"regexp/syntax"
	"strconv"
	"strings"

	"postern/policy/pii"
	"postern/policy/pii/catalog"
)

// shows refuses a mask that would show too much of a value of what a rule names.
// How long values are at least the forms of the catalogue and the patterns say.
func (s *Set) shows(p *Pack, i int, rule rule) []error {
	shown := rule.operator.Shows("")
	if rule.operator.Verb() != pii.Mask || rule.operator == pii.Mask {
		return nil
	}
	r := &reader{file: p.file}
	for _, key := range rule.keys {
		k := key.name
		n, known := s.shortest(k)
		switch {
		case s.kind(k) == pii.CreditCard:
			if !s.within(rule.operator) {
				r.fail(rule.at, "policy[%d]: a mask of %s shows the first 6 and the last 4 at most (PCI DSS 3.4.1); write keep_first: 6 and keep_last: 4, or less", i, k)
			}
		case !known:
			r.fail(rule.at, "policy[%d]: values of %s may be of any length, so nobody knows how much is a third of one; leave keep_first and keep_last out", i, k)
		case 3*shown > n:
			r.fail(rule.at, "policy[%d]: a mask of %s shows a third at most, and values may have %d letters and digits; write keep_first and keep_last of %d together, or less", i, k, n, n/3)
		}
	}
	return r.errs
}

// within reports a mask that a card number may have.
func (s *Set) within(o pii.Operator) bool {
	first, last, ok := strings.Cut(strings.TrimSuffix(strings.TrimPrefix(string(o), string(pii.Mask)+"("), ")"), ",")
	a, errA := strconv.Atoi(first)
	b, errB := strconv.Atoi(last)
	return ok && errA == nil && errB == nil && pii.MaskLimit(pii.CreditCard, a, b, 12)
}

// least is how many letters and digits values have that no form of the catalogue
// describes: seven digits of a phone number, fifteen of Norway's IBAN.
var least = map[pii.Type]int{pii.Phone: 7, pii.IBAN: 15}

// shortest gives how many letters and digits a value of an entity or type has at
// least; known is false if nobody says.
func (s *Set) shortest(name pii.Type) (n int, known bool) {
	n = -1
	take := func(size int) {
		if n < 0 || size < n {
			n = size
		}
	}
	for _, row := range catalog.Rows() {
		if pii.Type(row.Name) != name && row.Type != name {
			continue
		}
		if len(row.Forms) == 0 {
			take(least[row.Type])
		}
		for _, f := range row.Forms {
			take(lengthOf(f.Shape))
		}
	}
	for _, p := range s.packs {
		for _, e := range p.entities {
			switch {
			case pii.Type(e.name) != name && e.typ != name:
			case e.pattern == nil:
				take(0)
			default:
				take(shortestMatch(e.pattern.tree))
			}
		}
	}
	return n, n > 0
}

// lengthOf counts the letters and digits of a shape of the catalogue.
func lengthOf(shape string) (n int) {
	base, list, repeats := strings.Cut(shape, "{")
	for i := range len(base) {
		if strings.IndexByte(" -./", base[i]) < 0 {
			n++
		}
	}
	if repeats {
		from, _, _ := strings.Cut(strings.TrimSuffix(list, "}"), ",")
		if low, err := strconv.Atoi(from); err == nil {
			n += low - 1
		}
	}
	return n
}

// shortestMatch counts the letters and digits that every match of an expression has.
func shortestMatch(re *syntax.Regexp) (n int) {
	switch re.Op {
	case syntax.OpLiteral:
		for _, r := range re.Rune {
			if r < 0x80 && alnum(byte(r)) {
				n++
			}
		}
	case syntax.OpCharClass:
		if alnumsOnly(re.Rune) {
			n = 1
		}
	case syntax.OpCapture, syntax.OpPlus:
		return shortestMatch(re.Sub[0])
	case syntax.OpRepeat:
		return re.Min * shortestMatch(re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			n += shortestMatch(sub)
		}
	case syntax.OpAlternate:
		n = shortestMatch(re.Sub[0])
		for _, sub := range re.Sub[1:] {
			n = min(n, shortestMatch(sub))
		}
	}
	return n
}

func alnumsOnly(ranges []rune) bool {
	for i := 0; i+1 < len(ranges); i += 2 {
		if ranges[i+1] >= 0x80 {
			return false
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if !alnum(byte(r)) {
				return false
			}
		}
	}
	return len(ranges) > 0
}
