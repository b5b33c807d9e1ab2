package check

// INNPerson checks a Russian taxpayer number of a person: 12 digits, two of
// them modulo 11 (FNS, order ED-7-14/559@).
func INNPerson(v []byte) bool {
	return len(v) == 12 && digits(v) && number(v) > 0 &&
		digit(v[10], weighted(v, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10) &&
		digit(v[11], weighted(v, 3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10)
}

// INNCompany checks a Russian taxpayer number of a company: ten digits modulo
// 11.
func INNCompany(v []byte) bool {
	return len(v) == 10 && digits(v) && number(v) > 0 && digit(v[9], weighted(v, 2, 4, 10, 3, 5, 9, 4, 6, 8)%11%10)
}

// SNILS checks a Russian insurance account: nine digits and their sum modulo
// 101, weights 9 to 1; numbers up to 001-001-998 have no rule and are refused
// (PFR, resolution 192p of 2006).
func SNILS(v []byte) bool {
	return len(v) == 11 && digits(v) && number(v[:9]) > 1001998 &&
		weighted(v, 9, 8, 7, 6, 5, 4, 3, 2, 1)%101%100 == number(v[9:])
}

// OGRN checks a Russian state registration number of a company (13 digits,
// modulo 11) or a sole trader (15 digits, modulo 13) (FNS).
func OGRN(v []byte) bool {
	if !digits(v) {
		return false
	}
	switch {
	case len(v) == 13 && v[0] != '0':
		return digit(v[12], number(v[:12])%11%10)
	case len(v) == 15 && (v[0] == '3' || v[0] == '4'):
		return digit(v[14], number(v[:14])%13%10)
	}
	return false
}

// russianAccounts are first digits of accounts that clients hold: companies,
// sole traders, persons, deposits.
var russianAccounts = set(405, 406, 407, 408, 420, 421, 422, 423, 425, 426)

// russianCurrencies are the codes of currencies in accounts; the rouble kept
// 810.
var russianCurrencies = set(810, 643, 840, 978, 156, 826, 756, 392, 398, 933, 944, 417, 784, 949, 51, 356, 344)

// RussianAccount checks kind and currency of an account of 20 digits (Bank of
// Russia, 809-P). Its key needs the bank's code and is not looked at.
func RussianAccount(v []byte) bool {
	return len(v) == 20 && digits(v) && russianAccounts[number(v[:3])] && russianCurrencies[number(v[5:8])]
}
