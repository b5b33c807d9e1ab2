package pii

import (
	"fmt"
	"log/slog"
	"strconv"
)

// Type names what a finding is. The set is open: lexicons and later detectors
// bring their own.
type Type string

// Types this version finds.
const (
	Email      Type = "EMAIL"
	Phone      Type = "PHONE"
	CreditCard Type = "CREDIT_CARD"
	IBAN       Type = "IBAN"
	MetaToken  Type = "META_TOKEN"
	WAMID      Type = "WAMID" // a WhatsApp message id holds the phone number
	CardCVV    Type = "CARD_CVV"
	CardPIN    Type = "CARD_PIN"
	TrackData  Type = "TRACK_DATA" // magnetic stripe, track 1 or 2
)

// NeverStored reports whether values of this type may not be kept in any
// form, sealed or not, once a payment is authorised (PCI DSS 3.3.1).
func NeverStored(t Type) bool {
	return t == CardCVV || t == CardPIN || t == TrackData
}

// Level is how sure a finding is.
type Level uint8

// Levels, weakest first.
const (
	Possible Level = iota
	Likely
	Certain
)

// String is "possible", "likely" or "certain".
func (l Level) String() string {
	switch l {
	case Likely:
		return "likely"
	case Certain:
		return "certain"
	}
	return "possible"
}

// Reasons is the set of evidence behind a finding.
type Reasons uint16

// Evidence a finding can rest on.
const (
	ByChecksum   Reasons = 1 << iota // Luhn, mod 97
	ByPrefix                         // issuer range, calling code, fixed prefix
	ByGrouping                       // written in the customary groups
	ByLabel                          // a word beside it says so
	ByCountry                        // fits the numbering plan of the peer or tenant
	ByNeighbour                      // stands beside a card
	ByShape                          // structure alone
	BadChecksum                      // everything but the checksum fits
	DespiteLabel                     // lowered: a word beside it says something else
)

var reasonNames = [...]string{"checksum", "prefix", "grouping", "label", "country", "neighbour", "shape",
	"bad_checksum", "other_label"}

// Names lists the evidence as stable tokens.
func (r Reasons) Names() []string {
	var out []string
	for i, n := range reasonNames {
		if r&(1<<i) != 0 {
			out = append(out, n)
		}
	}
	return out
}

// Finding is one piece of personal data: where it stands and how sure that
// is. It does not hold the value. Start and End are byte offsets into the text
// that was scanned.
type Finding struct {
	Type       Type
	Level      Level
	Start, End int
	Reasons    Reasons

	code  uint16 // phone: calling code, 0 if unknown
	trunk uint8  // phone: leading digits that are not part of the number
}

// String gives type, level and span.
func (f Finding) String() string {
	return fmt.Sprintf("%s/%s[%d:%d]", f.Type, f.Level, f.Start, f.End)
}

// GoString is String, so that %#v shows no more.
func (f Finding) GoString() string { return f.String() }

// LogValue gives type, level and span.
func (f Finding) LogValue() slog.Value { return slog.StringValue(f.String()) }

// MarshalJSON gives type, level, span and the names of the evidence.
func (f Finding) MarshalJSON() ([]byte, error) {
	b := append([]byte(nil), `{"type":`...)
	b = strconv.AppendQuote(b, string(f.Type))
	b = append(b, `,"level":"`+f.Level.String()+`","start":`...)
	b = strconv.AppendInt(b, int64(f.Start), 10)
	b = append(b, `,"end":`...)
	b = strconv.AppendInt(b, int64(f.End), 10)
	b = append(b, `,"reasons":[`...)
	for i, n := range f.Reasons.Names() {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, n)
	}
	return append(b, "]}"...), nil
}
