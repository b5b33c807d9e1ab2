package check

// Luhn checks the last digit by modulus 10 with every second digit doubled
// (ISO/IEC 7812-1, annex B). It says nothing about the length.
func Luhn(v []byte) bool {
	return len(v) > 1 && digits(v) && luhnSum(v)%10 == 0
}

// luhnSum adds the digits of v, which are digits, doubling from the second
// last to the left.
func luhnSum(v []byte) int {
	sum := 0
	for i := range v {
		d := int(v[len(v)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
			if d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return sum
}
