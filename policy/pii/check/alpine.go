package check

// Sozialversicherung checks an Austrian social insurance number: three digits,
// a check digit modulo 11, the date of birth as DDMMYY. Where a day ran out of
// numbers the month is 13 to 15 (section 31 ASVG, Dachverband).
func Sozialversicherung(v []byte) bool {
	if len(v) != 10 || !digits(v) || v[0] == '0' {
		return false
	}
	if day, month := number(v[4:6]), number(v[6:8]); day < 1 || day > 31 || month < 1 || month > 15 ||
		(month <= 12 && !ddmmyy(v[4:])) {
		return false
	}
	return digit(v[3], weighted(v, 3, 7, 9, 0, 5, 8, 4, 2, 1, 6)%11)
}

// Abgabenkonto checks an Austrian tax number: two digits of the office, six of
// the account, a check digit by Luhn's rule (BMF).
func Abgabenkonto(v []byte) bool {
	return len(v) == 9 && digits(v) && Luhn(v) && number(v[:2]) >= 3 && number(v[:2]) <= 98
}

// AustrianVAT checks ATU and eight digits: seven with every second doubled, and
// what their sum and four lack to tens (BMF, UID-Nummer).
func AustrianVAT(v []byte) bool {
	return len(v) == 11 && string(v[:3]) == "ATU" && digits(v[3:]) && (luhnSum(v[3:10])+value(v[10])+4)%10 == 0
}

// AHV checks a Swiss social security number: 13 digits beginning with 756, the
// last as in GS1 numbers (Art. 50c AHVG, ZAS).
func AHV(v []byte) bool {
	return len(v) == 13 && string(v[:3]) == "756" && ean(v)
}

// SwissUID checks a Swiss business number: CHE and nine digits, modulo 11 (UIDV
// annex, BFS).
func SwissUID(v []byte) bool {
	if len(v) != 12 || string(v[:3]) != "CHE" || !digits(v[3:]) {
		return false
	}
	return digit(v[11], (11-weighted(v[3:], 5, 4, 3, 2, 7, 6, 5, 4)%11)%11)
}

// Postkonto checks a Swiss postal account: two digits, up to six, a check
// digit by the recursive modulus 10 of PostFinance, over the six with leading
// zeros ("Handbuch ESR").
func Postkonto(v []byte) bool {
	table := [10]int{0, 9, 4, 6, 8, 2, 7, 1, 3, 5}
	if len(v) < 4 || len(v) > 9 || !digits(v) || v[0] == '0' && v[1] == '0' {
		return false
	}
	plain := []byte("000000000")
	copy(plain, v[:2])
	copy(plain[11-len(v):], v[2:])
	carry := 0
	for _, c := range plain[:8] {
		carry = table[(carry+value(c))%10]
	}
	return digit(plain[8], (10-carry)%10)
}
