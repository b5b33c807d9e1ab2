package check

// RodneCislo checks a Czech or Slovak birth number: date of birth with the
// month higher by 50 for women and by 20 more where a day ran out of numbers
// (since 2004), serial number. Ten digits divide by 11, until 1985 a remainder
// of 10 was written 0; nine digits were given until 1953 and have no check
// (Act 133/2000 Sb.; 301/1995 Z. z.).
func RodneCislo(v []byte) bool {
	if len(v) != 9 && len(v) != 10 || !digits(v) {
		return false
	}
	year := 1900 + number(v[:2])
	if len(v) == 10 && year < 1954 {
		year += 100
	}
	month := number(v[2:4]) % 50
	if month > 20 && year >= 2004 {
		month -= 20
	}
	if !date(year, month, number(v[4:6])) {
		return false
	}
	if len(v) == 9 {
		return year <= 1953 && string(v[6:]) != "000"
	}
	return number(v)%11 == 0 || year <= 1985 && number(v[:9])%11 == 10 && v[9] == '0'
}

// ICO checks a Czech or Slovak business number, eight digits modulo 11 (ČSÚ;
// ŠÚ SR).
func ICO(v []byte) bool {
	if len(v) != 8 || !digits(v) || same(v) {
		return false
	}
	return digit(v[7], (11-weighted(v, 8, 7, 6, 5, 4, 3, 2)%11)%10)
}

// CzechVAT checks CZ and a business number, a birth number, or a number of
// nine digits that begins with 6 (Finanční správa).
func CzechVAT(v []byte) bool {
	if len(v) < 2 || string(v[:2]) != "CZ" {
		return false
	}
	switch v = v[2:]; {
	case len(v) == 8:
		return v[0] != '9' && ICO(v)
	case len(v) == 9 && v[0] == '6' && digits(v):
		rest := weighted(v[1:], 8, 7, 6, 5, 4, 3, 2) % 11
		return digit(v[8], (8-(10-rest+11)%11+10)%10)
	}
	return RodneCislo(v)
}

// SlovakVAT checks SK and ten digits that divide by 11, or a birth number
// (Finančná správa).
func SlovakVAT(v []byte) bool {
	if len(v) != 12 || string(v[:2]) != "SK" || !digits(v[2:]) {
		return false
	}
	switch v[4] {
	case '2', '3', '4', '7', '8', '9':
		return v[2] != '0' && number(v[2:])%11 == 0 || RodneCislo(v[2:])
	}
	return RodneCislo(v[2:])
}

// czechBanks are the codes of payment service providers (ČNB, NBS).
var czechBanks = set(
	100, 300, 600, 710, 800, 2010, 2060, 2070, 2100, 2200, 2220, 2250, 2260, 2275, 2600, 2700, 3030, 3050, 3060, 3500,
	4000, 4300, 5500, 5800, 6000, 6200, 6210, 6300, 6363, 6700, 6800, 7910, 7950, 7960, 7970, 7990, 8030, 8040, 8060,
	8090, 8150, 8190, 8198, 8220, 8250, 8255, 8265, 8500, 8610, 8660,
	200, 720, 900, 1100, 1111, 3000, 3100, 5200, 5600, 5900, 6500, 7300, 7500, 7930, 8100, 8120, 8130, 8160, 8170,
	8180, 8320, 8330, 8360, 8370, 8410, 8420, 8430, 9950, 9952)

// CzechAccount checks an account of up to ten digits and the bank's code of
// four (ČNB, decree 169/2011 Sb.).
func CzechAccount(v []byte) bool { return len(v) >= 6 && len(v) <= 14 && czech(v, 0) }

// CzechAccountPrefixed checks an account with six digits before its ten.
func CzechAccountPrefixed(v []byte) bool { return len(v) == 20 && czech(v, 6) }

// CzechAccountPrefix2 and the others are of shorter prefixes, before ten digits.
func CzechAccountPrefix2(v []byte) bool { return len(v) == 16 && czech(v, 2) }

// CzechAccountPrefix3 is of three digits before ten.
func CzechAccountPrefix3(v []byte) bool { return len(v) == 17 && czech(v, 3) }

// CzechAccountPrefix5 is of five digits before ten.
func CzechAccountPrefix5(v []byte) bool { return len(v) == 19 && czech(v, 5) }

func czech(v []byte, prefix int) bool {
	if !digits(v) {
		return false
	}
	account, bank := v[prefix:len(v)-4], number(v[len(v)-4:])
	return czechBanks[bank] && number(account) > 0 && czechSum(v[:prefix]) == 0 && czechSum(account) == 0
}

// czechSum gives the remainder by 11 with the weights 6, 3, 7, 9, 10, 5, 8, 4,
// 2, 1, counted from the right.
func czechSum(v []byte) int {
	weights := [10]int{1, 2, 4, 8, 5, 10, 9, 7, 3, 6}
	sum := 0
	for i := range min(len(v), 10) {
		sum += value(v[len(v)-1-i]) * weights[i]
	}
	return sum % 11
}

// set makes a set of small numbers.
func set(ns ...int) map[int]bool {
	m := make(map[int]bool, len(ns))
	for _, n := range ns {
		m[n] = true
	}
	return m
}
