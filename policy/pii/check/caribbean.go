package check

// DominicanCedula checks an identity number of the Dominican Republic: Luhn
// (JCE). A few old ones break it.
func DominicanCedula(v []byte) bool {
	return len(v) == 11 && Luhn(v) && !same(v)
}

// DominicanRNC checks a tax number of a Dominican company: weights 7, 9, 8, 6,
// 5, 4, 3, 2 modulo 11, the digit from 1 to 9 (DGII).
func DominicanRNC(v []byte) bool {
	return len(v) == 9 && digits(v) && (10-weighted(v, 7, 9, 8, 6, 5, 4, 3, 2)%11+9)%9+1 == value(v[8])
}

// CubaCI checks the date in an identity number of Cuba: year, month, day, then
// the century: 0 to 5 the 20th, 6 to 8 the 21st, 9 the 19th (Registro Civil).
func CubaCI(v []byte) bool {
	if len(v) != 11 || !digits(v) {
		return false
	}
	century := 2000
	switch {
	case v[6] == '9':
		century = 1800
	case v[6] <= '5':
		century = 1900
	}
	return date(century+number(v[:2]), number(v[2:4]), number(v[4:6]))
}

// GuatemalaCUI checks an identity number of Guatemala: eight digits with
// weights 2 to 9 modulo 11, department 01 to 22, municipality (RENAP).
func GuatemalaCUI(v []byte) bool {
	if len(v) != 13 || !digits(v) {
		return false
	}
	department, municipality := number(v[9:11]), number(v[11:])
	return weighted(v, 2, 3, 4, 5, 6, 7, 8, 9)%11 == value(v[8]) &&
		department >= 1 && department <= 22 && municipality >= 1 && municipality <= 33
}

// GuatemalaNIT checks a tax number of Guatemala: up to eleven digits, weights
// from 2 upwards from the right modulo 11, K for 10 (SAT).
func GuatemalaNIT(v []byte) bool {
	n := len(v) - 1
	if n < 4 || n > 11 || !digits(v[:n]) {
		return false
	}
	r := (11 - fromRight(v[:n], 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)%11) % 11
	return r == 10 && v[n] == 'K' || r < 10 && v[n] == byte('0'+r)
}

// DUI checks an identity number of El Salvador: weights 9 to 2 modulo 10
// (RNPN).
func DUI(v []byte) bool {
	return len(v) == 9 && digits(v) && !same(v) && (weighted(v, 9, 8, 7, 6, 5, 4, 3, 2)+value(v[8]))%10 == 0
}

// SalvadorNIT checks a tax number of El Salvador: municipality (0, 1) or
// country (9), date, serial; old serials to 100 have weights 14 to 2, others 2,
// 7 to 2, 7 to 2, both modulo 11 (Ministerio de Hacienda).
func SalvadorNIT(v []byte) bool {
	if len(v) != 14 || !digits(v) || !isOneOf(v[0], "019") {
		return false
	}
	if number(v[10:13]) <= 100 {
		return weighted(v, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11%10 == value(v[13])
	}
	return (11-weighted(v, 2, 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%11%10 == value(v[13])
}

// HondurasID checks the parts of an identity number of Honduras: department 01
// to 18, municipality 01 to 28, year of registration (RNP).
func HondurasID(v []byte) bool {
	if len(v) != 13 || !digits(v) {
		return false
	}
	department, municipality, year := number(v[:2]), number(v[2:4]), number(v[4:8])
	return department >= 1 && department <= 18 && municipality >= 1 && municipality <= 28 && year >= 1900 && year < 2050
}

// NicaraguaCedula checks the date in an identity number of Nicaragua:
// municipality, day, month, year, serial, letter (CSE).
func NicaraguaCedula(v []byte) bool {
	if len(v) != 14 || !digits(v[:13]) || !letters(v[13:]) || isOneOf(v[13], "IOZ") {
		return false
	}
	return date(2000+number(v[7:9]), number(v[5:7]), number(v[3:5])) && string(v[:3]) != "000"
}

// CostaRicaCompany checks the class of a company number of Costa Rica
// (Registro Nacional): 2-100 to 2-400, 3-002 to 3-014 and 3-101 to 3-110,
// 4-000, 5-001, then six digits.
func CostaRicaCompany(v []byte) bool {
	if len(v) != 10 || !digits(v) {
		return false
	}
	switch n := number(v[:4]); {
	case n == 2100, n == 2200, n == 2300, n == 2400, n == 4000, n == 5001:
		return true
	case n >= 3002 && n <= 3014, n >= 3101 && n <= 3110:
		return true
	}
	return false
}
