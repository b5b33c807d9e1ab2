package check

// TCKimlik checks a Turkish identity number: 11 digits, not beginning with 0,
// two check digits (NVİ).
func TCKimlik(v []byte) bool {
	if len(v) != 11 || !digits(v) || v[0] == '0' {
		return false
	}
	ten := (weighted(v, 7, 9, 7, 9, 7, 9, 7, 9, 7)) % 10
	return digit(v[9], ten) && digit(v[10], weighted(v, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1)%10)
}

// VKN checks a Turkish tax number: ten digits, each moved by its place and
// doubled as often modulo 9 (GİB).
func VKN(v []byte) bool {
	if len(v) != 10 || !digits(v) || same(v) {
		return false
	}
	sum := 0
	for i, c := range v[:9] {
		place := 9 - i
		n := (value(c) + place) % 10
		if m := n << place % 9; n != 0 && m == 0 {
			sum += 9
		} else {
			sum += m
		}
	}
	return digit(v[9], (10-sum%10)%10)
}

// TeudatZehut checks an Israeli identity number: nine digits with leading
// zeros, Luhn's rule (Population and Immigration Authority).
func TeudatZehut(v []byte) bool {
	return len(v) == 9 && digits(v) && !same(v) && number(v) > 9999 && Luhn(v)
}

// EmiratesID checks an identity number of the United Arab Emirates: 784 and
// twelve digits, Luhn's rule (ICP). Four of them are the year of birth by
// custom, which no rule states.
func EmiratesID(v []byte) bool { return len(v) == 15 && string(v[:3]) == "784" && Luhn(v) }

// SaudiID checks a Saudi national number (1) or residence number (2): ten
// digits, Luhn's rule (Absher, Ministry of Interior).
func SaudiID(v []byte) bool {
	return len(v) == 10 && digits(v) && (v[0] == '1' || v[0] == '2') && Luhn(v)
}

// EgyptianID checks the parts of an Egyptian national number: century 2 or 3,
// date of birth, governorate, five digits (Civil Status Law 143/1994). The rule
// of the last digit is not published.
func EgyptianID(v []byte) bool {
	if len(v) != 14 || !digits(v) || v[0] != '2' && v[0] != '3' {
		return false
	}
	year := 1900 + int(v[0]-'2')*100 + number(v[1:3])
	return year < 2060 && date(year, number(v[3:5]), number(v[5:7])) && governorate(number(v[7:9]))
}

// governorate reports a code of Egypt's; 88 is abroad.
func governorate(n int) bool {
	return n >= 1 && n <= 4 || n >= 11 && n <= 19 || n >= 21 && n <= 29 || n >= 31 && n <= 35 || n == 88
}

// KuwaitCivil checks a Kuwaiti civil number: century 1 to 3, date of birth,
// four digits, 11 less the sum modulo 11 (PACI).
func KuwaitCivil(v []byte) bool {
	if len(v) != 12 || !digits(v) || v[0] < '1' || v[0] > '3' {
		return false
	}
	year := 1800 + int(v[0]-'1')*100 + number(v[1:3])
	return year < 2060 && date(year, number(v[3:5]), number(v[5:7])) &&
		digit(v[11], 11-weighted(v[:11], 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)%11)
}

// QatarID checks the parts of a Qatari number: century 2 or 3, year of birth,
// numeric code of the country of citizenship (ISO 3166-1), five digits (MOI).
func QatarID(v []byte) bool {
	if len(v) != 11 || !digits(v) || v[0] != '2' && v[0] != '3' || v[0] == '3' && number(v[1:3]) > 60 {
		return false
	}
	return countries[number(v[3:6])]
}

// countries are the numeric codes of ISO 3166-1.
var countries = set(
	4, 8, 10, 12, 16, 20, 24, 28, 31, 32, 36, 40, 44, 48, 50, 51, 52, 56, 60, 64, 68, 70, 72, 74, 76, 84, 86, 90,
	92, 96, 100, 104, 108, 112, 116, 120, 124, 132, 136, 140, 144, 148, 152, 156, 158, 162, 166, 170, 174, 175,
	178, 180, 184, 188, 191, 192, 196, 203, 204, 208, 212, 214, 218, 222, 226, 231, 232, 233, 234, 238, 239, 242,
	246, 248, 250, 254, 258, 260, 262, 266, 268, 270, 275, 276, 288, 292, 296, 300, 304, 308, 312, 316, 320, 324,
	328, 332, 334, 336, 340, 344, 348, 352, 356, 360, 364, 368, 372, 376, 380, 384, 388, 392, 398, 400, 404, 408,
	410, 414, 417, 418, 422, 426, 428, 430, 434, 438, 440, 442, 446, 450, 454, 458, 462, 466, 470, 474, 478, 480,
	484, 492, 496, 498, 499, 500, 504, 508, 512, 516, 520, 524, 528, 531, 533, 534, 535, 540, 548, 554, 558, 562,
	566, 570, 574, 578, 580, 581, 583, 584, 585, 586, 591, 598, 600, 604, 608, 612, 616, 620, 624, 626, 630, 634,
	638, 642, 643, 646, 652, 654, 659, 660, 662, 663, 666, 670, 674, 678, 682, 686, 688, 690, 694, 702, 703, 704,
	705, 706, 710, 716, 724, 728, 729, 732, 740, 744, 748, 752, 756, 760, 762, 764, 768, 772, 776, 780, 784, 788,
	792, 795, 796, 798, 800, 804, 807, 818, 826, 831, 832, 833, 834, 840, 850, 854, 858, 860, 862, 876, 882, 887,
	894)

// Melli checks an Iranian national number: ten digits modulo 11 (Sabt Ahval).
func Melli(v []byte) bool {
	if len(v) != 10 || !digits(v) || same(v) || string(v[:3]) == "000" {
		return false
	}
	rest := weighted(v, 10, 9, 8, 7, 6, 5, 4, 3, 2) % 11
	if rest > 1 {
		rest = 11 - rest
	}
	return digit(v[9], rest)
}

// IranianCompany checks the number of a legal person in Iran: 11 digits modulo
// 11, each raised by the tenth and 2 (Companies Registration).
func IranianCompany(v []byte) bool {
	if len(v) != 11 || !digits(v) || number(v[3:9]) == 0 {
		return false
	}
	sum := 0
	for i, w := range [10]int{29, 27, 23, 19, 17, 29, 27, 23, 19, 17} {
		sum += (value(v[i]) + value(v[9]) + 2) * w
	}
	return digit(v[10], sum%11%10)
}
