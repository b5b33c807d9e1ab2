package check

import (
	"bytes"
	"strings"
)

// NHSNumber checks a number of the health services of England, Wales and
// Northern Ireland: weights 10 to 2 modulo 11 (NHS Data Dictionary).
func NHSNumber(v []byte) bool {
	if len(v) != 10 || !digits(v) || same(v) {
		return false
	}
	return (11-weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2)%11)%11 == value(v[9])
}

// CHI checks a Community Health Index number of Scotland: day, month, year,
// three digits, check digit as in NHSNumber (Public Health Scotland).
func CHI(v []byte) bool {
	return NHSNumber(v) && date(2000+number(v[4:6]), number(v[2:4]), number(v[:2]))
}

// NINO checks the letters of a British national insurance number: two, six
// digits, A to D (HMRC, NIM39110).
func NINO(v []byte) bool {
	if len(v) != 9 || !letters(v[:2]) || !digits(v[2:8]) || !isOneOf(v[8], "ABCD") {
		return false
	}
	return !isOneOf(v[0], "DFIQUV") && !isOneOf(v[1], "DFIOQUV") &&
		!strings.Contains("BG GB KN NK NT TN ZZ", string(v[:2]))
}

// UTR checks a British unique taxpayer reference: the first digit is that of
// the other nine, weights 6 to 10, then 5 to 2, modulo 11 (HMRC).
func UTR(v []byte) bool {
	if len(v) != 10 || !digits(v) {
		return false
	}
	return v[0] == "21987654321"[weighted(v[1:], 6, 7, 8, 9, 10, 5, 4, 3, 2)%11]
}

// GBLicence checks the parts of a British driving licence: five letters of the
// name, filled up with 9, decade, month (50 more for women), day, year, two
// initials, 9 for none, a digit and two letters, perhaps an issue number (DVLA,
// Driver number format).
func GBLicence(v []byte) bool {
	if len(v) != 16 && len(v) != 18 || !letters(v[:1]) || !alnum(v) || !digits(v[5:11]) || !letters(v[14:16]) || !digits(v[16:]) {
		return false
	}
	name := strings.TrimRight(string(v[:5]), "9")
	month := number(v[6:8])
	return letters([]byte(name)) && month < 63 && date(2000+number([]byte{v[5], v[10]}), month%50, number(v[8:10])) &&
		(letters(v[11:12]) && letterOr9(v[12]) || v[11] == '9' && v[12] == '9') && alnum(v[13:14])
}

func letterOr9(c byte) bool { return c >= 'A' && c <= 'Z' || c == '9' }

// GBVAT checks a British VAT number: weights 8 to 2 for seven digits and two
// check digits modulo 97, or 97 with 55 added; a branch of three digits may
// follow (HMRC, VAT Notice 700).
func GBVAT(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("GB"))
	if len(v) != 9 && len(v) != 12 || !digits(v) || number(v[:7]) == 0 {
		return false
	}
	r := (weighted(v, 8, 7, 6, 5, 4, 3, 2) + number(v[7:9])) % 97
	return r == 0 || (r == 42 && number(v[:3]) >= 100)
}

// SortCodeAccount checks a British or Irish sort code and the account behind
// it: codes of clearing banks begin with 01 to 99 and are not zero. Which
// accounts a sort code has is known to Pay.UK's members alone.
func SortCodeAccount(v []byte) bool {
	return len(v) == 14 && digits(v) && number(v[:2]) > 0 && number(v[6:]) > 0 && !same(v)
}

// ShareCode checks the first letter of a code that shows the right to work (W),
// to rent (R) or other status (S) (Home Office), without I, O, Q, U and V.
func ShareCode(v []byte) bool {
	if len(v) != 9 || !alnum(v) || !isOneOf(v[0], "WRS") {
		return false
	}
	for _, c := range v {
		if isOneOf(c, "IOQUV01") {
			return false
		}
	}
	return true
}

// PPSN checks an Irish personal public service number: seven digits, a letter
// modulo 23 with weights 8 to 2, perhaps a second letter: A, B or H counts 9
// times its place, W, T and X nothing (Department of Social Protection).
func PPSN(v []byte) bool {
	if len(v) != 8 && len(v) != 9 || !digits(v[:7]) {
		return false
	}
	sum := weighted(v, 8, 7, 6, 5, 4, 3, 2)
	if len(v) == 9 {
		switch v[8] {
		case 'A', 'B', 'H':
			sum += 9 * int(v[8]-'A'+1)
		case 'W', 'T', 'X':
		default:
			return false
		}
	}
	return v[7] == "WABCDEFGHIJKLMNOPQRSTUV"[sum%23]
}

// IrelandVAT checks an Irish VAT number: as PPSN, the second letter A to I
// counting; before 2013 a letter or sign could stand second (Revenue).
func IrelandVAT(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("IE"))
	if len(v) != 8 && len(v) != 9 || !digits(v[:7]) {
		return false
	}
	sum := weighted(v, 8, 7, 6, 5, 4, 3, 2)
	if len(v) == 9 {
		if v[8] < 'A' || v[8] > 'I' {
			return false
		}
		sum += 9 * int(v[8]-'A'+1)
	}
	return v[7] == "WABCDEFGHIJKLMNOPQRSTUV"[sum%23]
}
