package check

// SIN checks a Canadian social insurance number: Luhn, first digit not 8
// (businesses); 0 begins the tax numbers of those who have no SIN (Service Canada;
// CRA, Individual tax numbers).
func SIN(v []byte) bool {
	return len(v) == 9 && Luhn(v) && v[0] != '8'
}

// CanadaBN checks a business number: Luhn over nine digits; a program of two
// letters and a reference of four digits may follow (CRA, RC2).
func CanadaBN(v []byte) bool {
	switch len(v) {
	case 9:
		return Luhn(v)
	case 15:
		return Luhn(v[:9]) && v[9] == 'R' && letters(v[10:11]) && digits(v[11:]) && string(v[11:]) != "0000"
	}
	return false
}

// OHIP checks an Ontario health number: Luhn over ten digits, the first not 0,
// and a version of two letters that may follow (Ontario Ministry of Health,
// Health card validation).
func OHIP(v []byte) bool {
	return (len(v) == 10 || len(v) == 12) && v[0] != '0' && Luhn(v[:10]) && letters(v[10:])
}

// PHN checks a personal health number of British Columbia: 9, then eight
// digits with weights 2, 4, 8, 5, 10, 9, 7, 3 modulo 11 (BC Ministry of Health).
func PHN(v []byte) bool {
	if len(v) != 10 || !digits(v) || v[0] != '9' {
		return false
	}
	return (11-weighted(v[1:9], 2, 4, 8, 5, 10, 9, 7, 3)%11)%11 == value(v[9])
}

// RAMQ checks the date in a health insurance number of Quebec: four letters of
// the name, year, month (50 more for women), day, two digits (RAMQ).
func RAMQ(v []byte) bool {
	if len(v) != 12 || !letters(v[:4]) || !digits(v[4:]) {
		return false
	}
	return date(2000+number(v[4:6]), number(v[6:8])%50, number(v[8:10])) && number(v[6:8]) < 63
}

// OntarioLicence checks the date in a driving licence of Ontario: a letter,
// nine digits, year, month (50 more for women), day (Ontario, O. Reg. 340/94).
func OntarioLicence(v []byte) bool {
	if len(v) != 15 || !letters(v[:1]) || !digits(v[1:]) {
		return false
	}
	return date(2000+number(v[9:11]), number(v[11:13])%50, number(v[13:])) && number(v[11:13]) < 63
}
