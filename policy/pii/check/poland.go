package check

// PESEL checks a Polish population number: date of birth with the century in
// the month, serial number, check digit (ustawa o ewidencji ludności, art. 15).
func PESEL(v []byte) bool {
	if len(v) != 11 || !digits(v) {
		return false
	}
	month := number(v[2:4])
	year := [5]int{1900, 2000, 2100, 2200, 1800}[month/20%5] + number(v[:2])
	if !date(year, month%20, number(v[4:6])) {
		return false
	}
	return (cyclic(v[:10], 1, 3, 7, 9)+value(v[10]))%10 == 0
}

// NIP checks a Polish tax number, modulo 11 (Ministerstwo Finansów). PL may
// stand before it.
func NIP(v []byte) bool {
	if len(v) == 12 && string(v[:2]) == "PL" {
		v = v[2:]
	}
	return len(v) == 10 && digits(v) && !same(v) && digit(v[9], weighted(v, 6, 5, 7, 2, 3, 4, 5, 6, 7)%11)
}

// REGON checks a Polish business register number of 9 or 14 digits, modulo 11
// with 0 for 10 (GUS).
func REGON(v []byte) bool {
	if len(v) != 9 && len(v) != 14 || !digits(v) || same(v) {
		return false
	}
	if !digit(v[8], weighted(v[:8], 8, 9, 2, 3, 4, 5, 6, 7)%11%10) {
		return false
	}
	return len(v) == 9 || digit(v[13], weighted(v[:13], 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)%11%10)
}

// Dowod checks the number of a Polish identity card: three letters, a check
// digit, five digits, weights 7-3-1 (MSWiA).
func Dowod(v []byte) bool {
	return len(v) == 9 && letters(v[:3]) && digits(v[3:]) && weighted(v, 7, 3, 1, 9, 7, 3, 1, 7, 3)%10 == 0
}

// PolishPassport checks two letters, a check digit, six digits, weights 7-3-1
// (MSWiA).
func PolishPassport(v []byte) bool {
	return len(v) == 9 && letters(v[:2]) && digits(v[2:]) && weighted(v, 7, 3, 9, 1, 7, 3, 1, 7, 3)%10 == 0
}

// PolishAccount checks the 26 digits of a Polish account, which are its IBAN
// without PL (NBP, Zarządzenie nr 7/2017).
func PolishAccount(v []byte) bool {
	return len(v) == 26 && digits(v) && national97(v, "PL")
}

// national97 reports that two check digits and an account are an IBAN of the
// country (ISO 13616).
func national97(v []byte, country string) bool {
	var turned [36]byte
	n := copy(turned[:], v[2:])
	n += copy(turned[n:], country)
	n += copy(turned[n:], v[:2])
	return mod97(turned[:n]) == 1
}
