package check

import "strings"

// NRIC checks a Singaporean identity card or a foreigner's number: S T for
// citizens and residents, F G M for others, seven digits, a letter by modulo 11
// (Immigration and Checkpoints Authority).
func NRIC(v []byte) bool {
	if len(v) != 9 || !digits(v[1:8]) {
		return false
	}
	sum := weighted(v[1:8], 2, 7, 6, 5, 4, 3, 2)
	switch v[0] {
	case 'S':
		return v[8] == "JZIHGFEDCBA"[sum%11]
	case 'T':
		return v[8] == "JZIHGFEDCBA"[(sum+4)%11]
	case 'F':
		return v[8] == "XWUTRQPNMLK"[sum%11]
	case 'G':
		return v[8] == "XWUTRQPNMLK"[(sum+4)%11]
	case 'M':
		return v[8] == "XWUTRQPNJLK"[(sum+3)%11]
	}
	return false
}

// UEN checks a Singaporean entity number in its three forms: businesses,
// companies with a year, other bodies with R S T, year and kind (Accounting and
// Corporate Regulatory Authority).
func UEN(v []byte) bool {
	switch {
	case len(v) == 9 && digits(v[:8]):
		return v[8] == "XMKECAWLJDB"[weighted(v[:8], 10, 4, 9, 3, 8, 2, 7, 1)%11]
	case len(v) == 10 && digits(v[:9]):
		return between(number(v[:4]), 1800, lastYear) && v[9] == "ZKCMDNERGWH"[weighted(v[:9], 10, 8, 6, 4, 9, 7, 5, 3, 1)%11]
	case len(v) == 10:
		return otherEntity(v)
	}
	return false
}

// entityKinds are the letters of other bodies, two each.
const entityKinds = "CCCDCHCLCMCPCSCXDPFBFCFMFNGAGBGSHSLLLPMBMCMDMHMMMQNBNRPAPBPFRFRPSMSSTCTUVHXL"

func otherEntity(v []byte) bool {
	const chars = "ABCDEFGHJKLMNPQRSTUVWX0123456789"
	if v[0] < 'R' || v[0] > 'T' || !digits(v[1:3]) || !digits(v[5:9]) || v[0] == 'T' && 2000+number(v[1:3]) > lastYear || !pair(entityKinds, v[3:5]) {
		return false
	}
	sum := -5 // the first letter alone makes it positive
	for i, w := range [...]int{4, 3, 5, 3, 10, 2, 2, 5, 7} {
		sum += w * strings.IndexByte(chars, v[i])
	}
	return v[9] == chars[sum%11]
}
