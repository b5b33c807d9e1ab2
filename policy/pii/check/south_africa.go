package check

// SouthAfricanID checks an identity number: date of birth, four digits for sex
// and order, 0 to 2 for citizen, resident and refugee, a digit without meaning,
// Luhn (Identification Act 68/1997, Department of Home Affairs).
func SouthAfricanID(v []byte) bool {
	return len(v) == 13 && digits(v) && yymmdd(v[:6]) && v[10] <= '2' && Luhn(v)
}

// SouthAfricanTax checks an income tax reference: ten digits from 0, 1, 2, 3
// or 9, Luhn (South African Revenue Service).
func SouthAfricanTax(v []byte) bool {
	return len(v) == 10 && Luhn(v) && (v[0] <= '3' || v[0] == '9')
}

// SouthAfricanVAT checks a value added tax number: ten digits from 4, Luhn
// (South African Revenue Service).
func SouthAfricanVAT(v []byte) bool { return len(v) == 10 && Luhn(v) && v[0] == '4' }

// SouthAfricanCompany checks a registration number: year, six digits, two for
// the kind (Companies and Intellectual Property Commission).
func SouthAfricanCompany(v []byte) bool {
	return len(v) == 12 && digits(v) && between(number(v[:4]), 1880, lastYear) &&
		pair("060708091011121421222324252630", v[10:])
}
