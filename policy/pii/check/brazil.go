package check

// CPF checks the two check digits of a Brazilian taxpayer number (modulo 11,
// weights 10 to 2 and 11 to 2); rows of one digit were never issued.
func CPF(v []byte) bool {
	if len(v) != 11 || !digits(v) || same(v) {
		return false
	}
	return v[9] == mod11(v[:9], 10, 10) && v[10] == mod11(v[:10], 11, 11)
}

// mod11 gives the check digit of weights that fall from first to 2 and begin
// again at top; 0 for the remainders that have none. Characters count as their
// code less that of '0', so letters as in the new CNPJ.
func mod11(v []byte, first, top int) byte {
	sum, weight := 0, first
	for _, c := range v {
		sum += (int(c) - '0') * weight
		if weight--; weight < 2 {
			weight = top
		}
	}
	if r := sum % 11; r >= 2 {
		return byte('0' + 11 - r)
	}
	return '0'
}

// CNPJ checks a Brazilian company number: twelve digits, since July 2026 digits
// or letters, and two check digits (Receita Federal, Instrução Normativa RFB
// 2.229/2024).
func CNPJ(v []byte) bool {
	if len(v) != 14 || !alnum(v[:12]) || !digits(v[12:]) || same(v) {
		return false
	}
	return v[12] == mod11(v[:12], 5, 9) && v[13] == mod11(v[:13], 6, 9)
}

// CNS checks a Brazilian health card: weights 15 to 1 modulo 11. Definite
// numbers begin with 1 or 2 and hold 000 or 001 before the check digit,
// provisional ones begin with 7, 8 or 9 (Ministério da Saúde, CADSUS).
func CNS(v []byte) bool {
	if len(v) != 15 || !digits(v) || weighted(v, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1)%11 != 0 {
		return false
	}
	switch v[0] {
	case '1', '2':
		return string(v[11:14]) == "000" || string(v[11:14]) == "001"
	case '7', '8', '9':
		return true
	}
	return false
}

// PIS checks a number of the Brazilian social programmes and social security
// (PIS, PASEP, NIS, NIT), and that of a vehicle (RENAVAM): weights 3, 2, 9 to 2
// modulo 11 (Caixa, Manual do NIS; Denatran, Portaria 27/2013).
func PIS(v []byte) bool {
	return len(v) == 11 && digits(v) && !same(v) && v[10] == mod11(v[:10], 3, 9)
}

// CNH checks the registration number of a Brazilian driving licence: two
// digits modulo 11 with weights 9 to 1 and 1 to 9; a first remainder of 10
// takes 2 from the second (Denatran, Base de índice nacional de condutores).
func CNH(v []byte) bool {
	if len(v) != 11 || !digits(v) || same(v) {
		return false
	}
	first := weighted(v, 9, 8, 7, 6, 5, 4, 3, 2, 1) % 11
	second := weighted(v, 1, 2, 3, 4, 5, 6, 7, 8, 9) % 11
	if first == 10 {
		first, second = 0, (second+9)%11
	}
	return value(v[9]) == first && value(v[10]) == second%10
}

// VoterTitle checks a Brazilian voter's title: eight digits, state 01 to 28,
// two digits modulo 11; in São Paulo and Minas Gerais 0 may be written 1
// (Tribunal Superior Eleitoral, Resolução 23.659/2021 art. 36, and practice).
func VoterTitle(v []byte) bool {
	if len(v) != 12 || !digits(v) {
		return false
	}
	state := number(v[8:10])
	first := weighted(v, 2, 3, 4, 5, 6, 7, 8, 9) % 11
	second := weighted(v[8:], 7, 8, 9) % 11
	return state >= 1 && state <= 28 && titleDigit(v[10], first, state) && titleDigit(v[11], second, state)
}

func titleDigit(c byte, remainder, state int) bool {
	return value(c) == remainder%10 || (remainder == 0 && state <= 2 && c == '1')
}

// UUID checks that a value of 32 characters is a random identifier of RFC 9562,
// as the keys are that Banco Central do Brasil gives for PIX.
func UUID(v []byte) bool {
	if len(v) != 32 || v[12] != '4' || !isOneOf(v[16], "89AB") {
		return false
	}
	for _, c := range v {
		if !isOneOf(c, "0123456789ABCDEF") {
			return false
		}
	}
	return true
}

// SaoPauloRG checks an identity card number of São Paulo, whose check digit is
// modulo 11 with weights 2 to 9, X for 10 (SSP/SP).
func SaoPauloRG(v []byte) bool {
	if len(v) != 9 || !digits(v[:8]) || same(v) {
		return false
	}
	switch r := (11 - weighted(v, 2, 3, 4, 5, 6, 7, 8, 9)%11) % 11; r {
	case 10:
		return v[8] == 'X'
	default:
		return value(v[8]) == r && v[8] <= '9'
	}
}
