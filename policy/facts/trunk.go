package facts

import (
	"strings"

	"github.com/nyaruka/phonenumbers"
)

// TrunkPrefix reports whether a number has, after its country code, digits that
// are dialled only inside the country: the 0 of +49 0151 12345678. Taken as it
// is it would be the number of somebody else, or of nobody.
//
// It says so only where the numbering plan (libphonenumber's) knows the number
// without those digits and does not know it with them. Italy's +39 06, San
// Marino's +378 0549 and the like are numbers as they are.
func TrunkPrefix(number string) bool {
	d := digits(number)
	if len(Forms(d)) > 1 { // the digits that Key leaves out are no prefix of this kind
		return false
	}
	n, err := phonenumbers.Parse("+"+d, "")
	if err != nil {
		return false
	}
	_, national := Dial(d)
	short := phonenumbers.GetNationalSignificantNumber(n)
	return short != national && strings.HasSuffix(national, short) &&
		phonenumbers.IsValidNumber(n) && !validWhole(n.GetCountryCode(), national)
}

// validWhole reports whether the plan knows a number with every digit that stands
// after its country code.
func validWhole(code int32, national string) bool {
	n := &phonenumbers.PhoneNumber{CountryCode: &code}
	rest := strings.TrimLeft(national, "0")
	if zeros := int32(len(national) - len(rest)); zeros > 0 { //nolint:gosec // of a number's digits
		leading := true
		n.ItalianLeadingZero, n.NumberOfLeadingZeros = &leading, &zeros
	}
	var value uint64
	for i := range len(rest) {
		value = value*10 + uint64(rest[i]-'0')
	}
	n.NationalNumber = &value
	return phonenumbers.IsValidNumber(n)
}
