package check

// IMEI checks the number of a mobile device (3GPP TS 23.003, 6.2.1 and annex
// B): 15 digits, the last by Luhn; the first two name the body that gave the
// type approval.
func IMEI(v []byte) bool {
	return len(v) == 15 && digits(v) && !same(v) && v[0] != '2' && luhnSum(v)%10 == 0
}

// ICCID checks the number printed on a SIM (ITU-T E.118): 89 for
// telecommunications, 19 or 20 digits, the last by Luhn.
func ICCID(v []byte) bool {
	return (len(v) == 19 || len(v) == 20) && digits(v) && v[0] == '8' && v[1] == '9' && luhnSum(v)%10 == 0
}

// IMSI checks the number of a subscription (ITU-T E.212): 15 digits that begin
// with the code of a country, which begins with 2 to 7, or 90 for networks
// that belong to none.
func IMSI(v []byte) bool {
	return len(v) == 15 && digits(v) && !same(v) && (v[0] >= '2' && v[0] <= '7' || v[0] == '9' && v[1] == '0')
}
