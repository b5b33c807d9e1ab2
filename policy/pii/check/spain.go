package check

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// DNI checks a Spanish identity number: eight digits and their letter modulo 23
// (Real Decreto 1553/2005).
func DNI(v []byte) bool {
	return len(v) == 9 && digits(v[:8]) && v[8] == dniLetters[number(v[:8])%23]
}

// NIE checks a Spanish number of a foreigner: X, Y or Z counting 0, 1, 2, seven
// digits and their letter modulo 23 (Real Decreto 557/2011; Orden INT/2058/2008).
func NIE(v []byte) bool {
	return len(v) == 9 && isOneOf(v[0], "XYZ") && digits(v[1:8]) && v[8] == dniLetters[(int(v[0]-'X')*10_000_000+number(v[1:8]))%23]
}

// SpainNIF checks a Spanish tax number of persons without DNI: K, L or M,
// seven digits and their letter modulo 23 (Real Decreto 1065/2007 art. 20).
func SpainNIF(v []byte) bool {
	return len(v) == 9 && isOneOf(v[0], "KLM") && digits(v[1:8]) && v[8] == dniLetters[number(v[1:8])%23]
}

// CIF checks a Spanish tax number of an organisation: a letter for its kind,
// seven digits, and a Luhn digit or the letter that stands for it, J for 0 and
// A to I for 1 to 9 (Orden EHA/451/2008).
func CIF(v []byte) bool {
	if len(v) != 9 || !isOneOf(v[0], "ABCDEFGHJNPQRSUVW") || !digits(v[1:8]) {
		return false
	}
	d := [8]byte{7: '0'}
	copy(d[:7], v[1:8])
	n := (10 - luhnSum(d[:])%10) % 10
	return v[8] == byte('0'+n) || v[8] == "JABCDEFGHI"[n]
}

// NUSS checks a Spanish social security number: province, eight digits, both
// together modulo 97; numbers below ten million count as seven digits
// (Tesorería General de la Seguridad Social).
func NUSS(v []byte) bool {
	if len(v) != 12 || !digits(v) {
		return false
	}
	province, n := number(v[:2]), number(v[2:10])
	all := province*100_000_000 + n
	if n < 10_000_000 {
		all = province*10_000_000 + n
	}
	return all%97 == number(v[10:]) && province > 0 && (province <= 53 || province == 66)
}

// CCC checks a Spanish account: bank and branch, then account, each with a
// digit of powers of 2 modulo 11 (Banco de España; CSB).
func CCC(v []byte) bool {
	if len(v) != 20 || !digits(v) || number(v[:4]) == 0 {
		return false
	}
	return value(v[8]) == cccDigit(weighted(v, 4, 8, 5, 10, 9, 7, 3, 6)) &&
		value(v[9]) == cccDigit(weighted(v[10:], 1, 2, 4, 8, 5, 10, 9, 7, 3, 6))
}

func cccDigit(sum int) int {
	r := sum % 11
	if r > 1 {
		return 11 - r
	}
	return r
}
