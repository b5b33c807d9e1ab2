package shape

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxBack is how many bytes before a place a value may begin.
const maxBack = 120

// Signed reads the name behind the closing of a letter, "Regards," or "Mit
// freundlichen Grüßen": in the same line or the next one that is not empty, and
// alone in it but for what marks the end of a sentence.
func Signed(s string, from int) (Match, bool) {
	i, lines := from, 0
	for ; i < len(s) && lines < 3; i++ {
		if s[i] == '\n' {
			lines++
		} else if class[s[i]]&isSpace == 0 && s[i] != ',' && s[i] != '!' && s[i] != '.' && s[i] != '-' && s[i] != '\r' {
			break
		}
	}
	if i == from {
		return Match{}, false
	}
	n := names{s: s, i: i, most: 4, strict: true}
	m, ok := n.read()
	return m, ok && lineEnds(s, m.End)
}

// Known reads a name that begins with a frequent given name, with capitals, behind
// words that say little: "appointment for".
func Known(s string, from int) (Match, bool) {
	i, marked := nameStart(s, from)
	n := names{s: s, i: i, most: 4, known: true, capital: true, marked: marked}
	return n.read()
}

// Owner is Known behind a phone number or an account and a blank, a comma before it
// perhaps, to the end of the line: "020 7946 0182, Anna Meier".
func Owner(s string, from int) (Match, bool) {
	if at(s, from) == ',' {
		from++
	}
	if at(s, from) != ' ' || capitalless(at(s, from+1)) {
		return Match{}, false
	}
	m, ok := Known(s, from)
	return m, ok && m.OneIn >= 32 && lineEnds(s, m.End)
}

// capitalless reports the first bytes of letters of scripts without capitals, in which
// Known finds no name as rare as that of an owner.
func capitalless(c byte) bool {
	return c >= 0xD7 && c <= 0xE0 || c >= 0xE3 && c <= 0xE9 || c >= 0xEB && c <= 0xED
}

// OwnerEnds gives where the words before i end that begin at a place: blanks and marks
// between are passed.
func OwnerEnds(s string, begin, i int) int {
	for i > begin && besideOwner[s[i-1]] {
		i--
	}
	return i
}

// besideOwner are blanks and the marks between a name and what belongs to its bearer.
var besideOwner = func() (t [256]bool) {
	for c := range t {
		t[c] = class[c]&isSpace != 0 || strings.IndexByte(",:;.-(|/#", byte(c)) >= 0
	}
	return t
}()

// OwnerBefore reads a name of two words or more, one of them a frequent given name,
// that stands from the beginning of a line to end, a verb or a title before it. NameEnds
// has to hold of that end.
func OwnerBefore(s string, begin, end int) (Match, bool) {
	if !several(s[begin:end]) {
		return Match{}, false
	}
	for range 5 {
		if m, ok := Known(s, begin); ok && m.End == end {
			return m, m.OneIn >= 32 && !thingIn(s[m.Start:m.End]) && !works(s[m.Start:m.End])
		}
		stop := nameWord(s, begin)
		if stop == begin || stop >= end || upperFirst(s[begin:stop]) && givenName(s[begin:stop]) {
			break
		}
		if begin = span(s, stop+dots(s, stop), 1, isSpace); begin >= end {
			break
		}
	}
	return Match{}, false
}

// several reports that there may be more words than one.
func several(s string) bool {
	return strings.IndexByte(s, ' ') >= 0 || strings.IndexByte(s, '.') >= 0 // "J.Meier"
}

// NameEnds reports that the word which ends at a place has a capital, as the last one
// of a name of several words has.
func NameEnds(s string, begin, end int) bool {
	for end > begin {
		c, size := s[end-1], 1
		switch {
		case c >= utf8.RuneSelf:
			var r rune
			if r, size = utf8.DecodeLastRuneInString(s[begin:end]); !alphabetic(r) && (r < 0x1E00 || r >= 0x2000 && r != '’') {
				return false
			} else if unicode.IsUpper(r) || unicode.IsTitle(r) {
				return true
			}
		case class[c]&isUpper != 0:
			return true
		case class[c]&isLower == 0 && c != '-' && c != '\'':
			return false
		}
		end -= size
	}
	return false
}

// Greeted is Known behind a greeting, of which the name is all: "Hi May I ask" has
// none.
func Greeted(s string, from int) (Match, bool) {
	m, ok := Known(s, from)
	if !ok {
		return m, false
	}
	c := at(s, m.End)
	return m, m.End == len(s) || c == ',' || c == '!' || c == '\n'
}

// lineEnds reports that only signs that end a sentence stand between i and the
// end of the line, or that a number or a bracket follows.
func lineEnds(s string, i int) bool {
	for ; i < len(s) && s[i] != '\n'; i++ {
		if s[i] != ' ' && s[i] != '.' && s[i] != ',' && s[i] != '!' && s[i] != '\r' {
			return s[i] == '|' || s[i] == '(' || s[i] == '<' || s[i] == '+' || class[s[i]]&isDigit != 0
		}
	}
	return true
}

// Before gives the readers of values that end where a label begins, by the topic
// of the label: "Anna Meier is my name". It must not be changed.
var Before = map[string]Reader{
	"namebehind":    nameBefore,
	"addressbehind": addressBefore,
	"honoured":      honouredBefore,
}

// nameBefore reads a name from the beginning of its part of the sentence to end.
func nameBefore(s string, end int) (Match, bool) {
	return endingAt(s, end, ".!?;:,\n。、，！", Introduced)
}

// addressBefore reads an address from the beginning of its sentence to end.
func addressBefore(s string, end int) (Match, bool) {
	m, ok := endingAt(s, end, "!?;:\n", Address)
	return m, ok && m.OneIn >= 16
}

// endingAt reads a value that begins behind one of the stops, or at the beginning
// of the text, and ends at a place, blanks and a comma not counted.
func endingAt(s string, end int, stops string, read Reader) (Match, bool) {
	begin := max(0, end-maxBack)
	end = trimmed(s, end)
	if k := strings.LastIndexAny(s[begin:end], stops); k >= 0 {
		_, size := utf8.DecodeRuneInString(s[begin+k:])
		begin += k + size
	} else if begin > 0 {
		return Match{}, false
	}
	m, ok := read(s, begin)
	return m, ok && m.End == end
}

func trimmed(s string, end int) int {
	for end > 0 && (s[end-1] == ' ' || s[end-1] == ',') {
		end--
	}
	return end
}

// Sender reads the name before an address of mail in angle brackets, the first of
// which stands at i: "From: Anna Meier <anna@example.org>".
func Sender(s string, i int) (Match, bool) {
	end := i
	for end > 0 && (s[end-1] == ' ' || s[end-1] == '"') {
		end--
	}
	begin := end
	for words := 0; words < maxNameWords && begin > 0; words++ {
		k := begin
		for k > 0 && s[k-1] != ' ' && s[k-1] != ':' && s[k-1] != '\n' && s[k-1] != '"' && begin-k < 40 {
			k--
		}
		if k == begin || !properName(s[k:begin]) && !Particle(s[k:begin]) {
			break
		}
		begin = k
		if k == 0 || s[k-1] != ' ' {
			break
		}
		begin--
	}
	begin = span(s, begin, 1, isSpace)
	if begin >= end || end == i {
		return Match{}, false
	}
	m, ok := Introduced(s, begin)
	return m, ok && m.Start == begin && m.End == end
}
