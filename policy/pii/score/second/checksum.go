package second

import (
	"strconv"
	"strings"
)

// The functions here make check digits; none tests one. They are written from
// the published rules for this set alone.

func digit(c byte) int { return int(c - '0') }

func str(n int) string { return strconv.Itoa(n) }

// weighted is the sum of digits times weights.
func weighted(s string, weights ...int) int {
	sum := 0
	for i, w := range weights {
		sum += digit(s[i]) * w
	}
	return sum
}

// luhn appends the digit of ISO/IEC 7812-1 annex B.
func luhn(s string) string {
	sum := 0
	for i := range len(s) {
		n := digit(s[len(s)-1-i])
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return s + str((10-sum%10)%10)
}

// rest97 is a number of any length modulo 97.
func rest97(s string) int {
	r := 0
	for i := range len(s) {
		r = (r*10 + digit(s[i])) % 97
	}
	return r
}

// two writes a number with two digits.
func two(n int) string {
	if n < 10 {
		return "0" + str(n)
	}
	return str(n)
}

// iso1110 appends the digit of ISO 7064 mod 11,10.
func iso1110(s string) string {
	p := 10
	for i := range len(s) {
		if p = (p + digit(s[i])) % 10; p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return s + str((11-p)%10)
}

// verhoeff appends the check digit of Verhoeff's dihedral code, from the group
// law itself: rotations are 0-4, reflections 5-9.
func verhoeff(s string) string {
	times := func(a, b int) int {
		switch {
		case a < 5 && b < 5:
			return (a + b) % 5
		case a < 5:
			return 5 + (a+b-5)%5
		case b < 5:
			return 5 + (a-5-b+5)%5
		}
		return (a - b + 5) % 5
	}
	permute := [10]int{1, 5, 7, 6, 2, 8, 3, 0, 9, 4}
	c := 0
	for i := range len(s) {
		n := digit(s[len(s)-1-i])
		for range (i + 1) % 8 {
			n = permute[n]
		}
		c = times(c, n)
	}
	for x := range 10 {
		if times(c, x) == 0 {
			return s + str(x)
		}
	}
	return s
}

// ean appends the digit of EAN-13.
func ean(s string) string {
	sum := 0
	for i := range len(s) {
		sum += digit(s[i]) * (1 + 2*(i%2))
	}
	return s + str((10-sum%10)%10)
}

// letterValue is 10 for A to 35 for Z, digits as they are.
func letterValue(c byte) int {
	if c >= 'A' {
		return int(c-'A') + 10
	}
	return digit(c)
}

// iban puts the check digits of ISO 13616 before a domestic account.
func iban(country, bban string) string {
	var b strings.Builder
	for _, c := range []byte(bban + country + "00") {
		b.WriteString(str(letterValue(c)))
	}
	return country + two(98-rest97(b.String())) + bban
}

// mrzDigit is the check digit of ICAO 9303: weights 7, 3, 1.
func mrzDigit(s string) string {
	sum := 0
	for i := range len(s) {
		n := 0
		if s[i] != '<' {
			n = letterValue(s[i])
		}
		sum += n * [3]int{7, 3, 1}[i%3]
	}
	return str(sum % 10)
}
