package check

import "bytes"

// RNOKPP checks a Ukrainian taxpayer number: the days from 1899-12-31 to the
// birth, serial number, modulo 11 (Minfin, order 822 of 2017). Births before
// May 1927, which begin with 0 as phones do, and after 2049 are refused.
func RNOKPP(v []byte) bool {
	if len(v) != 10 || !digits(v) {
		return false
	}
	days := number(v[:5])
	sum := weighted(v, -1, 5, 7, 9, 4, 6, 10, 5, 7)
	return days >= 10_000 && days <= 54_788 && digit(v[9], (sum%11+11)%11%10)
}

// UNZR checks a Ukrainian record number: date of birth as YYYYMMDD, four
// digits, a check digit with weights 7-3-1 (Law 5492-VI).
func UNZR(v []byte) bool {
	if len(v) != 13 || !digits(v) {
		return false
	}
	year := number(v[:4])
	return year >= 1900 && year < 2060 && date(year, number(v[4:6]), number(v[6:8])) && closes731(v)
}

// EDRPOU checks a Ukrainian business number: eight digits modulo 11, other
// weights from 30000000 to 60000000 (Derzhstat).
func EDRPOU(v []byte) bool {
	if len(v) != 8 || !digits(v) || same(v) {
		return false
	}
	weights := [7]int{1, 2, 3, 4, 5, 6, 7}
	if v[0] >= '3' && v[0] <= '5' {
		weights = [7]int{7, 1, 2, 3, 4, 5, 6}
	}
	rest := weighted(v[:7], weights[:]...) % 11
	if rest == 10 {
		rest = (weighted(v[:7], weights[:]...) + 2*weighted(v[:7], 1, 1, 1, 1, 1, 1, 1)) % 11 % 10
	}
	return digit(v[7], rest)
}

// IIN checks a Kazakh individual number: date of birth, a digit for century
// and sex, serial number, modulo 11 in two steps (Law 223-III of 2007).
func IIN(v []byte) bool {
	if len(v) != 12 || !digits(v) || v[6] < '1' || v[6] > '6' {
		return false
	}
	century := 1800 + int(v[6]-'1')/2*100
	return date(century+number(v[:2]), number(v[2:4]), number(v[4:6])) && kazakh(v)
}

// BIN checks a Kazakh business number: year and month, kind 4 to 6, mark 0 to
// 4, serial number, checked as IIN.
func BIN(v []byte) bool {
	if len(v) != 12 || !digits(v) {
		return false
	}
	month := number(v[2:4])
	return month >= 1 && month <= 12 && v[4] >= '4' && v[4] <= '6' && v[5] <= '4' && kazakh(v)
}

func kazakh(v []byte) bool {
	rest := weighted(v[:11], 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) % 11
	if rest == 10 {
		rest = weighted(v[:11], 3, 4, 5, 6, 7, 8, 9, 10, 11, 1, 2) % 11
	}
	return digit(v[11], rest)
}

// BelarusID checks the parts of a Belarusian identification number: century
// and sex, date of birth as DDMMYY, letter of the region, three digits, letters
// of the citizenship, a digit (Law 418-Z of 2008). The last digit is not looked
// at.
func BelarusID(v []byte) bool {
	if len(v) != 14 || !digits(v[:7]) || v[0] < '1' || v[0] > '6' || !digits(v[8:11]) || !digits(v[13:]) {
		return false
	}
	century := 1800 + int(v[0]-'1')/2*100
	suffix := string(v[11:13])
	return date(century+number(v[5:7]), number(v[3:5]), number(v[1:3])) &&
		bytes.IndexByte([]byte("ABCEHKM"), v[7]) >= 0 && (suffix == "PB" || suffix == "BA" || suffix == "BI")
}

// UNP checks a Belarusian payer number: nine digits, of persons two letters
// and seven digits, modulo 11 (MNS, resolution 96 of 2010).
func UNP(v []byte) bool {
	const second = "ABCEHKMOPT"
	if len(v) != 9 || !digits(v[2:]) {
		return false
	}
	b := value(v[1])
	switch {
	case digits(v[:2]):
		if v[0] < '1' || v[0] > '7' {
			return false
		}
	case bytes.IndexByte([]byte("ABCEHKM"), v[0]) >= 0 && bytes.IndexByte([]byte(second), v[1]) >= 0:
		b = bytes.IndexByte([]byte(second), v[1])
	default:
		return false
	}
	return digit(v[8], (value(v[0])*29+b*23+weighted(v[2:8], 19, 17, 13, 7, 5, 3))%11)
}

// VOEN checks an Azerbaijani tax number: ten digits, the ninth modulo 11, the
// last 1 for companies or 2 for persons (State Tax Service).
func VOEN(v []byte) bool {
	return len(v) == 10 && digits(v) && (v[9] == '1' || v[9] == '2') && digit(v[8], weighted(v, 4, 1, 8, 6, 2, 7, 5, 3)%11)
}

// PINFL checks a Uzbek personal number: century and sex 3 to 6, date of birth
// as DDMMYY, region, serial number, a check digit with weights 7-3-1 (Cabinet
// resolution 285 of 2011).
func PINFL(v []byte) bool {
	if len(v) != 14 || !digits(v) || v[0] < '3' || v[0] > '6' {
		return false
	}
	century := 1800 + int(v[0]-'1')/2*100
	return date(century+number(v[5:7]), number(v[3:5]), number(v[1:3])) && closes731(v)
}

// KyrgyzPIN checks the parts of a Kyrgyz personal number: sex 1 or 2, date of
// birth as DDMMYYYY, five digits (SRS).
func KyrgyzPIN(v []byte) bool {
	if len(v) != 14 || !digits(v) || v[0] != '1' && v[0] != '2' {
		return false
	}
	year := number(v[5:9])
	return year >= 1900 && year < 2060 && date(year, number(v[3:5]), number(v[1:3]))
}
