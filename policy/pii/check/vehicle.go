package check

// vinValues are the values of letters (49 CFR 565.15, table III); I, O and Q
// are not used.
const vinValues = "12345678.12345.7.923456789"

// VIN checks the number of a vehicle (ISO 3779): 17 letters and digits without
// I, O and Q, four digits at the end. Outside North America and China the
// check digit at place 9 is not required, so a number without digit or X there
// passes as well, if letters and digits are mixed as makers do.
func VIN(v []byte) bool {
	if len(v) != 17 || !digits(v[13:]) {
		return false
	}
	sum, letters := 0, 0
	for i, c := range v {
		n := int(c) - '0'
		if c >= 'A' && c <= 'Z' {
			letters++
			if n = int(vinValues[c-'A']) - '0'; n < 0 {
				return false
			}
		} else if c < '0' || c > '9' {
			return false
		}
		sum += n * [17]int{8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2}[i]
	}
	if letters < 3 {
		return false
	}
	want := byte('0' + sum%11)
	if sum%11 == 10 {
		want = 'X'
	}
	return v[8] == want || !northAmerica(v[0]) && v[8] != 'X' && letters >= 4
}

// northAmerica reports the first character of makers in Canada, Mexico, the
// United States and China, whose law demands the check digit.
func northAmerica(c byte) bool { return c >= '1' && c <= '5' || c == 'L' }
