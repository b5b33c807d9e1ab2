package shape

import "unicode/utf8"

// Reader reads the value behind a place where a label ended, words between
// such as "is" passed already; blanks, colons and quotation marks it passes
// itself. It also reads a value that begins at that place.
type Reader func(s string, from int) (Match, bool)

// Behind gives the readers by the topic of the label, as the word lists of
// package catalog name it. It must not be changed.
var Behind = map[string]Reader{
	"password": behindWord(Password),
	"otp":      behindWord(OTP),
	"pin":      behindWord(PIN),
	"cvv":      behindWord(CVV),
	"security": behindWord(Security),
	"expiry":   behindWord(Expiry),
	"dob":      behindWord(Date),
	"secret":   behindWord(SecretValue),
	"name":     behindWord(Name),
	"called":   behindWord(Called),
	"intro":    behindWord(Introduced),
	"title":    behindWord(Titled),
	"closing":  behindWord(Signed),
	"kin":      behindWord(Kin),
	"kinsman":  behindWord(Kinsman),
	"whom":     behindWord(Known),
	"role":     behindWord(Role),
	"bearer":   behindWord(Bearer),
	"relative": behindWord(Relative),
	"greeting": behindWord(Greeted),
	"address":  behindWord(Address),
	"record":   behindWord(Record),
	"filing":   behindWord(Filed),
	"process":  behindWord(Proceeding),
	"matter":   behindWord(Proceeding),
	"login":    behindWord(Pair),
	"plate":    behindWord(Plate),
	"bic":      behindWord(BIC),
	"alias":    behindWord(Alias),
}

// behindWord passes the ending of an inflected label first: a list may know
// the stem alone.
func behindWord(read Reader) Reader {
	return func(s string, from int) (Match, bool) { return read(s, clitic(s, wordRest(s, from))) }
}

// clitic passes a verb that has become an ending: "the code's 482913".
func clitic(s string, i int) int {
	if c := at(s, i); c != '\'' && c != "’"[0] {
		return i
	}
	for _, w := range [...]string{"'s", "’s"} {
		if hasFold(s, i, w) && is(s, i+len(w), isSpace) {
			return i + len(w)
		}
	}
	return i
}

// wordRest gives where the word ends in the midst of which i stands, in scripts
// with spaces between words.
func wordRest(s string, i int) int {
	if c := at(s, i); c < utf8.RuneSelf && class[c]&isLetter == 0 {
		return i
	}
	if _, _, letter := foreignBefore(s, i, 0); !letter && !is(s, i-1, isLetter) {
		return i
	}
	if r, _, _ := foreignBefore(s, i, 0); r >= 0x0E00 {
		return i
	}
	for n := 0; i < len(s) && n < 16; n++ {
		if class[s[i]]&isLetter != 0 {
			i++
			continue
		}
		r, size, letter := foreign(s, i)
		if !letter || r >= 0x0E00 && r < 0x1E00 || r >= 0x1F00 {
			break
		}
		i += size
	}
	return i
}

const (
	rowPassword = "PASSWORD"
	rowOTP      = "OTP"
	rowPIN      = "CARD_PIN"
	rowCVV      = "CARD_CVV"
	rowExpiry   = "CARD_EXPIRY"
	rowName     = "NAME"
	rowAddress  = "ADDRESS"
	rowRecord   = "RECORD_ID"
	rowPlate    = "PLATE"
)

// lone gives the end of least to most digits at i that are a number of their
// own: no decimals, times, percents, dates, units or masks go on behind them.
func lone(s string, i, least, most int) (end int, ok bool) {
	end = span(s, i, most+1, isDigit)
	if n := end - i; n < least || n > most || is(s, end, isAlnum) {
		return 0, false
	}
	switch at(s, end) {
	case '%', '*', '}', '@', '_', '^', '=':
		return 0, false
	case '.', ',', ':', '/', '-':
		if is(s, end+1, isDigit) || at(s, end) == '/' && is(s, end+1, isAlnum) {
			return 0, false
		}
	}
	return end, !money(s, end)
}

// currencies are signs and names of currencies, by their first byte.
var currencies = leads([]string{"$", "€", "£", "₹", "₽", "₺", "฿", "₫", "₦", "₩", "円", "元", "원", "块", "usd", "eur", "gbp", "inr", "idr", "ngn", "kes", "zar", "brl",
	"mxn", "aed", "sar", "rs", "rp", "rub", "руб", "zł", "kr", "tl", "chf", "euro", "dollar", "rupee", "pesos", "reais", "naira", "lira", "ريال", "درهم", "तुपये", "रुपये", "บาท"})

// money reports a sign or name of a currency behind i.
func money(s string, i int) bool {
	i = span(s, i, 1, isSpace)
	for _, w := range currencies[fold(at(s, i))] {
		if hasFold(s, i, w) && (class[w[0]]&isLetter == 0 || !is(s, i+len(w), isLetter) || len(w) > 3) {
			return true
		}
	}
	return false
}

// OTP reads a one-time code of 4 to 8 digits, in two halves perhaps, G- before
// it as some senders write.
func OTP(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	if c := at(s, i); c == '[' || c == '(' || c == '<' {
		i++
	}
	m := Match{Row: rowOTP, Start: i, OneIn: 4}
	if hasFold(s, i, "g-") && is(s, i+2, isDigit) {
		i += 2
	}
	if end, ok := halves(s, i); ok {
		m.End, m.OneIn = end, 8
		return m, true
	}
	end, ok := lone(s, i, 4, 8)
	m.End = end
	switch n := end - i; {
	case n == 4 && s[i] <= '2' && (s[i:i+2] == "19" || s[i:i+2] == "20"):
		m.OneIn = 2 // perhaps a year
	case n >= 6:
		m.OneIn = 8
	}
	return m, ok
}

// halves reads codes written in equal groups: 123-456, 1234 5678, 12 34 56,
// 1 2 3 4 5 6.
func halves(s string, i int) (end int, ok bool) {
	size := span(s, i, 5, isDigit) - i
	mark := at(s, i+size)
	if size < 1 || size > 4 || mark != '-' && mark != ' ' {
		return 0, false
	}
	groups, k := 1, i+size
	for groups < 9 && at(s, k) == mark && span(s, k+1, size+1, isDigit) == k+1+size {
		groups, k = groups+1, k+1+size
	}
	n := groups * size
	if groups < 2 || n < 4 || n > 8 || groups == 2 && size < 3 {
		return 0, false
	}
	return lone(s, k-size, size, size)
}

// PIN reads 4 to 6 digits, single blanks between them perhaps.
func PIN(s string, from int) (Match, bool) { return short(s, from, rowPIN, 4, 6) }

// CVV reads 3 or 4 digits, single blanks between them perhaps.
func CVV(s string, from int) (Match, bool) { return short(s, from, rowCVV, 3, 4) }

// Security reads what "security code" calls: three digits are those of a card, more
// a one-time code.
func Security(s string, from int) (Match, bool) {
	if m, ok := short(s, from, rowCVV, 3, 3); ok {
		return m, true
	}
	return OTP(s, from)
}

func short(s string, from int, row string, least, most int) (Match, bool) {
	i := skipNumberWord(s, skipLink(s, from))
	if end, ok := lone(s, i, least, most); ok {
		return Match{Row: row, Start: i, End: end, OneIn: 4}, !Measured(s, end)
	}
	n, end := 0, i
	for k := i; is(s, k, isDigit) && n <= most; k += 2 {
		n++
		end = k + 1
		if at(s, end) != ' ' || !is(s, end+1, isDigit) {
			break
		}
	}
	if n < least || n > most || is(s, end, isAlnum) {
		return Match{}, false
	}
	return Match{Row: row, Start: i, End: end, OneIn: 8}, true
}

// Measured reports a unit behind a number: "pin it to the wall at 1450 mm".
func Measured(s string, i int) bool {
	if at(s, i) == ' ' {
		i++
	}
	end := span(s, i, 7, isLetter)
	return end > i && !letterAt(s, end) && named(units, s[i:end])
}

var units = setOf("mm cm km kg mg ml kb mb gb px hz khz mhz psi kwh meter meters metres miles")

// CardRest reads the security code behind an expiry, with a mark or a word or two
// between: "04/28 - 123", "04/28 code 123".
func CardRest(s string, from int) (Match, bool) {
	i, words := from, 0
	for i < len(s) && i-from < 24 && !is(s, i, isDigit) {
		switch {
		case s[i] == '\n' && i > from, s[i] == '.' || s[i] == '?' || s[i] == '!', s[i] == '+', money(s, i):
			return Match{}, false
		case s[i] == ' ' && i > from && s[i-1] != ' ':
			words++
		}
		i++
	}
	end, ok := lone(s, i, 3, 4)
	if !ok || i == from || words > 3 || is(s, span(s, end, 2, isSpace), isAlnum) {
		return Match{}, false
	}
	return Match{Row: rowCVV, Start: i, End: end, OneIn: 8}, true
}

// Expiry reads month and year: 04/28, 4-2028, 0428.
func Expiry(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	month, mn, k := digitsAt(s, i)
	m := Match{Row: rowExpiry, Start: i, OneIn: 8}
	if mn == 4 && month/100 >= 1 && month/100 <= 12 && month%100 >= 15 {
		m.End, m.OneIn = k, 4
		return m, !is(s, k, isAlnum)
	}
	if mn == 0 || mn > 2 || month < 1 || month > 12 {
		return Match{}, false
	}
	k = span(s, k, 1, isSpace)
	if c := at(s, k); c != '/' && c != '-' && c != '.' {
		return Match{}, false
	}
	year, yn, end := digitsAt(s, span(s, k+1, 1, isSpace))
	if yn != 2 && (yn != 4 || year < 2000 || year > 2079) || is(s, end, isAlnum) || (at(s, end) == '/' || at(s, end) == '-' || at(s, end) == '.') && is(s, end+1, isDigit) {
		return Match{}, false
	}
	m.End = end
	return m, true
}
