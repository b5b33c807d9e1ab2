package check

// value gives 0 to 9 for digits and 10 to 35 for upper case letters, as most
// published rules do; 0 for anything else.
func value(c byte) int { return int(values[c]) }

var values = func() (t [256]uint8) {
	for i, c := range []byte("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") {
		t[c] = uint8(i)
	}
	return t
}()

// weighted adds the values of v times the weights, up to the shorter of both.
// Remainders, complements and forbidden results differ by rule, so they stand
// with each check.
func weighted(v []byte, weights ...int) int {
	sum := 0
	for i := range min(len(v), len(weights)) {
		sum += value(v[i]) * weights[i]
	}
	return sum
}

// fromRight adds the values of v times the weights, which begin at the last
// place and begin again when they are used up.
func fromRight(v []byte, weights ...int) int {
	sum := 0
	for i := range v {
		sum += value(v[len(v)-1-i]) * weights[i%len(weights)]
	}
	return sum
}
