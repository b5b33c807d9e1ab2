package check

import "strings"

// HKID checks a Hong Kong identity card: one or two letters, six digits, a
// check digit or A for ten, modulo 11 with a blank before a single letter
// (Immigration Department).
func HKID(v []byte) bool {
	sum := 0
	switch len(v) {
	case 8:
		sum = 9 * 36
	case 9:
		sum = 9 * value(v[0])
	default:
		return false
	}
	n := len(v)
	if !letters(v[:n-7]) || !digits(v[n-7:n-1]) || v[n-1] > 'A' || !alnum(v[n-1:]) {
		return false
	}
	return (sum+weighted(v[n-8:], 8, 7, 6, 5, 4, 3, 2, 1))%11 == 0
}

// places are the letters of Taiwan's identity numbers in the order of their
// values, from 10.
const places = "ABCDEFGHJKLMNPQRSTUVXYWZIO"

// TaiwanID checks a citizen's or, with 8 or 9 behind the letter, a resident
// foreigner's number; until 2021 the latter had a second letter A to D
// (National Immigration Agency; Household Registration Act).
func TaiwanID(v []byte) bool {
	if len(v) != 10 || !letters(v[:1]) || !digits(v[2:]) {
		return false
	}
	place := 10 + strings.IndexByte(places, v[0])
	second := 0
	switch c := v[1]; {
	case c == '1' || c == '2' || c == '8' || c == '9':
		second = value(c)
	case c >= 'A' && c <= 'D':
		second = value(c) % 10
	default:
		return false
	}
	return (place/10+place%10*9+second*8+weighted(v[2:], 7, 6, 5, 4, 3, 2, 1, 1))%10 == 0
}

// TaiwanBusiness checks a unified business number: products of 1 2 1 2 1 2 4 1
// added digit by digit, divisible by 5; a 7 at the seventh place may count one
// less (Ministry of Finance, rule in force since April 2023).
func TaiwanBusiness(v []byte) bool {
	if len(v) != 8 || !digits(v) || same(v) && v[0] == '0' {
		return false
	}
	sum := 0
	for i, w := range [...]int{1, 2, 1, 2, 1, 2, 4, 1} {
		p := value(v[i]) * w
		sum += p/10 + p%10
	}
	return sum%5 == 0 || v[6] == '7' && (sum+1)%5 == 0
}
