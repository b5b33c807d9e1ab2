package check

// TAJ checks a Hungarian social insurance number: nine digits, weights 3 and 7
// (1996. évi XX. törvény).
func TAJ(v []byte) bool {
	return len(v) == 9 && digits(v) && !same(v) && digit(v[8], cyclic(v[:8], 3, 7)%10)
}

// Adoazonosito checks a Hungarian tax identification of a person: 8, the days
// from 1867 to the birth, three digits, modulo 11 (1996. évi XX. törvény). Births
// before 1908 and after 2044 are refused.
func Adoazonosito(v []byte) bool {
	if len(v) != 10 || !digits(v) || v[0] != '8' {
		return false
	}
	if days := number(v[1:6]); days < 15_000 || days > 65_000 {
		return false
	}
	return digit(v[9], weighted(v, 1, 2, 3, 4, 5, 6, 7, 8, 9)%11)
}

// Szemelyi checks a Hungarian personal identifier: sex and century, date of
// birth, serial number, modulo 11 with rising weights for births until 1996 and
// falling ones after (1996. évi XX. törvény, annex).
func Szemelyi(v []byte) bool {
	if len(v) != 11 || !digits(v) || v[0] < '1' || v[0] > '8' || !yymmdd(v[1:7]) {
		return false
	}
	rising := digit(v[10], weighted(v, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10)%11)
	falling := digit(v[10], weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11)
	switch {
	case v[0] > '4':
		return rising || falling
	case v[0] > '2' || number(v[1:3]) > 96:
		return falling
	}
	return rising
}

// Adoszam checks a Hungarian tax number: eight digits with weights 9-7-3-1, a
// digit for the kind of tax, two of the county (NAV).
func Adoszam(v []byte) bool {
	if len(v) != 11 || !digits(v) || same(v[:8]) || v[8] < '1' || v[8] > '5' {
		return false
	}
	county := number(v[9:])
	return cyclic(v[:8], 9, 7, 3, 1)%10 == 0 && (county >= 2 && county <= 44 && county != 21 || county == 51)
}

// HungarianVAT checks HU and the first eight digits of a tax number.
func HungarianVAT(v []byte) bool {
	return len(v) == 10 && string(v[:2]) == "HU" && digits(v[2:]) && number(v[2:]) > 0 && cyclic(v[2:], 9, 7, 3, 1)%10 == 0
}

// HungarianAccount checks two or three groups of eight: the bank's with its
// check digit, the account's with the other, weights 9-7-3-1 (MNB, GIRO).
func HungarianAccount(v []byte) bool {
	if len(v) != 16 && len(v) != 24 || !digits(v) || number(v[:8]) == 0 {
		return false
	}
	return cyclic(v[:8], 9, 7, 3, 1)%10 == 0 && cyclic(v[8:], 9, 7, 3, 1)%10 == 0
}
