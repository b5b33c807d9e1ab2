package check

// turns is the permutation of Verhoeff's rule, applied as often as a digit's
// place from the right says, modulo 8.
var turns = [8][10]byte{
	{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
	{1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
	{5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
	{8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
	{9, 4, 5, 3, 1, 2, 6, 8, 7, 0},
	{4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
	{2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
	{7, 0, 4, 6, 9, 1, 3, 2, 5, 8},
}

// verhoeff checks the last digit by the rule of Jacobus Verhoeff (Error
// Detecting Decimal Codes, 1969): digits alone.
func verhoeff(v []byte) bool {
	if len(v) < 2 || !digits(v) {
		return false
	}
	var c byte
	for i := range v {
		c = compose(c, turns[i%8][v[len(v)-1-i]-'0'])
	}
	return c == 0
}

// compose multiplies in the group of the symmetries of a pentagon: 0 to 4 are
// turns, 5 to 9 reflections.
func compose(a, b byte) byte {
	switch {
	case a < 5 && b < 5:
		return (a + b) % 5
	case a < 5:
		return 5 + (a+b-5)%5
	case b < 5:
		return 5 + (a-b)%5
	}
	return (a + 5 - b) % 5
}
