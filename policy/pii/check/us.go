package check

import "strings"

// SSN checks a United States social security number: area 001 to 899 without
// 666, group and serial not all zero (SSA, POMS RM 10201.035), and neither of
// the two numbers that were withdrawn after advertisements had shown them.
// There is no check digit.
func SSN(v []byte) bool {
	if len(v) != 9 || !digits(v) || v[0] == '9' {
		return false
	}
	area := string(v[:3])
	return area != "000" && area != "666" && string(v[3:5]) != "00" && string(v[5:]) != "0000" &&
		string(v) != "078051120" && string(v) != "219099999"
}

// ITIN checks an individual taxpayer identification number: 9, then groups 50
// to 65, 70 to 88, 90 to 92 and 94 to 99 (IRS, Publication 4757).
func ITIN(v []byte) bool {
	if len(v) != 9 || !digits(v) || v[0] != '9' {
		return false
	}
	g := number(v[3:5])
	return g >= 50 && g <= 99 && (g < 66 || g > 69) && g != 89 && g != 93
}

// EIN checks the campus prefix of an employer identification number (IRS, How
// EINs are assigned and valid EIN prefixes).
func EIN(v []byte) bool {
	const unused = "00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97"
	return len(v) == 9 && digits(v) && !strings.Contains(unused, string(v[:2]))
}

// ABA checks a routing number: weights 3, 7, 1 modulo 10, first two digits 01
// to 12, 21 to 32, 61 to 72 or 80 (ABA routing number policy).
func ABA(v []byte) bool {
	if len(v) != 9 || !digits(v) || weighted(v, 3, 7, 1, 3, 7, 1, 3, 7, 1)%10 != 0 {
		return false
	}
	p := number(v[:2])
	return (p >= 1 && p <= 12) || (p >= 21 && p <= 32) || (p >= 61 && p <= 72) || p == 80
}

// NPI checks a national provider identifier: Luhn with 80840 in front, first
// digit 1 or 2 (45 CFR 162.406; CMS, check digit standard).
func NPI(v []byte) bool {
	return len(v) == 10 && digits(v) && (v[0] == '1' || v[0] == '2') && (luhnSum(v)+24)%10 == 0
}

// DEA checks a registration number of the Drug Enforcement Administration: a
// letter for the kind of registrant, one for the name, six digits and a check
// digit (21 CFR 1301.13; Diversion Control Division).
func DEA(v []byte) bool {
	if len(v) != 9 || !isOneOf(v[0], "ABCDEFGHJKLMPRSTUX") || !alnum(v[:2]) || !digits(v[2:]) {
		return false
	}
	return weighted(v[2:], 1, 2, 1, 2, 1, 2)%10 == value(v[8])
}

// MBI checks the places of a Medicare beneficiary identifier: letters without
// S, L, O, I, B and Z, no zero in front (CMS, Understanding the MBI format).
func MBI(v []byte) bool {
	const places = "CAXDAXDAADD" // C 1 to 9, D digit, A letter, X either
	if len(v) != len(places) {
		return false
	}
	for i, c := range v {
		d := c >= '0' && c <= '9'
		if !alnum(v[i:i+1]) || isOneOf(c, "SLOIBZ") || d && places[i] == 'A' ||
			!d && (places[i] == 'C' || places[i] == 'D') || places[i] == 'C' && c == '0' {
			return false
		}
	}
	return true
}

// USCISReceipt checks the service centre of a receipt number (USCIS, Checking
// your case status online).
func USCISReceipt(v []byte) bool {
	return len(v) == 13 && letters(v[:3]) && digits(v[3:]) && strings.Contains("EAC WAC LIN SRC NBC MSC IOE YSC VSC CSC NSC TSC", string(v[:3]))
}
