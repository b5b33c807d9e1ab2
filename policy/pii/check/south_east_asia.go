package check

// MyKad checks a Malaysian identity card: date of birth, place of birth, four
// digits without a rule (National Registration Department, list of places).
func MyKad(v []byte) bool {
	return len(v) == 12 && digits(v) && yymmdd(v[:6]) && malaysianPlace(number(v[6:8]))
}

func malaysianPlace(n int) bool {
	switch {
	case n == 0, n >= 17 && n <= 20, n == 69, n == 70, n == 73, n == 80, n == 81, n >= 94 && n <= 97:
		return false
	}
	return true
}

// NIK checks an Indonesian identity number: province, regency or city,
// district, date of birth with 40 added to the day for women, a serial from
// 0001 (Law 23/2006, Ministry of Home Affairs, list of regions).
func NIK(v []byte) bool {
	if len(v) != 16 || !digits(v) || !indonesianRegion(v) || number(v[4:6]) == 0 || number(v[12:]) == 0 {
		return false
	}
	day := number(v[6:8])
	if day > 40 {
		day -= 40
	}
	return date(2000+number(v[10:12]), number(v[8:10]), day)
}

// indonesianRegion reports a province, also those new since 2022, and a
// regency from 01 or a city from 71.
func indonesianRegion(v []byte) bool {
	p, r := number(v[:2]), number(v[2:4])
	known := between(p, 11, 19) || p == 21 || between(p, 31, 36) || between(p, 51, 53) || between(p, 61, 65) ||
		between(p, 71, 76) || p == 81 || p == 82 || between(p, 91, 97)
	return known && (between(r, 1, 40) || between(r, 71, 79))
}

// FamilyCard checks the number of an Indonesian family card: the region, the
// day it was given out and a serial from 0001 (Law 23/2006).
func FamilyCard(v []byte) bool { return NIK(v) && v[6] <= '3' }

// NPWP checks an Indonesian tax number: nine digits by Luhn's rule, office and
// branch; since 2024 with a zero before it, where a person's is the identity
// number (Regulation PMK 112/2022).
func NPWP(v []byte) bool {
	switch {
	case len(v) == 16 && v[0] == '0':
		v = v[1:]
	case len(v) != 15:
		return false
	}
	return digits(v) && number(v[:9]) > 0 && Luhn(v[:9])
}

// ThaiID checks the number of a person, or with a zero before it of a company:
// 13 digits, weights 13 to 2, modulo 11 (Department of Provincial
// Administration; Revenue Department).
func ThaiID(v []byte) bool {
	if len(v) != 13 || !digits(v) || v[0] == '9' || same(v) {
		return false
	}
	r := weighted(v[:12], 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11
	return value(v[12]) == (11-r)%10
}

// vietnameseProvinces are the codes of three digits without their first,
// which is a zero (Circular 59/2021/TT-BCA; numbers keep them after the
// provinces were joined in 2025).
const vietnameseProvinces = "010204060810111214151719202224252627303133343536373840424445464849515254565860626466676870727475777980828384868789919293949596"

// VietnameseID checks a citizen's number: province, century and sex 0 to 3,
// year of birth, six digits (Decree 137/2015/ND-CP, article 13).
func VietnameseID(v []byte) bool {
	return len(v) == 12 && digits(v) && v[0] == '0' && pair(vietnameseProvinces, v[1:3]) &&
		(v[3] <= '1' || v[3] <= '3' && 2000+number(v[4:6]) <= lastYear)
}

// VietnameseTax checks a tax number: nine digits and a check digit, with three
// more for a branch (Circular 105/2020/TT-BTC).
func VietnameseTax(v []byte) bool {
	if len(v) != 10 && len(v) != 13 || !digits(v) || number(v[2:9]) == 0 || len(v) == 13 && number(v[10:]) == 0 {
		return false
	}
	return value(v[9]) == 10-weighted(v[:9], 31, 29, 23, 19, 17, 13, 7, 5, 3)%11
}
