package check

// IRD checks a New Zealand tax number of eight or nine digits, 10 to 150
// million: modulo 11, with other weights where the first give ten (Inland
// Revenue, RWT and NRWT specification).
func IRD(v []byte) bool {
	if len(v) != 8 && len(v) != 9 || !digits(v) || !between(number(v), 10_000_001, 149_999_999) {
		return false
	}
	base := v[:len(v)-1]
	first, second := []int{3, 2, 7, 6, 5, 4, 3, 2}, []int{7, 4, 3, 2, 5, 2, 7, 6}
	skip := 8 - len(base)
	check := (11 - weighted(base, first[skip:]...)%11) % 11
	if check == 10 {
		check = (11 - weighted(base, second[skip:]...)%11) % 11
	}
	return value(v[len(v)-1]) == check
}

// NHI checks a New Zealand health index number: three letters, three digits
// and a digit modulo 11, or two digits, a letter and a letter modulo 23; I and
// O are not used (HISO 10046:2023).
func NHI(v []byte) bool {
	if len(v) != 7 || !letters(v[:3]) || !digits(v[3:5]) || !alnum(v[5:]) {
		return false
	}
	sum := 0
	for i, c := range v[:6] {
		n := nhiValue(c)
		if n < 0 {
			return false
		}
		sum += n * (7 - i)
	}
	if digits(v[5:]) {
		return sum%11 != 0 && value(v[6]) == (11-sum%11)%10
	}
	return letters(v[5:]) && nhiValue(v[6]) == 23-sum%23
}

// nhiValue gives 1 to 24 for letters without I and O, digits as they are, -1
// for the rest.
func nhiValue(c byte) int {
	switch {
	case c <= '9':
		return value(c)
	case c == 'I' || c == 'O':
		return -1
	}
	n := int(c-'A') + 1
	if c > 'I' {
		n--
	}
	if c > 'O' {
		n--
	}
	return n
}

// EAN checks the last digit of a GS1 number: weights 3 and 1 in turn from the
// right, modulo 10 (GS1 General Specifications, 7.9).
func EAN(v []byte) bool {
	sum := 0
	for i := range v {
		sum += value(v[len(v)-1-i]) * (1 + 2*(i%2))
	}
	return len(v) > 1 && digits(v) && sum%10 == 0
}
