package check

// CUIT checks an Argentine tax or labour number: prefixes 20 and 23 to 27 of
// persons, 30, 33 and 34 of companies, 50, 51 and 55 abroad; weights 5, 4, 3,
// 2, 7 to 2 modulo 11 (AFIP, Resolución General 3995/2017).
func CUIT(v []byte) bool {
	if len(v) != 11 || !digits(v) {
		return false
	}
	switch number(v[:2]) {
	case 20, 23, 24, 25, 26, 27, 30, 33, 34, 50, 51, 55:
	default:
		return false
	}
	r := (11 - weighted(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11
	return value(v[10]) == r || r == 10 && v[10] == '9'
}

// CBU checks an Argentine account number of a bank (CBU) or payment service
// (CVU): bank and branch with weights 7, 1, 3, 9, account with 3, 9, 7, 1, both
// modulo 10 (Banco Central, Comunicación A 2460).
func CBU(v []byte) bool {
	if len(v) != 22 || !digits(v) || same(v) {
		return false
	}
	return (weighted(v, 7, 1, 3, 9, 7, 1, 3)+value(v[7]))%10 == 0 &&
		(weighted(v[8:], 3, 9, 7, 1, 3, 9, 7, 1, 3, 9, 7, 1, 3)+value(v[21]))%10 == 0
}

// RUT checks a Chilean identity and tax number: six to eight digits, weights 2
// to 7 from the right modulo 11, K for 10 (Registro Civil; SII).
func RUT(v []byte) bool {
	n := len(v) - 1
	if n < 6 || n > 8 || !digits(v[:n]) || same(v[:n]) && v[0] == '0' {
		return false
	}
	r := (11 - fromRight(v[:n], 2, 3, 4, 5, 6, 7)%11) % 11
	return r == 10 && v[n] == 'K' || r < 10 && v[n] == byte('0'+r)
}

// UruguayCI checks an identity number of Uruguay: six or seven digits, weights
// 2, 9, 8, 7, 6, 3, 4 modulo 10 (DNIC).
func UruguayCI(v []byte) bool {
	if len(v) < 7 || len(v) > 8 || !digits(v) || same(v) {
		return false
	}
	n := len(v) - 1
	return (fromRight(v[:n], 4, 3, 6, 7, 8, 9, 2)+value(v[n]))%10 == 0
}

// UruguayRUT checks a tax number of Uruguay: office 01 to 22, six digits, 001,
// weights 4, 3, 2, 9 to 2 modulo 11 (DGI).
func UruguayRUT(v []byte) bool {
	if len(v) != 12 || !digits(v) || number(v[:2]) < 1 || number(v[:2]) > 22 || number(v[2:8]) == 0 || string(v[8:11]) != "001" {
		return false
	}
	return (11-weighted(v, 4, 3, 2, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11 == value(v[11])
}

// ParaguayRUC checks a tax number of Paraguay: five to eight digits, weights
// from 2 upwards from the right modulo 11 (DNIT, formerly SET).
func ParaguayRUC(v []byte) bool {
	n := len(v) - 1
	if n < 5 || n > 8 || !digits(v) {
		return false
	}
	return (11-fromRight(v[:n], 2, 3, 4, 5, 6, 7, 8, 9)%11)%11%10 == value(v[n])
}
