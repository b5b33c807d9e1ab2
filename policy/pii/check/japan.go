package check

// MyNumber checks the Japanese individual number: 12 digits, modulo 11
// (Ordinance of the Ministry of Internal Affairs 85/2014, article 5).
func MyNumber(v []byte) bool {
	if len(v) != 12 || !digits(v) || same(v) {
		return false
	}
	r := weighted(v[:11], 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2) % 11
	if r <= 1 {
		return v[11] == '0'
	}
	return value(v[11]) == 11-r
}

// JapaneseCompany checks a corporate number: a check digit and twelve more,
// modulo 9 (Ordinance of the Ministry of Finance 70/2014). Invoice numbers
// write a T before it.
func JapaneseCompany(v []byte) bool {
	if len(v) == 14 && v[0] == 'T' {
		v = v[1:]
	}
	return len(v) == 13 && digits(v) && !same(v) &&
		value(v[0]) == 9-weighted(v[1:], 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)%9
}
