package pii

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"postern/policy/pii/catalog"
)

// An operator may say how it is done: mask(2,4) shows the first two and the last
// four letters and digits, redact(CUSTOMER) writes [CUSTOMER_1].

// What a mask may show of the number of a card (PCI DSS 3.4.1), and of all else:
// one part of three.
const (
	maxCardFirst = 6
	maxCardLast  = 4
	maskPart     = 3
)

var labelName = regexp.MustCompile(`^[A-Z][A-Z_]{1,30}[A-Z]$`)

// MaskKeeping is a mask that shows the first and last letters and digits of a
// value, as many as MaskLimit allows.
func MaskKeeping(first, last int) Operator {
	return Operator(fmt.Sprintf("%s(%d,%d)", Mask, first, last))
}

// RedactAs is redact with a label of one's own.
func RedactAs(label string) (Operator, error) {
	if !labelName.MatchString(label) {
		return Redact, fmt.Errorf("label %q: write 3 to 32 capital letters and _, such as CUSTOMER", label)
	}
	return Operator(string(Redact) + "(" + label + ")"), nil
}

// MaskLimit reports whether a mask may show so many of a value of n letters and
// digits.
func MaskLimit(t Type, first, last, n int) bool {
	switch {
	case first < 0 || last < 0 || first+last == 0:
		return false
	case t == CreditCard:
		return first <= maxCardFirst && last <= maxCardLast && n >= 2*maxCardFirst
	}
	return maskPart*(first+last) <= n
}

// Verb is the operator without how it is done.
func (o Operator) Verb() Operator {
	verb, _, _ := strings.Cut(string(o), "(")
	return Operator(verb)
}

// Shows is how many letters and digits of a value of a type are left at most.
func (o Operator) Shows(t Type) int {
	if first, last, ok := o.keeps(); ok {
		return first + last
	}
	switch {
	case o != Mask:
		return 0
	case t == CreditCard:
		return 4
	case t == IBAN, t == Phone:
		return 6
	case t == Email:
		return 2
	}
	return 0
}

// Label is the label that redact has of its own, "" for that of the type.
func (o Operator) Label() string {
	if o.Verb() != Redact {
		return ""
	}
	_, rest, _ := strings.Cut(string(o), "(")
	return strings.TrimSuffix(rest, ")")
}

// keeps reads the numbers of a mask.
func (o Operator) keeps() (first, last int, ok bool) {
	inside, ok := strings.CutPrefix(string(o), string(Mask)+"(")
	a, b, two := strings.Cut(strings.TrimSuffix(inside, ")"), ",")
	if !ok || !two || !strings.HasSuffix(inside, ")") {
		return 0, 0, false
	}
	first, errFirst := strconv.Atoi(a)
	last, errLast := strconv.Atoi(b)
	return first, last, errFirst == nil && errLast == nil && first >= 0 && last >= 0
}

// done reports an operator that says how, and says it well.
func (o Operator) done() bool {
	if label := o.Label(); label != "" {
		return labelName.MatchString(label) && o == Operator(string(Redact)+"("+label+")")
	}
	_, _, ok := o.keeps()
	return ok
}

// maskAs masks as the operator says. What would show too much of this very value
// is masked as its type is.
func maskAs(o Operator, f Finding, value string) string {
	first, last, ok := o.keeps()
	if !ok || !MaskLimit(f.Type, first, last, alnums(value)) || f.Type == catalog.MetaToken {
		return mask(f, value)
	}
	return maskLayout(value, first, last)
}

// alnums counts the letters and digits that a mask shows or hides.
func alnums(value string) (n int) {
	for _, c := range visible(value, func(b byte) (byte, bool) { return b, true }) {
		if isAlnum(c) {
			n++
		}
	}
	return n
}
