package check

import "strings"

// CURP checks a Mexican population registry code: initials, date of birth,
// sex, state, consonants, a digit for births before 2000 and a letter after,
// check digit modulo 10 (RENAPO, rules for assigning the CURP, DOF 18/10/2021).
func CURP(v []byte) bool {
	if len(v) != 18 || !letters(v[:4]) || !letters(v[10:16]) || !alnum(v[16:17]) || !digits(v[17:]) || !digits(v[4:10]) {
		return false
	}
	century := 1900
	if v[16] > '9' {
		century = 2000
	}
	if !date(century+number(v[4:6]), number(v[6:8]), number(v[8:10])) || !isOneOf(v[10], "HMX") || !mexicanState(v[11:13]) {
		return false
	}
	for _, c := range v[13:16] {
		if isOneOf(c, "AEIOU") {
			return false
		}
	}
	sum := 0
	for i, c := range v[:17] {
		sum += gapAfterN(c) * (18 - i)
	}
	return (10-sum%10)%10 == value(v[17])
}

// gapAfterN gives the value of c where a character stands between N and O: Ñ in
// the CURP, & in the RFC.
func gapAfterN(c byte) int {
	if c > 'N' {
		return value(c) + 1
	}
	return value(c)
}

// mexicanState reports the two letters of a state, or NE for births abroad.
func mexicanState(v []byte) bool {
	const states = "AS BC BS CC CL CM CS CH DF CX DG GT GR HG JC MC MN MS NT NL OC PL QT QR SP SL SR TC TS TL VZ YN ZS NE"
	return strings.Contains(states, string(v))
}

// RFC checks a Mexican taxpayer number: three letters of a company or four of
// a person, date, two characters against doubles and a check digit modulo 11
// (SAT, Código Fiscal de la Federación art. 27, and its annexes).
func RFC(v []byte) bool {
	if !RFCDate(v) {
		return false
	}
	sum, weight := 0, len(v)
	if len(v) == 12 {
		sum, weight = 37*13, 12 // a space stands in front of companies
	}
	for i, c := range v[:len(v)-1] {
		sum += gapAfterN(c) * (weight - i)
	}
	switch r := sum % 11; r {
	case 0:
		return v[len(v)-1] == '0'
	case 1:
		return v[len(v)-1] == 'A'
	default:
		return value(v[len(v)-1]) == 11-r
	}
}

// RFCDate checks a taxpayer number without its check digit, which the tax
// office left wrong in numbers that are in use.
func RFCDate(v []byte) bool {
	if len(v) != 12 && len(v) != 13 {
		return false
	}
	n := len(v) - 9
	return letters(v[:n]) && yymmdd(v[n:n+6]) && alnum(v[n+6:]) && isOneOf(v[len(v)-1], "0123456789A")
}

// NSS checks a number of the Mexican social security: office, year of entry,
// year of birth, serial, Luhn digit (IMSS).
func NSS(v []byte) bool {
	return len(v) == 11 && Luhn(v) && string(v[:2]) != "00"
}

// ClaveElector checks date, state and sex in the key of a Mexican voter's card:
// six consonants of the name, date, state 01 to 33 (88 abroad), H or M, three
// digits (INE).
func ClaveElector(v []byte) bool {
	if len(v) != 18 || !letters(v[:6]) || !yymmdd(v[6:12]) || !digits(v[12:14]) || !digits(v[15:]) {
		return false
	}
	state := number(v[12:14])
	return isOneOf(v[14], "HM") && (state >= 1 && state <= 33 || state == 87 || state == 88)
}

// CLABE checks a Mexican account number: a bank that takes part in the clearing
// (banks 002 to 168, others 600 to 799, 901, 902), a place, weights 3, 7, 1
// modulo 10 (Asociación de Bancos de México; Banco de México, Circular 14/2017).
func CLABE(v []byte) bool {
	if len(v) != 18 || !digits(v) {
		return false
	}
	sum := 0
	for i, c := range v[:17] {
		sum += value(c) * [3]int{3, 7, 1}[i%3] % 10
	}
	bank := number(v[:3])
	return (10-sum%10)%10 == value(v[17]) && number(v[3:6]) > 0 &&
		(bank >= 2 && bank <= 168 || bank >= 600 && bank < 800 || bank == 901 || bank == 902)
}
