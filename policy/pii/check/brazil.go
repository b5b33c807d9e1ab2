package check

// CPF checks the two check digits of a Brazilian taxpayer number (modulo 11,
// weights 10 to 2 and 11 to 2); rows of one digit were never issued.
func CPF(v []byte) bool {
	if len(v) != 11 || !digits(v) || same(v) {
		return false
	}
	return v[9] == mod11(v[:9], 10) && v[10] == mod11(v[:10], 11)
}

// mod11 gives the check digit of falling weights from first down to 2, 0 for
// the remainders that have none.
func mod11(v []byte, first int) byte {
	sum := 0
	for i, c := range v {
		sum += int(c-'0') * (first - i)
	}
	if r := sum % 11; r >= 2 {
		return byte('0' + 11 - r)
	}
	return '0'
}
