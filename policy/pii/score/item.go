package score

import (
	"slices"
	"strings"

	"postern/policy/pii"
)

// Item is one labelled message.
type Item struct {
	Line    int // in its file, from 1
	Lang    string
	Country string   // of the person, as the scanner is told it; "" if unknown
	Names   []string // the person is known by, as the scanner is told them
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
	return l.Type == string(f.Type) || f.Entity != "" && (l.Type == f.Entity || l.Entity == f.Entity)
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

// class is that of a label or finding that says none. Types have one; phones
// are self-evident with their calling code, cards in groups, national numbers
// in one of the forms below.
func class(kind, value string) string {
	switch pii.Type(kind) {
	case "PHONE":
		if strings.HasPrefix(value, "+") || strings.HasPrefix(value, "00") {
			return "A"
		}
		return "B"
	case "CREDIT_CARD":
		if strings.ContainsFunc(value, func(r rune) bool { return r < '0' || r > '9' }) {
			return "A"
		}
		return "B"
	case "NATIONAL_ID":
		if slices.Contains(evident, shape(value)) {
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

// evident are forms of national numbers that hardly anything else has: '#' a
// digit, '@' a letter.
var evident = []string{
	"###.###.###-##", "##.###.###/####-##", // Brazil: CPF, CNPJ
	"##.###.###-#", "#.###.###-#", "########-#", "#######-#", "##.###.###-@", "########-@", // Chile: RUT
	"##-########-#",                            // Argentina: CUIT
	"@@@@######@@@@@@##", "@@@@######@@@@@@@#", // Mexico: CURP
	"@@@@@@##@##@###@",       // Italy: codice fiscale
	"########@", "@#######@", // Spain: DNI, NIE; Singapore: NRIC
	"##.###.###-@",                                                   // Spain, with dots
	"###############", "# ## ## ## ### ### ##", "###-####-#######-#", // France: NIR; Emirates
	"##################", "#################@", // China
}

func shape(value string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return '#'
		case r|0x20 >= 'a' && r|0x20 <= 'z':
			return '@'
		}
		return r
	}, value)
}
