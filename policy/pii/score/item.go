package score

import (
	"strings"

	"postern/policy/pii"
)

// Item is one labelled message.
type Item struct {
	Line    int // in its file, from 1
	Lang    string
	Country string // of the person, as the scanner is told it; "" if unknown
	Text    string
	Labels  []Label
	Clean   bool // holds no personal data
}

// Label is one piece of personal data in a text: bytes [Start, End).
type Label struct {
	Start, End int
	Type       string // as a finding's type, or its entity
	Entity     string // the kind within the type, such as BR_CPF; "" if not said
	Class      string // "A" to "D"; see Item.class
	Country    string // of the issuer, "" if not said
	Family     string // way of writing: "plain/grouped", "obfuscated/zero_width", "wrong_checksum/iban"
}

func (l Label) matches(f pii.Finding) bool {
	return l.Type == string(f.Type) || l.Type == f.Entity
}

// lenient labels have a wrong checksum: to be told of at all is what is asked.
func (l Label) lenient() bool { return strings.HasPrefix(l.Family, "wrong_checksum") }

// Goals a label can count for, beside the classes.
const (
	goalObfuscated    = "obfuscated"
	goalWrongChecksum = "wrong_checksum"
)

// goal is the row of the goals a label belongs to.
func (it Item) goal(l Label) string {
	switch head, _, _ := strings.Cut(l.Family, "/"); head {
	case goalObfuscated, goalWrongChecksum:
		return head
	}
	if l.Class != "" {
		return l.Class
	}
	return class(l.Type, it.Text[l.Start:l.End])
}

// class is that of a label or finding that says none. Types have one; phones,
// cards and national numbers are self-evident only if they are written so:
// with calling code, in groups, with letters.
func class(kind, value string) string {
	switch pii.Type(kind) {
	case "PHONE":
		if strings.HasPrefix(value, "+") || strings.HasPrefix(value, "00") {
			return "A"
		}
		return "B"
	case "CREDIT_CARD", "NATIONAL_ID":
		if strings.ContainsFunc(value, func(r rune) bool { return r < '0' || r > '9' }) {
			return "A"
		}
		return "B"
	case "EMAIL", "IBAN", "URL", "IP_ADDRESS", "MAC_ADDRESS", "CRYPTO_WALLET", "META_TOKEN", "SECRET", "MRZ", "WAMID", "TRACK_DATA":
		return "A"
	case "NAME", "ADDRESS", "DIAGNOSIS":
		return "D"
	}
	return "C"
}
