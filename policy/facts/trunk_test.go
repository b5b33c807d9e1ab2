package facts_test

import (
	"testing"

	"github.com/nyaruka/phonenumbers"

	"postern/policy/facts"
)

// TestTrunkPrefix: the 0 (or 8, or 06) that is dialled inside a country only is
// seen, and no number that begins with a zero by right is taken for one.
func TestTrunkPrefix(t *testing.T) {
	for _, n := range []string{
		"+49 0151 12345678", "+49 (0)30 123456", "+44 07911 123456", "+33 06 12 34 56 78", "+43 0664 1234567", "+36 06 20 123 4567",
		"+91 098123 45678", "+375 8 029 123 45 67", "+7 8 912 345 67 89", "+61 0412 345 678", "+27 082 123 4567", "+90 0532 123 45 67",
	} {
		if !facts.TrunkPrefix(n) {
			t.Errorf("%s is taken as it is", n)
		}
	}
	for _, n := range []string{
		"+49 151 12345678", "+39 06 69812345", "+39 333 1234567", "+378 0549 886377", "+225 07 07 12 34 56", "+242 06 123 4567",
		"+241 06 03 12 34", "+229 01 97 12 34 56", "+1 415 555 0100", "+52 1 55 1234 5678", "+54 9 11 2345 6789", "+55 82 9988 7766",
		"+55 82 99988 7766", "+7 800 555 35 35", "+7 701 123 45 67", "+86 138 1234 5678", "+99 0111 2233", "+49 0", "+0", "", "+12",
	} {
		if facts.TrunkPrefix(n) {
			t.Errorf("%s is refused", n)
		}
	}
}

// TestNoNumberIsATrunkPrefix: the example of every kind of number that the plan
// has of every country is taken as it is.
func TestNoNumberIsATrunkPrefix(t *testing.T) {
	seen := 0
	for region := range phonenumbers.GetSupportedRegions() {
		for kind := phonenumbers.FIXED_LINE; kind <= phonenumbers.VOICEMAIL; kind++ {
			n := phonenumbers.GetExampleNumberForType(region, kind)
			if n == nil {
				continue
			}
			seen++
			if facts.TrunkPrefix(phonenumbers.Format(n, phonenumbers.E164)) {
				t.Errorf("an example of %s, kind %d, is refused", region, kind)
			}
		}
	}
	if seen < 500 {
		t.Errorf("only %d examples", seen)
	}
}
