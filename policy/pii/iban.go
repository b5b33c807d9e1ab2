package pii

// ibanLengths gives the length of an IBAN by country, from the SWIFT IBAN
// registry and the experimental list of countries that use the form.
var ibanLengths = ibanTable("AD24AE23AL28AT20AZ28BA20BE16BG22BH22BI27BR29BY28CH21CR22CY28CZ24DE22DJ27DK18DO28DZ26" +
	"EE20EG29ES24FI18FK18FO18FR27GB22GE22GI23GL18GR27GT28HN28HR21HU28IE22IL23IQ23IR26IS26IT27JO30KW30KZ20" +
	"LB28LC32LI21LT20LU20LV21LY25MA28MC27MD24ME22MK19MN20MR27MT31MU30NI28NL18NO15OM23PK24PL28PS29PT25QA29" +
	"RO24RS22RU33SA24SC31SD18SE24SI19SK24SM27SN28SO23ST25SV28TL23TN24TR26UA29VA22VG24XK20YE30" +
	"AO25BF28BJ28CF27CG27CI28CM27CV25GA27GQ27GW25KM27MG27ML28MZ25NE28TD27TG28")

func ibanTable(s string) (t [26 * 26]uint8) {
	for i := 0; i+4 <= len(s); i += 4 {
		t[int(s[i]-'A')*26+int(s[i+1]-'A')] = (s[i+2]-'0')*10 + s[i+3] - '0'
	}
	return t
}

const maxIBAN = 34

// iban tries an account number whose check digits begin at i, behind the two
// letters of its country. It returns where it ends, 0 if there is none.
func (p *pass) iban(i int) int {
	start, want := p.country(i)
	if want == 0 {
		return 0
	}
	var chars [maxIBAN]byte
	n, end, fours := p.ibanChars(start, want, &chars)
	if n < want || !isDigit(chars[2]) || !isDigit(chars[3]) {
		return 0
	}
	f := Finding{Type: IBAN, Level: Certain, Start: start, End: end, Reasons: ByPrefix | ByChecksum}
	if fours {
		f.Reasons |= ByGrouping
	}
	if mod97(chars[:n]) != 1 {
		if is, _ := p.wordsBefore(start); !fours && is != topicAccount {
			return 0
		}
		f.Level, f.Reasons = Possible, f.Reasons&^ByChecksum|BadChecksum
		p.add(f)
		return 0
	}
	p.add(f)
	p.floor = end
	return end
}

// country reads the two letters before i and gives their start and the length
// of that country's IBAN.
func (p *pass) country(i int) (start, want int) {
	var letters [2]byte
	at := i
	for k, gaps := 1, 0; k >= 0; {
		if at == p.floor {
			return 0, 0
		}
		b, prev := before(p.text, at)
		switch {
		case isLetter(b):
			letters[k] = b &^ 0x20
			k--
		case b == ignored:
		case k == 1 && gaps == 0 && (b == ' ' || b == '-'):
			gaps++
		default:
			return 0, 0
		}
		at = prev
	}
	want = int(ibanLengths[int(letters[0]-'A')*26+int(letters[1]-'A')])
	if isAlnum(byteAt(p.text, at-1)) && !ibanWord(p.text, at) {
		return 0, 0
	}
	return at, want
}

// ibanWord reports "iban" glued to the number.
func ibanWord(text string, at int) bool {
	if at < 4 {
		return false
	}
	w := text[at-4 : at]
	return w[0]|0x20 == 'i' && w[1]|0x20 == 'b' && w[2]|0x20 == 'a' && w[3]|0x20 == 'n'
}

// ibanChars collects the wanted letters and digits in upper case. Fours says
// that they stand in groups of four.
func (p *pass) ibanChars(start, want int, chars *[maxIBAN]byte) (n, end int, fours bool) {
	gap, groups, first := 0, 0, 0
	fours = true
	for i := start; i < len(p.text); {
		b, size := norm(p.text, i)
		switch {
		case isAlnum(b):
			if n == want {
				return grown(n, gap), end, false
			}
			if gap > 0 {
				fours = fours && n-first == 4
				groups++
				first = n
			}
			if chars[n] = b; isLetter(b) {
				chars[n] &^= 0x20
			}
			n, gap, end = n+1, 0, i+size
		case b == ignored:
		case n == want || gap == maxGap || !separator(b):
			return n, end, fours && groups > 2
		default:
			gap++
		}
		i += size
	}
	return n, end, fours && groups > 2
}

// grown is n if what follows is set off, else 0: the row is longer than an
// IBAN.
func grown(n, gap int) int {
	if gap > 0 {
		return n
	}
	return 0
}

func separator(b byte) bool {
	switch b {
	case ' ', '-', '.', '/', '_', '*', '~', '`':
		return true
	}
	return false
}

// mod97 is the checksum of ISO 7064 over the rotated number; 1 is right.
func mod97(chars []byte) int {
	sum := 0
	for i := range chars {
		c := chars[(i+4)%len(chars)]
		if isDigit(c) {
			sum = (sum*10 + int(c-'0')) % 97
		} else {
			sum = (sum*100 + int(c-'A') + 10) % 97
		}
	}
	return sum
}
