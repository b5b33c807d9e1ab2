package check

import (
	"bytes"
	"strings"
)

// CodiceFiscale checks an Italian tax code of a person: six letters of the
// name, year, letter of the month, day (40 more for women), place, check
// letter. Letters may stand for digits where two persons would share a code
// (Decreto del Ministero delle Finanze 23/12/1976).
func CodiceFiscale(v []byte) bool {
	if len(v) != 16 || !alnum(v) || !letters(v[:6]) || !letters(v[11:12]) || !letters(v[15:]) {
		return false
	}
	var d [7]int // year, day, place
	for i, at := range [7]int{6, 7, 9, 10, 12, 13, 14} {
		if d[i] = codiceDigit(v[at]); d[i] < 0 {
			return false
		}
	}
	month := strings.IndexByte("ABCDEHLMPRST", v[8]) + 1
	return date(2000+d[0]*10+d[1], month, (d[2]*10+d[3])%40) && d[2] < 8 && codiceSum(v[:15]) == int(v[15]-'A')
}

// codiceDigit reads a digit or the letter that stands for it, -1 for others.
func codiceDigit(c byte) int {
	if c <= '9' {
		return int(c - '0')
	}
	return strings.IndexByte("LMNPQRSTUV", c)
}

// codiceSum adds characters modulo 26: those in even places count as they
// stand, those in odd places, the first being odd, by the decree's table.
func codiceSum(v []byte) int {
	odd := [26]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21, 2, 4, 18, 20, 11, 3, 6, 8, 12, 14, 16, 10, 22, 25, 24, 23}
	sum := 0
	for i, c := range v {
		n := value(c)
		if n > 9 {
			n -= 10
		}
		if i%2 == 0 {
			n = odd[n]
		}
		sum += n
	}
	return sum % 26
}

// PartitaIVA checks an Italian VAT number: seven digits, office 001 to 100, 120,
// 121, 888 or 999, Luhn; IT may stand in front (DPR 633/1972 art. 35; Agenzia
// delle Entrate).
func PartitaIVA(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("IT"))
	if len(v) != 11 || !Luhn(v) || number(v[:7]) == 0 {
		return false
	}
	switch office := number(v[7:10]); office {
	case 120, 121, 888, 999:
		return true
	default:
		return office >= 1 && office <= 100
	}
}
