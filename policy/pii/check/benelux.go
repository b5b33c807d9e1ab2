package check

import "bytes"

// BSN checks a Dutch citizen service number: nine digits, weights 9 to 2 and
// -1, divisible by 11 (Besluit burgerservicenummer, RvIG).
func BSN(v []byte) bool {
	return len(v) == 9 && digits(v) && !same(v) && weighted(v, 9, 8, 7, 6, 5, 4, 3, 2, -1)%11 == 0
}

// DutchVAT checks NL, nine digits, B, two digits: sole traders have numbers by
// ISO/IEC 7064 MOD 97-10 since 2020, companies a number as BSN checks it
// (Belastingdienst).
func DutchVAT(v []byte) bool {
	if len(v) != 14 || string(v[:2]) != "NL" || !digits(v[2:11]) || v[11] != 'B' || !digits(v[12:]) {
		return false
	}
	return string(v[12:]) != "00" && (BSN(v[2:11]) || mod97(v) == 1)
}

// Rijksregister checks a Belgian national register or BIS number: date of
// birth as YYMMDD, serial number, 97 less the remainder of the nine digits by
// 97, from 2000 on with 2 put before them. In BIS numbers the month is higher
// by 20 or 40; what is not known of the date is 0 (Royal Decree of 3 April
// 1984).
func Rijksregister(v []byte) bool {
	if len(v) != 11 || !digits(v) {
		return false
	}
	if month, day := number(v[2:4])%20, number(v[4:6]); number(v[2:4]) >= 60 || month > 12 || day > 31 {
		return false
	}
	n, rest := number(v[:9]), number(v[9:])
	return 97-n%97 == rest || number(v[:2]) <= 40 && 97-(2_000_000_000+n)%97 == rest
}

// Belgian97 checks ten digits and their remainder by 97, 97 for 0: identity
// cards and the bank accounts before IBAN (IBZ; Febelfin).
func Belgian97(v []byte) bool {
	if len(v) != 12 || !digits(v) {
		return false
	}
	rest := number(v[:10]) % 97
	if rest == 0 {
		rest = 97
	}
	return rest == number(v[10:]) && !same(v[:10])
}

// BelgianEnterprise checks ten digits beginning with 0 or 1, the last two 97
// less the remainder of the first eight by 97 (Royal Decree of 24 June 2003).
// BE may stand before them.
func BelgianEnterprise(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("BE"))
	if len(v) != 10 || !digits(v) || v[0] > '1' || number(v) == 0 {
		return false
	}
	return 97-number(v[:8])%97 == number(v[8:])
}

// Matricule checks a Luxembourg identification number: date of birth as
// YYYYMMDD, three digits, then a digit by Luhn's rule and one by Verhoeff's,
// both over the first eleven (règlement grand-ducal of 28 November 2013).
func Matricule(v []byte) bool {
	if len(v) != 13 || !digits(v) {
		return false
	}
	year := number(v[:4])
	if year < 1890 || year > 2060 || !date(year, number(v[4:6]), number(v[6:8])) {
		return false
	}
	var second [12]byte
	copy(second[:], v[:11])
	second[11] = v[12]
	return Luhn(v[:12]) && verhoeff(second[:])
}

// LuxembourgVAT checks LU, six digits and their remainder by 89 (AED).
func LuxembourgVAT(v []byte) bool {
	return len(v) == 10 && string(v[:2]) == "LU" && digits(v[2:]) && number(v[2:]) > 0 &&
		number(v[2:8])%89 == number(v[8:])
}
