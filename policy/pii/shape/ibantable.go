package shape

import "strings"

// ibanRegistry gives the account part by country: so many digits (n), letters
// (a) or both (c). SWIFT, IBAN registry, release 101.
const ibanRegistry = "AD8n12c AE19n AL8n16c AT16n AZ4a20c BA16n BE12n BG4a6n8c BH4a14c BI23n BR23n1a1c BY4c4n16c CH5n12c CR18n " +
	"CY8n16c CZ20n DE18n DJ23n DK14n DO4c20n EE16n EG25n ES20n FI14n FK2a12n FO14n FR10n11c2n GB4a14n GE2a16n " +
	"GI4a15c GL14n GR7n16c GT24c HN4a20n HR17n HU24n IE4a14n IL19n IQ4a15n IS22n IT1a10n12c JO4a4n18c KW4a22c " +
	"KZ3n13c LB4n20c LC4a24c LI5n12c LT16n LU3n13c LV4a13c LY21n MC10n11c2n MD20c ME18n MK3n10c2n MN16n MR23n " +
	"MT4a5n18c MU4a19n3a NI4a20n NL4a10n NO11n OM3n16c PK4a16c PL24n PS4a21c PT21n QA4a21c RO4a16c RS18n " +
	"RU14n15c SA2n18c SC4a20n3a SD14n SE20n SI15n SK20n SM1a10n12c SO19n ST21n SV4a20n TL19n TN20n TR6n16c " +
	"UA6n19c VA18n VG4a16n XK16n YE4a4n18c"

// ibanInformal are countries that use the form without being in the registry
// (published by their central banks, collected in the lists of banks).
const ibanInformal = "AO21n BF2c22n BJ2c22n CF23n CG23n CI2a22n CM23n CV21n DZ22n GA23n GQ23n GW21n IR22n KM23n MA24n MG23n " +
	"ML2c22n MZ21n NE2a22n SN2a22n TD23n TG2a22n"

const maxIBAN = 34 // ISO 13616-1

// ibanForm is the account part of one country's IBAN.
type ibanForm struct {
	length uint8 // whole IBAN, 0: no such country
	parts  uint8
	count  [6]uint8
	kind   [6]uint8 // class of bytes
}

var ibanForms = ibanTable(ibanRegistry + " " + ibanInformal)

func ibanTable(list string) (t [26 * 26]ibanForm) {
	for entry := range strings.FieldsSeq(list) {
		f := ibanForm{length: 4}
		n := uint8(0)
		for _, c := range []byte(entry[2:]) {
			if c >= '0' && c <= '9' {
				n = n*10 + c - '0'
				continue
			}
			f.count[f.parts], f.kind[f.parts] = n, map[byte]uint8{'n': isDigit, 'a': isUpper, 'c': isDigit | isUpper}[c]
			f.length += n
			f.parts++
			n = 0
		}
		t[int(entry[0]-'A')*26+int(entry[1]-'A')] = f
	}
	return t
}

// fits reports two check digits, and that the characters behind them are of the kinds
// that the country prescribes.
func (f *ibanForm) fits(v []byte) bool {
	if class[v[2]]&class[v[3]]&isDigit == 0 {
		return false
	}
	i := 4
	for p := range f.parts {
		kind := f.kind[p]
		for stop := i + int(f.count[p]); i < stop; i++ {
			if class[v[i]]&kind == 0 {
				return false
			}
		}
	}
	return true
}
