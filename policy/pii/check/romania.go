package check

import "bytes"

// CNP checks a Romanian personal code: sex and century, date of birth, county,
// serial number, modulo 11 with 1 for 10 (Legea 105/1996, OUG 97/2005). 7 and 8
// are of residents, 9 of foreigners.
func CNP(v []byte) bool {
	if len(v) != 13 || v[3] > '1' || !digits(v) || v[0] == '0' { // most numbers have no month there
		return false
	}
	if !date(cnpCenturies[v[0]-'0']+number(v[1:3]), number(v[3:5]), number(v[5:7])) || !judet(number(v[7:9])) {
		return false
	}
	rest := weighted(v, 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9) % 11
	if rest == 10 {
		rest = 1
	}
	return digit(v[12], rest)
}

// cnpCenturies are by the first digit of a CNP.
var cnpCenturies = [10]int{1: 1900, 2: 1900, 3: 1800, 4: 1800, 5: 2000, 6: 2000, 7: 1900, 8: 1900, 9: 1900}

// judet reports a county's code; 70 and 80 to 83 are of numbers given without
// regard to the county.
func judet(n int) bool {
	return n >= 1 && n <= 48 || n == 51 || n == 52 || n == 70 || n >= 80 && n <= 83
}

// CUI checks a Romanian tax code of 6 to 10 digits, modulo 11 (ANAF). RO may
// stand before it.
func CUI(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("RO"))
	if len(v) < 6 || len(v) > 10 || !digits(v) || v[0] == '0' {
		return false
	}
	last := len(v) - 1
	weights := [9]int{7, 5, 3, 2, 1, 7, 5, 3, 2}
	return digit(v[last], weighted(v[:last], weights[9-last:]...)*10%11%10)
}

// IDNP checks a Moldovan personal number: 13 digits, 2 first, the last with
// weights 7-3-1 (Hotărârea Guvernului 333/2002).
func IDNP(v []byte) bool {
	return len(v) == 13 && digits(v) && v[0] == '2' && closes731(v)
}
