package check

import "strings"

// ResidentID checks a Chinese identity number of 18 characters: province, date
// of birth, MOD 11-2 (GB 11643-1999). Residents from Hong Kong, Macao and
// Taiwan have 81 to 83; foreigners with permanent residence 9 before the
// province.
func ResidentID(v []byte) bool {
	return len(v) == 18 && digits(v[:17]) && yyyymmdd(v[6:14]) &&
		(province(v) || v[0] == '9' && province(v[1:])) && iso11x2(v)
}

// OldResidentID checks the identity number of 15 digits, given out until 1999:
// province and date of birth.
func OldResidentID(v []byte) bool {
	return len(v) == 15 && digits(v) && province(v) && date(1900+number(v[6:8]), number(v[8:10]), number(v[10:12]))
}

// province reports the first two digits of an administrative division (GB/T 2260).
func province(v []byte) bool {
	const last = "0537645" // the highest second digit by the first
	switch {
	case !digits(v[:2]):
		return false
	case v[0] == '8':
		return v[1] >= '1' && v[1] <= '3'
	case v[0] == '7':
		return v[1] == '1'
	case v[0] == '0' || v[0] == '9':
		return false
	}
	return v[1] <= last[v[0]-'0'] && (v[1] >= '1' || v[0] == '5')
}

// creditChars are the characters of the unified social credit identifier.
const creditChars = "0123456789ABCDEFGHJKLMNPQRTUWXY"

// CreditCode checks a unified social credit identifier of a Chinese company or
// body: authority, kind, division, nine characters, modulo 31 (GB 32100-2015).
func CreditCode(v []byte) bool {
	if len(v) != 18 || strings.IndexByte("123456789ANY", v[0]) < 0 || !digits(v[2:8]) ||
		!province(v[2:]) && string(v[2:4]) != "10" {
		return false
	}
	sum, weight := 0, 1
	for _, c := range v[:17] {
		n := strings.IndexByte(creditChars, c)
		if n < 0 {
			return false
		}
		sum += n * weight
		weight = weight * 3 % 31
	}
	last := strings.IndexByte(creditChars, v[17])
	return last >= 0 && (sum+last)%31 == 0
}
