package check

// CNIC checks a Pakistani identity card, also of those abroad: 13 digits, of
// which the first is a province (8: Azad Kashmir) and the last, odd for men
// and even for women, is no zero. There is no check digit (NADRA).
func CNIC(v []byte) bool {
	return len(v) == 13 && digits(v) && v[0] >= '1' && v[0] <= '8' && v[12] != '0'
}

// BangladeshLongID checks the identity number of 17 digits, which begins with
// the year of birth; those of 10 and 13 digits hold nothing to check (Election
// Commission, NID wing).
func BangladeshLongID(v []byte) bool { return len(v) == 17 && digits(v) && bornIn(v[:4]) }

// SriLankaID checks a national identity card: two digits of the year, or four
// since 2016, and the day of it, plus 500 for women; the older ends in V or X
// (Department for Registration of Persons).
func SriLankaID(v []byte) bool {
	switch len(v) {
	case 10:
		return digits(v[:9]) && (v[9] == 'V' || v[9] == 'X') && dayOfYear(v[2:5])
	case 12:
		return digits(v) && bornIn(v[:4]) && dayOfYear(v[4:7])
	}
	return false
}

func dayOfYear(v []byte) bool {
	n := number(v)
	return between(n, 1, 366) || between(n, 501, 866)
}
