package shape

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const maxNameWords = 5

// Name reads a person's name behind a label such as "name" or "my name is": up
// to five words with capitals and the particles between them, or words that
// begin with a frequent given name. It stops at words that are no names. In
// scripts without capitals the number of words is bounded.
func Name(s string, from int) (Match, bool) {
	i, marked := nameStart(s, from)
	if !marked && ofThing(s, from, i) || houseNamed(s, from) {
		return Match{}, false
	}
	n := names{s: s, i: i, most: maxNameWords, marked: marked}
	m, ok := n.read()
	return m, ok && !works(s[m.Start:m.End])
}

// Called reads a name behind a bare word for one in scripts without capitals, which says
// as much of rooms and files: a colon or a dash has to stand between, or one of its words
// has to be a given name.
func Called(s string, from int) (Match, bool) {
	i, marked := nameStart(s, from)
	marked = marked || strings.Contains(s[from:i], "- ")
	n := names{s: s, i: i, most: maxNameWords, strict: true, marked: marked}
	m, ok := n.read()
	return m, ok && !works(s[m.Start:m.End])
}

// Introduced reads a name behind "I am" and its kin: one of its words has to be
// a given name, for businesses introduce themselves as people do.
func Introduced(s string, from int) (Match, bool) {
	i, marked := nameStart(s, from)
	label := s[wordBefore(s, from):from]
	if accented(label) || i == from && strings.HasSuffix(s[:i], "전") {
		return Match{}, false // "전송"
	}
	n := names{s: s, i: i, most: 4, strict: true, capital: conjunction(label, s[from:]), marked: marked}
	return n.read()
}

// Titled reads a name behind "Mr" and its kin: one to three words with
// capitals.
func Titled(s string, from int) (Match, bool) {
	i := from
	if at(s, i) == '.' {
		if writtenOut(s, i) {
			return Match{}, false
		}
		i++
	}
	label := s[wordBefore(s, from):from]
	if !monsieur(s, i) || verbMiss(s, from) || accented(label) {
		return Match{}, false
	}
	i = span(s, i, 2, isSpace)
	for range 2 { // Herr Prof. Dr.
		stop := nameWord(s, i)
		if !namedPlain(titles, s[i:stop]) {
			break
		}
		i = span(s, stop+dots(s, stop), 2, isSpace)
	}
	n := names{s: s, i: i, most: 3, capital: true, titled: true, known: asking(label, len(label) == from)}
	m, ok := n.read()
	return m, ok && !office(s[m.Start:m.End])
}

// asking reports a title that is a word of another language as well, before which no
// title stands alone: without its accent the "bà" of Vietnam is the word that asks
// in the Philippines, "May stock ba Toyota Vios?", and the "malam" of the Hausa is the night
// in Indonesia. "الحاجة" is the need for something as often as a pilgrim. First says that
// it begins the text.
func asking(w string, first bool) bool {
	return w == "ba" && !first || hasFold(w, 0, "malam") || w == "ing" || w == "الحاجة"
}

// writtenOut reports a title before i that is no abbreviation: the dot behind "sir" ends
// a sentence.
func writtenOut(s string, i int) bool {
	k := i
	for k > 0 && is(s, k-1, isLetter) {
		k--
	}
	return i-k > 4 || named(wholeTitles, s[k:i])
}

var wholeTitles = setOf("sir don pan pani pana seu dona miss herr frau heer bay fru pak ibu bapa cik anh dato")

// verbMiss reports a title that ends at i and is the verb of "I miss Anna" or of "MISS
// YOU".
func verbMiss(s string, i int) bool {
	if i < 4 || !hasFold(s, i-4, "miss") || is(s, i-5, isLetter) {
		return false
	}
	return s[i-4] == 'm' && at(s, i-5) == ' ' || s[i-1] == 'S' && upperWord(s, span(s, i, 1, isSpace))
}

// upperWord reports two capitals at i.
func upperWord(s string, i int) bool {
	return is(s, i, isUpper) && (is(s, i+1, isUpper) || at(s, i+1) == '\'')
}

// monsieur reports that a title that ends at i is not of one letter, or that it is
// the "M." of "M. Dupont".
func monsieur(s string, i int) bool {
	dot := at(s, i-1) == '.'
	k := i - 1
	if dot {
		k--
	}
	if k < 0 || fold(s[k]) != 'm' || is(s, k-1, isAlnum) {
		return true
	}
	return s[k] == 'M' && dot && at(s, i) == ' ' && !is(s, k-1, isDigit) && !(at(s, k-1) == ' ' && is(s, k-2, isDigit)) // not "150 M."
}

// titles stand behind other titles.
var titles = setOf("dr prof med dipl ing mag lic dra doktor professor")

// nameStart passes blanks and marks; marked tells a colon among them.
func nameStart(s string, i int) (start int, marked bool) {
	for n := 0; i < len(s) && n < 8; n++ {
		switch c := s[i]; {
		case c == ':' || c == '=':
			marked = true
		case class[c]&isSpace == 0 && c != '-' && c != '*' && c != '_' && c != '"' && c != '\'':
			return i, marked
		}
		i++
	}
	return i, marked
}

// names reads the words of one name.
type names struct {
	s       string
	i       int
	most    int  // words
	strict  bool // one word must be a given name
	capital bool // words must begin with capitals
	marked  bool // a colon stands before
	known   bool // a given name must be there, institutions behind the name do not stand for it
	titled  bool // a title stands before
}

func (n *names) read() (Match, bool) {
	if c := at(n.s, n.i); c < utf8.RuneSelf {
		if class[c]&isLetter == 0 {
			return Match{}, false
		}
		return n.cased()
	}
	r, _ := utf8.DecodeRuneInString(n.s[n.i:])
	switch {
	case unicode.Is(unicode.Han, r), unicode.In(r, unicode.Hiragana, unicode.Katakana):
		return n.han()
	case unicode.Is(unicode.Hangul, r):
		return n.hangul()
	case r >= 0x0E00 && r < 0x10A0 || r >= 0x1780 && r < 0x1800:
		return n.dense(r)
	case r >= 0x0590 && r < 0x0E00 || r >= 0x10A0 && r < 0x1380:
		return n.plainWords()
	case unicode.IsLetter(r):
		return n.cased()
	}
	return Match{}, false
}

// cased reads words of scripts with capitals.
func (n *names) cased() (Match, bool) {
	end, words, capitals := n.i, 0, 0
	given, works := false, false
	for k := n.i; words < n.most; {
		stop := nameWord(n.s, k)
		word := n.s[k:stop]
		if stop == k || word == "" {
			break
		}
		particle := words > 0 && !upperFirst(word) && Particle(word) || words == 0 && n.leads(word, stop)
		if particle && words > 0 && at(n.s, stop) == ' ' && institution(n.s, stop+1) {
			works = true
			break
		}
		if !particle {
			capital := properName(word)
			initial := capital && len(word) == 1 && at(n.s, stop) == '.'
			if !capital && (n.capital || words > 1) || !initial && n.over(word, words) || word == "sarà" {
				break
			}
			frequent := given || givenName(word) && (capital || !namedPlain(verbNames, word))
			if !capital && !given && (!frequent || words > 0) {
				break
			}
			given = frequent
			words++
			if capital {
				capitals++
			}
			end = stop
		}
		if stop < len(n.s) && n.s[stop] == '.' && utf8.RuneCountInString(word) <= 2 { // initial
			if stop++; is(n.s, stop, isUpper) && (at(n.s, stop+1) == '.' || is(n.s, stop+1, isLower)) { // W.J. van der Velden
				k = stop
				continue
			}
		}
		if at(n.s, stop) != ' ' || !particle && is(n.s, stop+1, isSpace) {
			break
		}
		k = stop + 1
	}
	if words == 0 {
		return Match{}, false
	}
	if n.marked {
		if full := inverted(n.s, n.i, end); full > end {
			end, words, capitals, given = full, words+1, capitals+1, given || n.known && givenName(n.s[wordBefore(n.s, full):full])
		}
	}
	m := Match{Row: rowName, Start: n.i, End: end, OneIn: 4}
	switch {
	case n.known && !given && !works, n.strict && !given && !works, !given && capitals == 0:
		return Match{}, false
	case end-n.i < 2 || placeholder(n.s[n.i:end]):
		return Match{}, false
	case given && words > 1, works:
		m.OneIn = 32
	case words > 1:
		m.OneIn = 16
	}
	if n.marked {
		m.OneIn *= 2
	}
	return m, true
}

// verbNames are given names that are words of everyday English in small letters: "this
// name can be changed".
var verbNames = setOf("can will may mark said bill sue rob art grant drew hope rose jack max frank chase dean star sandy")

// leads reports a particle that begins a surname: "van den Berg", "De Luca".
func (n *names) leads(word string, stop int) bool {
	if !Particle(word) || at(n.s, stop) != ' ' {
		return false
	}
	next := n.s[stop+1 : nameWord(n.s, stop+1)]
	return next != "" && (upperFirst(next) && !namedPlain(notNames, next) || !upperFirst(next) && n.leads(next, stop+1+len(next)))
}

// properName reports a word with a capital, behind a prefix of small letters
// perhaps: al-Rashid, d'Angelo.
func properName(w string) bool {
	if upperFirst(w) {
		return true
	}
	for k := 1; k < len(w)-1 && k < 5; k++ {
		if w[k] == '-' || w[k] == '\'' {
			return upperFirst(w[k+1:])
		}
	}
	return false
}

// Particle reports a word that stands in small letters within names.
func Particle(word string) bool { return namedPlain(particles, word) }

// over reports a word that ends the name. Behind a word of the name short ones
// with a capital are names as well: An, Do, Le.
func (n *names) over(word string, words int) bool {
	if words > 0 && len(word) <= 3 && upperFirst(word) && is(word, 1, isLower) {
		return false
	}
	return namedPlain(notNames, word)
}

// nameWord reads letters, inner apostrophes and hyphens.
func nameWord(s string, i int) int {
	end := span(s, i, 40, isLetter)
	for end < len(s) && end-i < 40 {
		c := s[end]
		switch {
		case class[c]&isLetter != 0, (c == '\'' || c == '-') && end > i && (is(s, end+1, isLetter) || end+1 < len(s) && s[end+1] >= utf8.RuneSelf):
			end++
			continue
		case c == 0xE2 && end > i && strings.HasPrefix(s[end:], "’") && end+3 < len(s) && (is(s, end+3, isLetter) || s[end+3] >= 0xC3 && s[end+3] < 0xE0):
			end += len("’")
			continue
		case c >= utf8.RuneSelf:
			if r, size, letter := foreign(s, end); letter && alphabetic(r) || size > 0 && r >= 0x1E00 && r < 0x2000 && letter {
				end += size
				continue
			}
		}
		break
	}
	if is(s, end, isDigit) || at(s, end) == '@' || at(s, end) == '_' && is(s, end+1, isAlnum) {
		return i // a handle, a code, a place in a template
	}
	return end
}

func upperFirst(w string) bool {
	if w == "" {
		return false
	}
	if w[0] < utf8.RuneSelf {
		return class[w[0]]&isUpper != 0
	}
	r, _ := utf8.DecodeRuneInString(w)
	return unicode.IsUpper(r) || unicode.IsTitle(r)
}

// allCapitals reports that no small letter stands in a word.
func allCapitals(w string) bool {
	for _, r := range w {
		if r < utf8.RuneSelf && class[r]&isLower != 0 || r >= utf8.RuneSelf && unicode.ToUpper(r) != r {
			return false
		}
	}
	return true
}

// plainWords reads words of Arabic, Hebrew, Ethiopic and Indian scripts: up to
// three, four behind a colon.
func (n *names) plainWords() (Match, bool) {
	end, words, given := n.i, 0, false
	most := 3
	if n.marked {
		most = 4
	}
	for k := n.i; words < most; {
		stop := k
		for stop < len(n.s) && stop-k < 60 {
			_, size, letter := foreign(n.s, stop)
			if !letter {
				break
			}
			stop += size
		}
		word := n.s[k:stop]
		if word == "" || namedPlain(stops, word) || words == 0 && !n.marked && strings.HasPrefix(word, "ال") {
			break // with an article the first word is a thing
		}
		if words > 0 && at(n.s, stop) == '.' && stop-k < 3 {
			break // an abbreviation: ת.ז
		}
		given = given || words == 0 && namedPlain(givenNames(), word)
		if !namedPlain(arabParts, word) {
			words++
		}
		end = stop
		if at(n.s, stop) != ' ' {
			break
		}
		k = stop + 1
	}
	m := Match{Row: rowName, Start: n.i, End: end, OneIn: 4}
	if n.marked || given {
		m.OneIn = 16
	}
	return m, words > 0 && end-n.i >= 4 && (!n.strict && !n.known || n.marked || given)
}
