package check

import "bytes"

// SteuerID checks a German tax identification number: 11 digits by ISO/IEC
// 7064 MOD 11,10, not beginning with 0; of the first ten, one digit appears
// two or three times and every other once at most, three not side by side
// (section 139b AO, BZSt).
func SteuerID(v []byte) bool {
	if len(v) != 11 || !iso11x10(v) || v[0] == '0' {
		return false
	}
	var count [10]int
	for _, c := range v[:10] {
		count[c-'0']++
	}
	repeated := 0
	for d, n := range count {
		switch {
		case n > 3:
			return false
		case n == 3 && bytes.Contains(v[:10], bytes.Repeat([]byte{byte('0' + d)}, 3)):
			return false
		case n > 1:
			repeated++
		}
	}
	return repeated == 1
}

// SteuernummerELSTER checks the parts of a German tax number in the form of 13
// digits that all states share: state, office, 0, district, number (ELSTER,
// "Prüfung der Steuer- und Steueridentifikationsnummer"). The check digit
// differs by state and is not looked at.
func SteuernummerELSTER(v []byte) bool {
	if len(v) != 13 || !digits(v) || v[4] != '0' {
		return false
	}
	switch number(v[:2]) {
	case 10, 11, 21, 22, 23, 24, 26, 27, 28, 30, 31, 32, 40, 41:
		return true
	}
	return v[0] == '5' || v[0] == '9'
}

// Rentenversicherung checks a German pension insurance number: area, date of
// birth as DDMMYY, initial of the name at birth, serial number, check digit
// from cross sums (section 2 VKVV, DRV).
func Rentenversicherung(v []byte) bool {
	if len(v) != 12 || !digits(v[:8]) || !letters(v[8:9]) || !digits(v[9:]) {
		return false
	}
	if area := number(v[:2]); area < 2 || area > 89 || !ddmmyy(v[2:8]) {
		return false
	}
	letter := v[8] - 'A' + 1
	plain := [12]byte{8: '0' + letter/10, 9: '0' + letter%10, 10: v[9], 11: v[10]}
	copy(plain[:8], v)
	sum := 0
	for i, w := range [12]int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1} {
		n := value(plain[i]) * w
		sum += n/10 + n%10
	}
	return digit(v[11], sum%10)
}

// Krankenversicherung checks the lasting part of a German health insurance
// number: a letter, eight digits and a check digit from cross sums with the
// letter as two digits (section 290 SGB V, GKV-Spitzenverband).
func Krankenversicherung(v []byte) bool {
	if len(v) != 10 || !letters(v[:1]) || !digits(v[1:]) {
		return false
	}
	letter := v[0] - 'A' + 1
	plain := [10]byte{'0' + letter/10, '0' + letter%10}
	copy(plain[2:], v[1:9])
	sum := 0
	for i, c := range plain {
		n := value(c) * (1 + i%2)
		sum += n/10 + n%10
	}
	return digit(v[9], sum%10)
}

// GermanDocument checks the serial number of an identity card, passport or
// residence permit: nine of the digits and consonants that documents use,
// beginning with a letter, and the check digit that the machine readable zone
// shows where it is written too (section 5 PAuswG, section 4 PassG).
func GermanDocument(v []byte) bool {
	if len(v) != 9 && len(v) != 10 || !letters(v[:1]) {
		return false
	}
	for _, c := range v[:9] {
		if bytes.IndexByte([]byte("0123456789CFGHJKLMNPRTVWXYZ"), c) < 0 {
			return false
		}
	}
	return len(v) == 9 || closes731(v)
}

// GermanVAT checks DE and nine digits by ISO/IEC 7064 MOD 11,10 (section 27a
// UStG).
func GermanVAT(v []byte) bool {
	return len(v) == 11 && string(v[:2]) == "DE" && v[2] != '0' && iso11x10(v[2:])
}
