package check

import "bytes"

// Hetu checks a Finnish personal code: date of birth as DDMMYY, a sign for the
// century, three digits from 002, a character from all digits modulo 31. The
// hyphen, one of the signs of the 1900s, is taken off as a separator; the
// letters are those in use since 2023 (Valtioneuvoston asetus 128/2010).
func Hetu(v []byte) bool {
	century := 1900
	if len(v) == 11 {
		switch c := v[6]; {
		case c >= 'A' && c <= 'F':
			century = 2000
		case c < 'U' || c > 'Y':
			return false
		}
	} else if len(v) != 10 {
		return false
	}
	serial := v[len(v)-4 : len(v)-1]
	if !digits(v[:6]) || !digits(serial) || number(serial) < 2 {
		return false
	}
	n := number(v[:6])*1000 + number(serial)
	return date(century+number(v[4:6]), number(v[2:4]), number(v[:2])) &&
		v[len(v)-1] == "0123456789ABCDEFHJKLMNPRSTUVWXY"[n%31]
}

// YTunnus checks a Finnish business number: seven digits and one modulo 11
// (PRH). FI may stand before it.
func YTunnus(v []byte) bool {
	v = bytes.TrimPrefix(v, []byte("FI"))
	return len(v) == 8 && digits(v) && number(v) > 0 && weighted(v, 7, 9, 10, 5, 8, 4, 2, 1)%11 == 0
}
