package shape

import (
	_ "embed"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxAddress is how many bytes one address has at most.
const MaxAddress = 160

const maxIndent = 4 // blanks before a line of an address

// Address reads where a person lives, behind a label: words, numbers and
// commas to the end of the line or the sentence. It wants a number and a word
// of a street, a code of a town, a comma, or a word with a capital beside it;
// in Chinese, Japanese and Korean the signs of districts and houses.
func Address(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	if i >= len(s) || digitIn(s[i:min(len(s), i+MaxAddress)]) < 0 {
		return Match{}, false
	}
	r, _ := utf8.DecodeRuneInString(s[min(i, len(s)):])
	if r >= '0' && r <= '9' { // the code of a town may stand first
		r, _ = utf8.DecodeRuneInString(s[span(s, i, 6, isDigit):])
	}
	if r == '〒' || unicode.Is(unicode.Han, r) || unicode.Is(unicode.Hangul, r) {
		return eastern(s, i)
	}
	a := addressLine{s: s, i: i}
	a.read()
	return a.judge()
}

// addressLine collects what an address is told by.
type addressLine struct {
	s          string
	i, end     int
	numbers    int // one to five digits, letters after them perhaps
	towns      int // codes of towns: four digits or more, or letters and digits
	streets    int
	capitals   int
	words      int
	commas     int
	afterWords int // small words in a row that no address has
}

//go:embed streets.txt
var streetText string

// streetWords are words and endings for streets, houses and parts of towns.
var (
	streetWords = setOf(uncommented(streetText))
	streetEnds  = endings("straße", "strasse", "str", "chaussee", "pfad", "steig", "stieg", "weg", "gasse", "platz", "allee", "ring", "damm", "ufer", "straat", "laan", "gracht", "plein", "kade", "gatan", "vägen", "vej",
		"gade", "veien", "gata", "katu", "tie", "utca")
)

// endings orders words in small letters by their last byte.
func endings(list ...string) (t [256][]string) {
	for _, w := range list {
		t[w[len(w)-1]] = append(t[w[len(w)-1]], w)
	}
	return t
}

// addressEnds are words behind which an address is over.
var addressEnds = setOf("phone tel telephone mobile email mail dob name id ssn passport and my is please thanks thank because call i we you " +
	"teléfono correo nombre gracias telefone nome obrigado téléphone merci telefon handy danke und mein ist bitte telefono grazie bedankt " +
	"тел телефон спасибо и телефона هاتف رقم شكرا तेलेफोन फोन मोबाइल धन्यवाद telp hp terima điện में है हूँ रहता रहती hai hoon rehta rehti ہے ہوں رہتا رہتی adresinde oturuyorum است هست هستم")

// addressNever are words behind "address" where that is a verb, or speaks of one.
var addressNever = setOf("the this that these those your our all any some to is was it issue bar book line")

// read walks over words and marks up to the end of the address.
func (a *addressLine) read() {
	stop := min(len(a.s), a.i+MaxAddress)
	for k := a.i; k < stop; {
		next, isWord := addressToken(a.s, k)
		if !isWord {
			if size := foreignComma(a.s[k:]); size > 0 {
				a.commas++
				k += size
				continue
			}
			if !a.mark(k) {
				return
			}
			k++
			continue
		}
		if next > stop || a.hour(k, next) || a.streets == 0 && a.dated(k, next) || !a.word(a.s[k:next], idaho(a.s, k)) {
			return
		}
		if a.afterWords == 0 {
			a.end = next
		}
		k = next
	}
}

// hour reports a time of the day: "a taxi to King's Cross by 20:30".
func (a *addressLine) hour(k, next int) bool {
	return next-k <= 2 && is(a.s, k, isDigit) && at(a.s, next) == ':' && is(a.s, next+1, isDigit) && is(a.s, next+2, isDigit) && !is(a.s, next+3, isAlnum)
}

// dated reports a day, a month and a year at k, a month and a year, or a year that ends
// what is said behind "in": none is the number of a house or the code of a town, "moved to
// Chicago in 2018". Before a street they may name it: "Rua 25 de Abril".
func (a *addressLine) dated(k, next int) bool {
	c := a.s[k]
	if class[c]&isUpper != 0 {
		if _, n, _ := digitsAt(a.s, span(a.s, next+dots(a.s, next), 1, isSpace)); n != 4 {
			return false
		}
		month, _ := monthAt(a.s, k)
		return month > 0
	}
	if class[c]&isDigit == 0 || numbersOnly(a.s, k) && next-k != 4 {
		return false
	}
	if end, _ := dateNamed(a.s, k); end > k+4 && is(a.s, end-4, isDigit) && is(a.s, end-3, isDigit) {
		return true
	}
	year := next-k == 4 && (a.s[k:k+2] == "19" || a.s[k:k+2] == "20") && is(a.s, next-1, isDigit)
	rest := span(a.s, next, 1, isSpace)
	return year && k >= 4 && (a.s[k-4:k] == " in " || k >= 7 && a.s[k-7:k] == " since ") && !is(a.s, rest, isUpper) && at(a.s, rest) < utf8.RuneSelf
}

// foreignComma gives the size of a comma of another script.
func foreignComma(s string) int {
	if s[0] < utf8.RuneSelf {
		return 0
	}
	for _, w := range [...]string{"،", "፣", "、", "，", "’"} {
		if strings.HasPrefix(s, w) {
			return len(w)
		}
	}
	return 0
}

// mark judges one byte between words; false ends the address.
func (a *addressLine) mark(k int) bool {
	switch a.s[k] {
	case ' ', '-', '/', '#', '\'', '(', ')', '&':
		return true
	case ',':
		a.commas++
		return true
	case '.':
		// after an abbreviation the address goes on, after a sentence not
		return k+1 < len(a.s) && (is(a.s, k+1, isAlnum) || k-a.i < 4 || wordLength(a.s, k, a.i) <= 4 || is(a.s, span(a.s, k+1, 1, isSpace), isDigit))
	case ':':
		return wordLength(a.s, k, a.i) <= 5 && is(a.s, span(a.s, k+1, 1, isSpace), isDigit) // No:12
	case '\n':
		a.commas++
		next := span(a.s, k+1, maxIndent, isSpace)
		return is(a.s, next, isAlnum) && next < len(a.s) && a.words < 12 && !labelled(a.s[next:])
	}
	return false
}

// labelled reports a line of a form, "Telefon: ...": it begins something else.
func labelled(s string) bool {
	for i := 0; i < len(s) && i < 24 && s[i] != '\n'; i++ {
		if s[i] == ':' {
			return !is(s, i+1, isDigit) // No:12
		}
		if class[s[i]]&isDigit != 0 {
			return false
		}
	}
	return false
}

// wordLength counts the letters of the word that ends at k.
func wordLength(s string, k, floor int) int {
	n := 0
	for k-n > floor && s[k-n-1] != ' ' && s[k-n-1] != ',' {
		n++
	}
	return utf8.RuneCountInString(s[k-n : k])
}

// addressToken reads a word of letters and digits of any script.
func addressToken(s string, i int) (end int, ok bool) {
	end = i
	for end < len(s) && end-i < 60 {
		if class[s[end]]&isAlnum != 0 {
			end++
			continue
		}
		if s[end] < utf8.RuneSelf {
			break
		}
		_, size, letter := foreign(s, end)
		if !letter && !(size > 0 && (strings.HasPrefix(s[end:], "º") || strings.HasPrefix(s[end:], "ª") || strings.HasPrefix(s[end:], "°") || strings.HasPrefix(s[end:], "№"))) {
			break
		}
		end += size
	}
	return end, end > i
}

// idaho reports the code of the state before one of a town: "Boise, ID 83702".
func idaho(s string, k int) bool {
	return strings.HasPrefix(s[k:], "ID ") && span(s, k+3, 6, isDigit) == k+8
}

// word judges one word; idaho says that it stands for the state. False ends
// the address before it.
func (a *addressLine) word(w string, idaho bool) bool {
	digits := 0
	for i := range len(w) {
		if class[w[i]]&isDigit != 0 {
			digits++
		}
	}
	letters := len(w) - digits
	switch {
	case digits > 8, a.words > 24, a.words > 0 && !idaho && namedPlain(addressEnds, w), a.words == 0 && namedPlain(addressNever, w):
		return false
	case digits >= 4 && letters == 0, digits > 0 && letters > 1 && letters <= 4:
		a.towns++
	case digits > 0:
		a.numbers++
	case namedPlain(streetWords, w) || streetEnd(w):
		a.streets++
	case upperFirst(w):
		a.capitals++
	case !alphabetic(firstRune(w)): // no capitals in this script
		a.capitals++
	case a.streets > 0 && a.numbers+a.towns == 0 && namedPlain(particles, w):
		a.words++
		return true // "av. de la reforma 15"
	default:
		a.afterWords++
		if a.afterWords > 2 {
			return false
		}
		a.words++
		return true
	}
	a.afterWords = 0
	a.words++
	return true
}

func firstRune(w string) rune {
	r, _ := utf8.DecodeRuneInString(w)
	return r
}

// streetEnd reports Germanic compounds: Hauptstraße, Kerkstraat, Storgatan.
func streetEnd(w string) bool {
	if w == "" {
		return false
	}
	for _, e := range streetEnds[fold(w[len(w)-1])] {
		if len(w) >= len(e)+3 && endsFold(w, len(w), 0, e) {
			return true
		}
	}
	return false
}

func (a *addressLine) judge() (Match, bool) {
	m := Match{Row: rowAddress, Start: a.i, End: a.end, OneIn: 4}
	number := a.numbers+a.towns > 0
	switch {
	case a.end-a.i < 6 || !number, a.streets == 0 && dayIn(a.s[a.i:a.end]):
		return Match{}, false
	case a.streets > 0 && a.words >= 3:
		m.OneIn = 32
		if a.towns > 0 || a.commas > 0 {
			m.OneIn = 64
		}
	case a.streets > 0 && a.numbers > 0 && a.words >= 2 && a.afterWords == 0:
		m.OneIn = 8
	case a.capitals > 0 && (a.commas > 0 || a.towns > 0) && a.words >= 3:
		m.OneIn = 16
	case a.capitals >= 1 && a.numbers > 0 && a.words >= 2:
		m.OneIn = 4
	default:
		return Match{}, false
	}
	return m, true
}

// dayIn reports a day of a month: "the team by 16 May" is no address without a street.
func dayIn(v string) bool {
	for i := 0; i < len(v); i++ {
		if class[v[i]]&isDigit == 0 {
			continue
		}
		end := span(v, i, len(v), isDigit)
		if month, _ := monthAt(v, span(v, end, 1, isSpace)); month > 0 && end-i <= 2 {
			return true
		}
		i = end
	}
	return false
}

// districts are the signs of addresses in Chinese, Japanese and Korean.
var districts = planeOf("省市区區县縣镇鎮乡鄉村路街道巷弄号號楼樓室栋棟单元座郡町丁目番地府都県時시도군구읍면동리로길호층번지")

// easternLetters are those of their scripts.
var easternLetters = planeOf("ーのノヶ", unicode.Han, unicode.Katakana, unicode.Hangul)

// eastern reads an address of China, Japan or Korea: signs of districts and a
// number, up to the end of the sentence.
func eastern(s string, i int) (Match, bool) {
	end, signs, digits, last := i, 0, 0, i
	for end < len(s) && end-i < MaxAddress {
		r, size := utf8.DecodeRuneInString(s[end:])
		switch {
		case r >= '0' && r <= '9':
			if stop := span(s, end, 6, isDigit); countsElse(s[stop:]) {
				return Match{}, false
			}
			digits++
			last = end + size
		case sentenceHan.has(r):
			end = len(s)
			continue
		case districts.has(r):
			signs++
			last = end + size
		case r == '〒' || r == '-' || r == ' ' || r == ',' || r == '、' && signs > 0 && end+size < len(s) && is(s, end+size, isDigit) || r == '(' || r == ')' || r == '、' && signs == 0:
		case easternLetters.has(r) || r >= 1<<16 && unicode.Is(unicode.Han, r) || r < utf8.RuneSelf && class[byte(r)]&isLetter != 0:
			if signs < 2 && r >= utf8.RuneSelf && !unicode.Is(unicode.Hangul, r) {
				last = end + size
			}
		default:
			end = len(s)
			continue
		}
		end += size
	}
	if digits == 0 || signs < 2 || !placeSigns.in(s[i:last]) {
		return Match{}, false
	}
	return Match{Row: rowAddress, Start: i, End: last, OneIn: 64}, true
}

// placeSigns are the signs of districts without those of houses and floors, of which
// guests of a hotel speak, and rooms.
var placeSigns = planeOf("省市区區县縣镇鎮乡鄉村路街巷弄里园園道座郡町丁目番都府県室栋棟单元시도군구읍면동리로길호번지")

// sentenceHan are signs that stand in sentences and hardly in the names of places.
var sentenceHan = planeOf("的了是我你您他她们們很吗嗎呢吧没這这那")

// countsElse reports what prices, days and stars are counted with.
func countsElse(s string) bool { return beginsRun(s, counters) }

var counters = runsOf("元 块钱 天 点 點 星级 星級 分钟 分鐘 小时 小時 시간 个 個 次 年")

// Residence reads the address behind a name and a comma or a line, with a street, a
// number and the code of a town: "Anna Meier, Deichstr. 9, 25335 Elmshorn".
func Residence(s string, from int) (Match, bool) {
	if c := at(s, from); c != ',' && c != '\n' {
		return Match{}, false
	}
	i := span(s, from+1, 2, isSpace)
	if day, _ := dateNumbers(s, i); day > i {
		return Match{}, false // "Игорь Мельников, 12.05.1980 г.р."
	}
	w := s[i:nameWord(s, i)]
	if w != "" && !upperFirst(w) && !namedPlain(streetWords, w) && alphabetic(firstRune(w)) || namedPlain(addressEnds, w) {
		return Match{}, false // "policy no. HO-7712094", "tel 030 901820"
	}
	m, ok := Address(s, i)
	return m, ok && m.Start == i && m.OneIn >= 64
}
