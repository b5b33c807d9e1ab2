package check

import "strings"

// KenyanPIN checks a tax number: A for persons or P for others, nine digits, a
// letter without a public rule (Kenya Revenue Authority).
func KenyanPIN(v []byte) bool {
	return len(v) == 11 && (v[0] == 'A' || v[0] == 'P') && digits(v[1:10]) && letters(v[10:])
}

// GhanaTIN checks a tax number given out before the national card took its
// place: a letter for the kind of payer, 00, seven digits, modulo 11 (Ghana
// Revenue Authority).
func GhanaTIN(v []byte) bool {
	if len(v) != 11 || strings.IndexByte("PCGQV", v[0]) < 0 || v[1] != '0' || v[2] != '0' || !digits(v[1:10]) {
		return false
	}
	r := weighted(v[1:10], 1, 2, 3, 4, 5, 6, 7, 8, 9) % 11
	return r == 10 && v[10] == 'X' || r < 10 && v[10] == byte('0'+r)
}

// TanzanianID checks a national number: date of birth, post code, serial, two
// digits (National Identification Authority).
func TanzanianID(v []byte) bool { return len(v) == 20 && digits(v) && yyyymmdd(v[:8]) }

// UgandanNIN checks a national number: C for citizens or A for aliens, sex,
// two digits of the year of birth, ten letters or digits (National
// Identification and Registration Authority).
func UgandanNIN(v []byte) bool {
	return len(v) == 14 && (v[0] == 'C' || v[0] == 'A') && (v[1] == 'M' || v[1] == 'F') &&
		digits(v[2:8]) && alnum(v[8:])
}

// RwandanID checks a national number: kind of holder 1 to 3, year of birth, 7
// or 8 for sex, order of birth, issue, two digits (National Identification
// Agency).
func RwandanID(v []byte) bool {
	return len(v) == 16 && digits(v) && v[0] >= '1' && v[0] <= '3' && bornIn(v[1:5]) && (v[5] == '7' || v[5] == '8')
}

// ZimbabweanID checks a national registration number: office, six or seven
// digits, a letter modulo 23 of all of these, district of origin (Registrar
// General).
func ZimbabweanID(v []byte) bool {
	n := len(v)
	if n != 11 && n != 12 || !digits(v[:n-3]) || !digits(v[n-2:]) {
		return false
	}
	return v[n-3] == "ZABCDEFGHJKLMNPQRSTVWXY"[number(v[:n-3])%23]
}

// MauritianID checks a national identity number: letter of the surname, date
// of birth, six digits, a check character modulo 17 (Mauritius National
// Identity Scheme).
func MauritianID(v []byte) bool {
	if len(v) != 14 || !letters(v[:1]) || !digits(v[1:13]) || !alnum(v[13:]) {
		return false
	}
	sum := weighted(v[:13], 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2)
	return date(2000+number(v[5:7]), number(v[3:5]), number(v[1:3])) && value(v[13]) == (17-sum%17)%17
}

// MozambicanTax checks a NUIT: nine digits, weights 8 9 4 5 6 7 8 9, modulo 11
// (Autoridade Tributária de Moçambique).
func MozambicanTax(v []byte) bool {
	if len(v) != 9 || !digits(v) || same(v) {
		return false
	}
	return v[8] == "01234567891"[weighted(v[:8], 8, 9, 4, 5, 6, 7, 8, 9)%11]
}

// SenegaleseTax checks a NINEA: seven or nine digits with weights 1 and 2 in
// turn modulo 10, and perhaps three characters of the tax regime (Agence
// nationale de la statistique).
func SenegaleseTax(v []byte) bool {
	n := len(v)
	if n == 10 || n == 12 {
		n -= 3
		if v[n] > '2' || v[n] < '0' || strings.IndexByte("ABCDEFGHJKLMNPQRSTUVWZ", v[n+1]) < 0 || !digits(v[n+2:]) {
			return false
		}
	}
	return (n == 7 || n == 9) && digits(v[:n]) && number(v[:n]) > 0 && weighted(v[:n], 1, 2, 1, 2, 1, 2, 1, 2, 1)%10 == 0
}

// GuineanTax checks a NIFP: nine digits by Luhn's rule (Direction nationale
// des impôts).
func GuineanTax(v []byte) bool { return len(v) == 9 && Luhn(v) && !same(v) }

// ZambianNRC checks a national registration card: six digits, district 10 to
// 99, 1 to 3 for citizens and others (National Registration Act, cap. 126).
func ZambianNRC(v []byte) bool {
	return len(v) == 9 && digits(v) && v[6] >= '1' && v[8] >= '1' && v[8] <= '3'
}

// Omang checks a Botswanan identity number: nine digits, the fifth 1 for men
// or 2 for women (National Registration Act).
func Omang(v []byte) bool { return len(v) == 9 && digits(v) && (v[4] == '1' || v[4] == '2') }

// NamibianID checks an identity number: date of birth and five digits
// (Ministry of Home Affairs).
func NamibianID(v []byte) bool { return len(v) == 11 && digits(v) && yymmdd(v[:6]) }
