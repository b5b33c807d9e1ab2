package check

import "bytes"

// Personnummer checks a Swedish personal or coordination number of ten digits,
// or of twelve with the century: date of birth, in coordination numbers with
// the day higher by 60, serial number, check digit by Luhn's rule over the last
// ten (Folkbokföringslagen 18 §, Skatteverket).
func Personnummer(v []byte) bool {
	year := 2000
	if len(v) == 12 {
		if year = number(v[:2]) * 100; year < 1800 || year > 2000 {
			return false
		}
		v = v[2:]
	}
	if len(v) != 10 || !digits(v) {
		return false
	}
	day := number(v[4:6])
	if day > 60 {
		day -= 60
	}
	return date(year+number(v[:2]), number(v[2:4]), day) && Luhn(v)
}

// Orgnr checks a Swedish organisation number: ten digits, the third at least
// 2, Luhn's rule (lagen 1974:174). SE before and 01 behind make it a VAT number.
func Orgnr(v []byte) bool {
	if len(v) == 14 && string(v[:2]) == "SE" && string(v[12:]) == "01" {
		v = v[2:12]
	}
	return len(v) == 10 && digits(v) && v[0] != '0' && v[2] >= '2' && Luhn(v)
}

// Giro checks a Swedish bankgiro or plusgiro number, Luhn's rule (Bankgirot).
func Giro(v []byte) bool { return len(v) >= 7 && len(v) <= 8 && v[0] != '0' && Luhn(v) }

// Fodselsnummer checks a Norwegian birth number, D-number (day higher by 40) or
// H-number of hospitals (month higher by 40): date, three digits that tell the
// century, two check digits modulo 11 (folkeregisterforskriften § 2-2-1).
func Fodselsnummer(v []byte) bool {
	if len(v) != 11 || !digits(v) {
		return false
	}
	year, ok := norwegianYear(number(v[4:6]), number(v[6:9]))
	return ok && norwegianDay(v, year) && norwegianFirst(v) == 0 && norwegianSecond(v)
}

// Fodselsnummer2032 checks a number as they are given from 2032: the three
// digits no longer tell the century and the first check digit may be off by up
// to three (Skatteetaten, "PID").
func Fodselsnummer2032(v []byte) bool {
	return len(v) == 11 && digits(v) && norwegianDay(v, 2000+number(v[4:6])) && norwegianFirst(v) <= 3 && norwegianSecond(v)
}

func norwegianYear(yy, individual int) (int, bool) {
	switch {
	case individual < 500:
		return 1900 + yy, true
	case individual < 750 && yy >= 54:
		return 1800 + yy, true
	case yy < 40:
		return 2000 + yy, true
	case individual >= 900:
		return 1900 + yy, true
	}
	return 0, false
}

func norwegianDay(v []byte, year int) bool {
	day, month := number(v[:2]), number(v[2:4])
	if day > 40 {
		day -= 40
	}
	if month > 40 {
		month -= 40
	}
	return date(year, month, day)
}

func norwegianFirst(v []byte) int { return weighted(v, 3, 7, 6, 1, 8, 9, 4, 5, 2, 1) % 11 }

func norwegianSecond(v []byte) bool { return weighted(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0 }

// NorwegianOrg checks an organisation number: nine digits beginning with 8 or
// 9, modulo 11 (Brønnøysundregistrene). NO may stand before it, MVA behind.
func NorwegianOrg(v []byte) bool {
	v = bytes.TrimSuffix(bytes.TrimPrefix(v, []byte("NO")), []byte("MVA"))
	return len(v) == 9 && digits(v) && v[0] >= '8' && weighted(v, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// NorwegianAccount checks an account: four digits of the bank, two of the
// kind, four, a check digit modulo 11 (Bits).
func NorwegianAccount(v []byte) bool {
	return len(v) == 11 && digits(v) && !same(v) && weighted(v, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// CPR checks a Danish personal number: date of birth as DDMMYY in the century
// that the seventh digit tells. The check modulo 11 holds no longer for
// numbers given since October 2007 (CPR-kontoret).
func CPR(v []byte) bool {
	if len(v) != 10 || !digits(v) {
		return false
	}
	year, seventh := number(v[4:6]), v[6]
	switch {
	case seventh >= '5' && seventh <= '8' && year >= 58:
		year += 1800
	case seventh <= '3' || (seventh == '4' || seventh == '9') && year >= 37:
		year += 1900
	default:
		year += 2000
	}
	return date(year, number(v[2:4]), number(v[:2]))
}

// CVR checks a Danish business number: eight digits modulo 11 (Erhvervs-
// styrelsen). DK may stand before it.
func CVR(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("DK"))
	return len(v) == 8 && digits(v) && v[0] != '0' && weighted(v, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// Kennitala checks an Icelandic number given until February 2026: date as
// DDMMYY, of businesses with the day higher by 40, two digits, a check digit
// modulo 11, 9 or 0 for the century (Þjóðskrá).
func Kennitala(v []byte) bool {
	return Kennitala2026(v) && weighted(v, 3, 2, 7, 6, 5, 4, 3, 2, 1)%11 == 0
}

// Kennitala2026 checks an Icelandic number given since 18 February 2026, which
// has no check digit.
func Kennitala2026(v []byte) bool {
	if len(v) != 10 || !digits(v) || v[9] != '9' && v[9] != '0' {
		return false
	}
	century, day := 2000, number(v[:2])
	if v[9] == '9' {
		century = 1900
	}
	if day > 40 {
		day -= 40
	}
	return date(century+number(v[4:6]), number(v[2:4]), day)
}
