package check

// ColombiaNIT checks a tax number of Colombia: eight to ten digits, prime
// weights from the right modulo 11 (DIAN, Orden Administrativa 4/1989).
func ColombiaNIT(v []byte) bool {
	n := len(v) - 1
	if n < 8 || n > 10 || !digits(v) {
		return false
	}
	r := fromRight(v[:n], 3, 7, 13, 17, 19, 23, 29, 37, 41, 43) % 11
	if r > 1 {
		r = 11 - r
	}
	return r == value(v[n])
}

// PeruRUC checks a tax number of Peru: 10, 15, 16 or 17 for persons, 20 for
// companies, weights 5, 4, 3, 2, 7 to 2 modulo 11 (SUNAT).
func PeruRUC(v []byte) bool {
	if len(v) != 11 || !digits(v) {
		return false
	}
	switch number(v[:2]) {
	case 10, 15, 16, 17, 20:
		return (11-weighted(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11)%10 == value(v[10])
	}
	return false
}

// PeruDNI checks an identity number of Peru with its check character, a digit
// or a letter (RENIEC, Código Único de Identificación).
func PeruDNI(v []byte) bool {
	if len(v) != 9 || !digits(v[:8]) {
		return false
	}
	r := weighted(v, 3, 2, 7, 6, 5, 4, 3, 2) % 11
	return v[8] == "65432110987"[r] || v[8] == "KJIHGFEDCBA"[r]
}

// EcuadorCI checks an identity number of Ecuador: province 01 to 24, 30 or 50
// (abroad), third digit to 6, Luhn (Registro Civil).
func EcuadorCI(v []byte) bool {
	return len(v) == 10 && Luhn(v) && ecuadorProvince(v) && v[2] <= '6'
}

func ecuadorProvince(v []byte) bool {
	p := number(v[:2])
	return p >= 1 && p <= 24 || p == 30 || p == 50
}

// EcuadorRUC checks a tax number of Ecuador: an identity number, a public body
// (third digit 6, or 9) or a company (9), both with weights modulo 11, then an
// establishment that is not zero (SRI).
func EcuadorRUC(v []byte) bool {
	if len(v) != 13 || !digits(v) || !ecuadorProvince(v) {
		return false
	}
	public := (v[2] == '6' || v[2] == '9') && weighted(v, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	company := v[2] == '9' && weighted(v, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
	return public && number(v[9:]) > 0 || number(v[10:]) > 0 && (company || EcuadorCI(v[:10]))
}

// RIF checks a tax number of Venezuela: V, E, J, P, G or C and eight digits,
// weights 3, 2, 7 to 2 modulo 11, the letter counting 4 to 20, C as J (SENIAT).
func RIF(v []byte) bool {
	if len(v) != 10 || !digits(v[1:]) {
		return false
	}
	sum := weighted(v[1:], 3, 2, 7, 6, 5, 4, 3, 2)
	switch v[0] {
	case 'V':
		sum += 4
	case 'E':
		sum += 8
	case 'J', 'C':
		sum += 12
	case 'P':
		sum += 16
	case 'G':
		sum += 20
	default:
		return false
	}
	r := 11 - sum%11
	return r%11 == value(v[9]) || r == 10 && v[9] == '0'
}

// VenezuelaAccount checks the bank of an account number of Venezuela: 20 digits
// that begin with one of the banks of SUDEBAN's list, 0102 to 0191, or 0001.
func VenezuelaAccount(v []byte) bool {
	if len(v) != 20 || !digits(v) || number(v[10:]) == 0 {
		return false
	}
	bank := number(v[:4])
	return bank >= 102 && bank <= 191 || bank == 1
}
