package check

import "bytes"

// RIB97 checks an account with its key: the whole number divides by 97
// (Morocco 24 digits, Bank Al-Maghrib; Tunisia and Algeria 20, BCT, ABEF).
func RIB97(v []byte) bool {
	return (len(v) == 24 || len(v) == 20) && digits(v) && !same(v) && mod97(v) == 0
}

// ICE checks a Moroccan business number: 15 digits that divide by 97 (OMPIC).
func ICE(v []byte) bool { return len(v) == 15 && digits(v) && !same(v) && mod97(v) == 0 }

// MatriculeFiscal checks the parts of a Tunisian tax number: seven digits, a
// letter that is not I, O or U, kinds of tax and payer, three digits of the
// branch (Direction générale des impôts).
func MatriculeFiscal(v []byte) bool {
	if len(v) != 13 || !digits(v[:7]) || !letters(v[7:8]) || bytes.IndexByte([]byte("IOU"), v[7]) >= 0 {
		return false
	}
	return bytes.IndexByte([]byte("ABDNP"), v[8]) >= 0 && bytes.IndexByte([]byte("CEMNP"), v[9]) >= 0 && digits(v[10:]) &&
		(string(v[10:]) == "000" || v[9] == 'E')
}

// AlgerianNIN checks 18 digits that begin with 1 (born in Algeria) or 2 and
// hold the three last digits of the year of birth (Ministry of the Interior).
func AlgerianNIN(v []byte) bool {
	if len(v) != 18 || !digits(v) || v[0] != '1' && v[0] != '2' {
		return false
	}
	return v[2] == '9' || string(v[2:4]) == "00" || string(v[2:4]) == "01" || string(v[2:4]) == "02" || string(v[2:4]) == "03"
}
