package check

// PortugalNIF checks a Portuguese tax number: first digit 1 to 3, 5, 6, 8 or 9,
// or 45, 70 to 79; weights 9 to 2 modulo 11 (Autoridade Tributária; Decreto-Lei
// 14/2013).
func PortugalNIF(v []byte) bool {
	if len(v) != 9 || !digits(v) || v[0] == '0' || v[0] == '4' && v[1] != '5' {
		return false
	}
	return (11-weighted(v, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11%10 == value(v[8])
}

// CartaoCidadao checks the document number of a Portuguese citizen card: eight
// digits, a check digit, two characters of the version, a check digit; letters
// count 10 to 35, every second doubled, modulo 10 (AMA, Número de documento do
// Cartão de Cidadão).
func CartaoCidadao(v []byte) bool {
	if len(v) != 12 || !digits(v[:9]) || !alnum(v[9:11]) || !digits(v[11:]) {
		return false
	}
	sum := 0
	for i, c := range v {
		n := value(c)
		if i%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// NISS checks a Portuguese social security number: 1 (persons) or 2, weights of
// primes from 29 down to 2, 9 less the rest by 10 (Segurança Social).
func NISS(v []byte) bool {
	if len(v) != 11 || !digits(v) || !isOneOf(v[0], "12") {
		return false
	}
	return 9-weighted(v, 29, 23, 19, 17, 13, 11, 7, 5, 3, 2)%10 == value(v[10])
}

// NIB checks a Portuguese account: bank, branch, account, key modulo 97-10
// (Banco de Portugal).
func NIB(v []byte) bool {
	return len(v) == 21 && digits(v) && mod97(v) == 1 && number(v[:4]) > 0
}
