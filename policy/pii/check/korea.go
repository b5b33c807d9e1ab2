package check

// KoreanResident checks a resident registration number: date of birth, then 1
// to 4 for sex and century (9 and 0: born before 1900). The old check digit is
// left alone: numbers given out since October 2020 are random behind it
// (Resident Registration Act, Enforcement Rule, article 2).
func KoreanResident(v []byte) bool { return len(v) == 13 && koreanBirth(v, '1') }

// KoreanForeigner checks an alien registration number: as a resident's, with
// 5 to 8 for sex and century (Immigration Act, article 31-5).
func KoreanForeigner(v []byte) bool { return len(v) == 13 && koreanBirth(v, '5') }

// koreanBirth reads the century from the seventh digit: first and the next
// are 1900, the two behind 2000.
func koreanBirth(v []byte, first byte) bool {
	if !digits(v) || v[6] < first || v[6] > first+3 {
		return false
	}
	year := 1900 + number(v[:2]) + int(v[6]-first)/2*100
	return year <= lastYear && date(year, number(v[2:4]), number(v[4:6]))
}

// KoreanBusiness checks a business registration number: tax office from 101,
// kind, serial, weights 1 3 7 1 3 7 1 3 5 modulo 10, of which the last product
// counts its tens too (National Tax Service).
func KoreanBusiness(v []byte) bool {
	if len(v) != 10 || !digits(v) || number(v[:3]) < 101 || number(v[3:5]) == 0 || number(v[5:9]) == 0 {
		return false
	}
	sum := weighted(v, 1, 3, 7, 1, 3, 7, 1, 3, 5, 1) + value(v[8])*5/10
	return sum%10 == 0
}

// KoreanCompany checks a corporate registration number: weights 1 and 2 in
// turn, modulo 10 (Supreme Court, rules of the register).
func KoreanCompany(v []byte) bool {
	return len(v) == 13 && digits(v) && !same(v) && weighted(v, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1)%10 == 0
}

// KoreanLicence checks a driving licence: region 11 to 28, year, serial, two
// digits (Road Traffic Act, Enforcement Rule).
func KoreanLicence(v []byte) bool { return len(v) == 12 && digits(v) && between(number(v[:2]), 11, 28) }
