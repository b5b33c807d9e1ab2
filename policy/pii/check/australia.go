package check

// TFN checks an Australian tax file number of nine digits: weights 1 4 3 7 5 8
// 6 9 10, modulo 11 (Australian Taxation Office).
func TFN(v []byte) bool {
	return len(v) == 9 && digits(v) && !same(v) && weighted(v, 1, 4, 3, 7, 5, 8, 6, 9, 10)%11 == 0
}

// ABN checks an Australian business number: 11 digits, one taken from the
// first, modulo 89 (Australian Business Register).
func ABN(v []byte) bool {
	return len(v) == 11 && digits(v) && v[0] != '0' &&
		(weighted(v, 10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19)-10)%89 == 0
}

// ACN checks an Australian company number: nine digits, weights 8 to 1, modulo
// 10 (Corporations Regulations 2001).
func ACN(v []byte) bool {
	return len(v) == 9 && digits(v) && !same(v) && weighted(v, 8, 7, 6, 5, 4, 3, 2, 1, 1)%10 == 0
}

// MedicareCard checks an Australian Medicare number: eight digits from 2 to 6,
// a check digit, the issue, and perhaps the person's line on the card (National
// Health Data Dictionary, METeOR 270101).
func MedicareCard(v []byte) bool {
	if len(v) != 10 && len(v) != 11 || !digits(v) || v[0] < '2' || v[0] > '6' || v[9] == '0' || v[len(v)-1] == '0' {
		return false
	}
	return value(v[8]) == weighted(v[:8], 1, 3, 7, 9, 1, 3, 7, 9)%10
}

// HealthIdentifier checks an Australian healthcare identifier: 16 digits from
// 8003 60 (a person), 61 (a provider) or 62 (an organisation), Luhn (Healthcare
// Identifiers Service).
func HealthIdentifier(v []byte) bool {
	return len(v) == 16 && digits(v) && number(v[:5]) == 80036 && v[5] <= '2' && Luhn(v)
}
