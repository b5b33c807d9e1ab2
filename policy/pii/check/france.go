package check

// NIR checks a French social security number: sex (1, 2, or 3, 4, 7, 8 while
// being registered), year, month (or 20 to 42 and from 50 where it is not
// known), department (2A, 2B for Corsica), commune, serial, key 97 less the
// rest by 97 (INSEE; décret 82-103).
func NIR(v []byte) bool {
	if len(v) != 15 || !isOneOf(v[0], "123478") || !digits(v[:6]) || !digits(v[7:]) {
		return false
	}
	month := number(v[3:5])
	if (month < 1 || month > 12) && (month < 20 || month > 42) && month < 50 || number(v[10:13]) == 0 {
		return false
	}
	n := number(v[:5])*100_000_000 + number(v[7:13])
	switch {
	case v[6] >= '0' && v[6] <= '9':
		n += number(v[5:7]) * 1_000_000
	case v[5] == '2' && v[6] == 'A':
		n += 19_000_000
	case v[5] == '2' && v[6] == 'B':
		n += 18_000_000
	default:
		return false
	}
	return 97-n%97 == number(v[13:])
}

// SPI checks a French tax number of a person: 0 to 3 in front, the last three
// digits are the first ten modulo 511 (DGFiP).
func SPI(v []byte) bool {
	return len(v) == 13 && digits(v) && v[0] <= '3' && number(v[:10])%511 == number(v[10:]) && number(v) > 0
}

// SIREN checks a French company number: Luhn (INSEE).
func SIREN(v []byte) bool { return len(v) == 9 && Luhn(v) && !same(v) }

// SIRET checks a French establishment number: a company number and five
// digits, Luhn over all; La Poste's add up to a multiple of 5 (INSEE).
func SIRET(v []byte) bool {
	if len(v) != 14 || !digits(v) || !SIREN(v[:9]) {
		return false
	}
	if string(v[:9]) == "356000000" && string(v[9:]) != "00048" {
		sum := 0
		for _, c := range v {
			sum += value(c)
		}
		return sum%5 == 0
	}
	return Luhn(v)
}

// FranceVAT checks a French VAT number: FR, a key of two characters and a
// company number; Monaco's begin with 000 (CGI art. 286 ter; DGFiP).
func FranceVAT(v []byte) bool {
	if len(v) != 13 || string(v[:2]) != "FR" || !alnum(v[2:4]) || !digits(v[4:]) || isOneOf(v[2], "IO") || isOneOf(v[3], "IO") {
		return false
	}
	company := number(v[4:])
	if number(v[4:7]) != 0 && !SIREN(v[4:]) {
		return false
	}
	if digits(v[2:4]) {
		return number(v[2:4]) == (company*100+12)%97
	}
	key := vatKey(v[2])*34 + vatKey(v[3]) - 100
	if v[2] <= '9' {
		key = vatKey(v[2])*24 + vatKey(v[3]) - 10
	}
	return (company+1+key/11)%11 == key%11
}

// vatKey gives 0 to 33 for digits and letters without I and O.
func vatKey(c byte) int {
	n := value(c)
	if c > 'O' {
		n--
	}
	if c > 'I' {
		n--
	}
	return n
}

// RIB checks a French account: bank, branch, account of digits or letters, key
// by 97, letters counting 1 to 9 thrice over (CFONB).
func RIB(v []byte) bool {
	if len(v) != 23 || !digits(v[:10]) || !alnum(v[10:21]) || !digits(v[21:]) || number(v[:5]) == 0 {
		return false
	}
	r := 0
	for _, c := range v {
		r = (r*10 + ribValue(c)) % 97
	}
	return r == 0 && number(v[21:]) > 0
}

func ribValue(c byte) int {
	switch {
	case c <= '9':
		return int(c - '0')
	case c < 'S':
		return int(c-'A')%9 + 1
	}
	return int(c-'S') + 2
}
