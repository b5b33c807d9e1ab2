package check

import "bytes"

// EGN checks a Bulgarian civil number: date of birth with the month higher by
// 20 before 1900 and by 40 from 2000, serial number, modulo 11 (Naredba
// RD-02-20-9/2012, GRAO).
func EGN(v []byte) bool {
	if len(v) != 10 || !digits(v) {
		return false
	}
	year, month := 1900+number(v[:2]), number(v[2:4])
	switch {
	case month > 40:
		year, month = year+100, month-40
	case month > 20:
		year, month = year-100, month-20
	}
	return date(year, month, number(v[4:6])) && digit(v[9], weighted(v, 2, 4, 8, 5, 10, 9, 7, 3, 6)%11%10)
}

// LNCh checks the personal number of a foreigner in Bulgaria, ten digits
// modulo 10 (GRAO).
func LNCh(v []byte) bool {
	return len(v) == 10 && digits(v) && !same(v) && digit(v[9], weighted(v, 21, 19, 17, 13, 11, 9, 7, 3, 1)%10)
}

// Bulstat checks a Bulgarian business number of 9 digits, modulo 11 in two
// steps (Registry Agency). BG may stand before it.
func Bulstat(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("BG"))
	if len(v) != 9 || !digits(v) || same(v) {
		return false
	}
	rest := weighted(v[:8], 1, 2, 3, 4, 5, 6, 7, 8) % 11
	if rest == 10 {
		rest = weighted(v[:8], 3, 4, 5, 6, 7, 8, 9, 10) % 11 % 10
	}
	return digit(v[8], rest)
}

// AMKA checks a Greek social security number: date of birth as DDMMYY, serial
// number, check digit by Luhn's rule (Law 3655/2008, IDIKA).
func AMKA(v []byte) bool { return len(v) == 11 && digits(v) && ddmmyy(v[:6]) && Luhn(v) }

// AFM checks a Greek tax number: nine digits, powers of two, modulo 11 with 0
// for 10 (AADE). EL or GR may stand before it.
func AFM(v []byte) bool {
	v = bytes.TrimPrefix(bytes.TrimPrefix(v, []byte("EL")), []byte("GR"))
	return len(v) == 9 && digits(v) && !same(v) && digit(v[8], weighted(v, 256, 128, 64, 32, 16, 8, 4, 2)%11%10)
}

// GreekPersonal checks the personal number of 2025: two characters that people
// choose, a letter, the tax number (Law 4727/2020, article 11). The letter is a
// check whose rule is not published.
func GreekPersonal(v []byte) bool {
	return len(v) == 12 && alnum(v[:2]) && letters(v[2:3]) && AFM(v[3:])
}

// CypriotTax checks a tax number of Cyprus: eight digits, a letter from them
// (Tax Department). CY may stand before it.
func CypriotTax(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("CY"))
	if len(v) != 9 || !digits(v[:8]) || string(v[:2]) == "12" {
		return false
	}
	sum := 0
	for i, c := range v[:8] {
		if i%2 == 1 {
			sum += value(c)
		} else {
			sum += [10]int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}[c-'0']
		}
	}
	return v[8] == byte('A'+sum%26)
}

// MalteseID checks up to seven digits and the letter of the register
// (Identità).
func MalteseID(v []byte) bool {
	return len(v) == 8 && digits(v[:7]) && number(v[:7]) > 0 && bytes.IndexByte([]byte("MGAPLHBZ"), v[7]) >= 0
}

// MalteseVAT checks MT and eight digits, modulo 37 (CFR).
func MalteseVAT(v []byte) bool {
	return len(v) == 10 && string(v[:2]) == "MT" && digits(v[2:]) && v[2] != '0' &&
		weighted(v[2:], 3, 4, 6, 7, 8, 9, 10, 1)%37 == 0
}

// OIB checks a Croatian personal number: 11 digits by ISO/IEC 7064 MOD 11,10
// (Zakon o OIB). HR may stand before it.
func OIB(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("HR"))
	return len(v) == 11 && iso11x10(v) && !same(v[:10])
}

// Davcna checks a Slovenian tax number, eight digits modulo 11 (FURS). SI may
// stand before it.
func Davcna(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("SI"))
	if len(v) != 8 || !digits(v) || v[0] == '0' {
		return false
	}
	n := 11 - weighted(v, 8, 7, 6, 5, 4, 3, 2)%11
	return n < 11 && digit(v[7], n%10)
}

// PIB checks a Serbian tax number: nine digits by ISO/IEC 7064 MOD 11,10
// (Poreska uprava).
func PIB(v []byte) bool { return len(v) == 9 && iso11x10(v) && v[0] != '0' }

// MontenegroPIB checks a Montenegrin tax number: eight digits modulo 11 (Poreska
// uprava).
func MontenegroPIB(v []byte) bool {
	return len(v) == 8 && digits(v) && !same(v) && digit(v[7], (11-weighted(v, 8, 7, 6, 5, 4, 3, 2)%11)%11%10)
}

// EDB checks a tax number of North Macedonia: 13 digits modulo 11, beginning
// with 4 or 5 (UJP).
func EDB(v []byte) bool {
	return len(v) == 13 && digits(v) && (v[0] == '4' || v[0] == '5') && digit(v[12], jmbgSum(v))
}

// AlbanianID checks the parts of an Albanian identity number: a letter for the
// decade, digit of the year, month (higher by 50 for women, by 30 for
// foreigners), day, serial number, a letter (Law 10129/2009). The rule of the
// last letter is not published.
func AlbanianID(v []byte) bool {
	if len(v) != 10 || v[0] < 'A' || v[0] > 'T' || !digits(v[1:9]) || !letters(v[9:]) {
		return false
	}
	year := 1900 + 10*int(v[0]-'A') + value(v[1])
	month := number(v[2:4]) % 50
	if month > 30 {
		month -= 30
	}
	return year < 2060 && date(year, month, number(v[4:6]))
}
