package check

import "bytes"

// Isikukood checks an Estonian personal code: century and sex, date of birth,
// serial number, modulo 11 in two steps (EVS 585:2007).
func Isikukood(v []byte) bool { return balticDay(v) && balticSum(v) }

// AsmensKodas checks a Lithuanian personal code, made as the Estonian; codes
// that begin with 9 hold no date (Law I-2237).
func AsmensKodas(v []byte) bool {
	return (balticDay(v) || len(v) == 11 && digits(v) && v[0] == '9') && balticSum(v)
}

func balticDay(v []byte) bool {
	if len(v) != 11 || !digits(v) || v[0] < '1' || v[0] > '8' {
		return false
	}
	return date(1800+int(v[0]-'1')/2*100+number(v[1:3]), number(v[3:5]), number(v[5:7]))
}

// balticSum checks the last digit with the weights 1 to 9 and on, and by two
// more if that gives 10.
func balticSum(v []byte) bool {
	last := len(v) - 1
	rest := cyclic(v[:last], 1, 2, 3, 4, 5, 6, 7, 8, 9) % 11
	if rest == 10 {
		rest = cyclic(v[:last], 3, 4, 5, 6, 7, 8, 9, 1, 2) % 11 % 10
	}
	return digit(v[last], rest)
}

// EstonianVAT checks EE and nine digits (EMTA).
func EstonianVAT(v []byte) bool {
	return len(v) == 11 && string(v[:2]) == "EE" && digits(v[2:]) && number(v[2:]) > 0 && cyclic(v[2:], 3, 7, 1)%10 == 0
}

// LithuanianVAT checks LT and 9 or 12 digits whose second last is 1 (VMI).
func LithuanianVAT(v []byte) bool {
	if len(v) != 11 && len(v) != 14 || string(v[:2]) != "LT" || !digits(v[2:]) {
		return false
	}
	return v[len(v)-2] == '1' && balticSum(v[2:])
}

// PersonasKods checks a Latvian personal code: date of birth as DDMMYY with
// the century behind it, or 32 and no date in codes given since July 2017,
// serial number, modulo 11 (Fizisko personu reģistra likums). The rule of the
// last digit is not published; this one is in common use.
func PersonasKods(v []byte) bool {
	if len(v) != 11 || !digits(v) || v[0] > '3' {
		return false
	}
	if string(v[:2]) != "32" && (v[6] > '2' || !date(1800+100*value(v[6])+number(v[4:6]), number(v[2:4]), number(v[:2]))) {
		return false
	}
	return digit(v[10], (1+weighted(v, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9))%11%10)
}

// LatvianVAT checks LV and the 11 digits of a business or a person (VID).
func LatvianVAT(v []byte) bool {
	v, ok := bytes.CutPrefix(v, []byte("LV"))
	if !ok || len(v) != 11 || !digits(v) {
		return false
	}
	return PersonasKods(v) || v[0] > '3' && weighted(v, 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1)%11 == 3
}
