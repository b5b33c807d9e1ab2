package pii

import (
	"iter"
	"sync"

	"postern/policy/pii/catalog"
	"postern/policy/pii/check"
)

// Apart keeps the two treatments of one message from showing a card number
// twice, its first or last digits here and its keyed hash there: together they
// give the number away (PCI DSS 3.5.1). Where one masks cards and the other
// hashes or tokens them, the mask becomes a label. Own are entities that packs add
// to the cards of the catalogue. It changes what it is given.
func Apart(a, b *Treatment, own ...string) {
	for _, t := range [...]*Treatment{a, b} {
		for _, o := range [...]*Treatment{a, b} {
			if o.joins(own) {
				t.unmask(own)
			}
		}
	}
}

// joins reports whether any card is shown as a keyed hash.
func (t *Treatment) joins(cards []string) bool {
	for f := range cardFindings(t, cards) {
		if o := t.Operator(f); o == Hash || o == Token {
			return true
		}
	}
	return false
}

// unmask has labels where cards would be masked.
func (t *Treatment) unmask(cards []string) {
	for f := range cardFindings(t, cards) {
		if t.Operator(f) != Mask {
			continue
		}
		own := make(map[Type]Operator, len(t.Operators)+1)
		for k, o := range t.Operators {
			own[k] = o
		}
		own[key(f)] = Redact
		t.Operators = own
	}
}

// cardFindings are findings of cards as the operators can tell them apart: of
// the type, and of each entity that has an operator of its own.
func cardFindings(t *Treatment, cards []string) iter.Seq[Finding] {
	own := t.Operators // as they are now
	return func(yield func(Finding) bool) {
		if !yield(Finding{Type: CreditCard, Level: Certain}) {
			return
		}
		for _, list := range [...][]string{cardRows(), cards} {
			for _, name := range list {
				if _, named := own[Type(name)]; named && !yield(Finding{Type: CreditCard, Entity: name, Level: Certain}) {
					return
				}
			}
		}
	}
}

// cardRows are the names of the catalogue's rows of cards, read once: each message
// asks, and the catalogue is long.
var cardRows = sync.OnceValue(func() []string {
	var out []string
	for _, row := range catalog.Rows() {
		if row.Type == CreditCard {
			out = append(out, row.Name)
		}
	}
	return out
})

func key(f Finding) Type {
	if f.Entity != "" {
		return Type(f.Entity)
	}
	return f.Type
}

// masksCards reports whether any card is shown in part.
func (t *Treatment) masksCards() bool {
	for f := range cardFindings(t, nil) {
		if t.Operator(f) == Mask {
			return true
		}
	}
	return false
}

// holdsPAN reports a number of a card in the value of a member, a blank or dash between
// groups perhaps: a client may take one for its own id.
func holdsPAN(value string) bool {
	for i := range len(value) {
		if isDigit(value[i]) && !isDigit(byteAt(value, i-1)) && panAt(value[i:]) {
			return true
		}
	}
	return false
}

// panAt reports the number of a card that a value begins with.
func panAt(value string) bool {
	var d []byte
	for i := range len(value) {
		c, next := value[i], isDigit(byteAt(value, i+1))
		if !isDigit(c) {
			if c != ' ' && c != '-' || !next {
				return false
			}
			continue
		}
		if d = append(d, c-'0'); len(d) > maxPAN {
			return false
		}
		if !next && len(d) >= minPAN && issued(d)>>len(d)&1 != 0 && check.LuhnValues(d) {
			return true
		}
	}
	return false
}

// A number of a card has so many digits (ISO/IEC 7812-1).
const minPAN, maxPAN = 12, 19
