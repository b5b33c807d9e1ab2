package pii

import (
	"fmt"
	"log/slog"
	"strconv"

	"postern/policy/pii/catalog"
)

// Type names what a finding is reported as and what policy names. The set is
// open: packs bring their own.
type Type = catalog.Type

// Types that code outside the catalogue names.
const (
	Email      = catalog.Email
	Phone      = catalog.Phone
	CreditCard = catalog.CreditCard
	IBAN       = catalog.IBAN
	MetaToken  = catalog.MetaToken
	WAMID      = catalog.WAMID
	CardCVV    = catalog.CardCVV
	CardPIN    = catalog.CardPIN
	TrackData  = catalog.TrackData
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

// Finding is one piece of personal data: where it stands and how sure that
// is. It does not hold the value. Start and End are byte offsets into the text
// that was scanned.
type Finding struct {
	Type       Type
	Entity     string // name of the row in the catalogue, such as BR_CPF
	Level      Level
	Score      int // sum of the evidence in decibits, a tenth of a bit
	Start, End int
	Reasons    Reasons

	also  [2]string // entities that the same span could be as well
	code  uint16    // phone: calling code, 0 if unknown
	trunk uint8     // phone: leading digits that are not part of the number
}

// Also lists the entities that lost the same place to this one, at most two; of
// words of lexicons also those that overlap.
func (f Finding) Also() []string {
	var out []string
	for _, name := range f.also {
		if name != "" {
			out = append(out, name)
		}
	}
	return out
}

// String gives type, level and span.
func (f Finding) String() string {
	return fmt.Sprintf("%s/%s[%d:%d]", f.Type, f.Level, f.Start, f.End)
}

// GoString is String, so that %#v shows no more.
func (f Finding) GoString() string { return f.String() }

// LogValue gives type, level and span.
func (f Finding) LogValue() slog.Value { return slog.StringValue(f.String()) }

// MarshalJSON gives span, type, entity, level, score and the names of the
// evidence, and the entities that lost the place if there are any.
func (f Finding) MarshalJSON() ([]byte, error) {
	b := append([]byte(nil), `{"start":`...)
	b = strconv.AppendInt(b, int64(f.Start), 10)
	b = append(b, `,"end":`...)
	b = strconv.AppendInt(b, int64(f.End), 10)
	b = append(b, `,"type":`...)
	b = strconv.AppendQuote(b, string(f.Type))
	b = append(b, `,"entity":`...)
	b = strconv.AppendQuote(b, f.Entity)
	b = append(b, `,"level":"`+f.Level.String()+`","score":`...)
	b = strconv.AppendInt(b, int64(f.Score), 10)
	b = appendNames(append(b, `,"reasons":`...), f.Reasons.Names())
	if also := f.Also(); len(also) > 0 {
		b = appendNames(append(b, `,"also":`...), also)
	}
	return append(b, '}'), nil
}

func appendNames(b []byte, names []string) []byte {
	b = append(b, '[')
	for i, n := range names {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendQuote(b, n)
	}
	return append(b, ']')
}
