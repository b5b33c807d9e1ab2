package check

// The unified citizens' number of Yugoslavia, which its successors kept: date
// of birth as DDMMYYY, two digits of the region, serial number, modulo 11
// (Zakon o uvođenju matičnih brojeva, 1976). Each country has its regions.

// JMBGBosnia is of regions 10 to 19.
func JMBGBosnia(v []byte) bool { return jmbg(v, 10, 19) }

// JMBGMontenegro is of regions 20 to 29.
func JMBGMontenegro(v []byte) bool { return jmbg(v, 20, 29) }

// JMBGCroatia is of regions 30 to 39.
func JMBGCroatia(v []byte) bool { return jmbg(v, 30, 39) }

// EMBG is of regions 40 to 49, North Macedonia.
func EMBG(v []byte) bool { return jmbg(v, 40, 49) }

// EMSO is of regions 50 to 59, Slovenia.
func EMSO(v []byte) bool { return jmbg(v, 50, 59) }

// JMBGSerbia is of regions 70 to 99 and, for foreigners, 00 to 09.
func JMBGSerbia(v []byte) bool { return jmbg(v, 70, 99) || jmbg(v, 0, 9) }

func jmbg(v []byte, low, high int) bool {
	if len(v) != 13 || v[0] > '3' || !digits(v) { // most numbers begin with no day
		return false
	}
	if region := number(v[7:9]); region < low || region > high {
		return false
	}
	year := 1000 + number(v[4:7])
	if year < 1800 {
		year += 1000
	}
	return date(year, number(v[2:4]), number(v[:2])) && digit(v[12], jmbgSum(v))
}

// jmbgSum gives the check digit of twelve digits, 0 for 10.
func jmbgSum(v []byte) int {
	return (11 - weighted(v[:12], 7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2)%11) % 11 % 10
}

// Account97 checks a domestic account that ends in check digits by ISO/IEC
// 7064 MOD 97-10: Slovenia and North Macedonia with 15 digits, Bosnia and
// Herzegovina with 16, Serbia and Montenegro with 18 (the central banks).
func Account97(v []byte) bool {
	return (len(v) == 15 || len(v) == 16 || len(v) == 18) && digits(v) && !same(v) && mod97(v) == 1
}
