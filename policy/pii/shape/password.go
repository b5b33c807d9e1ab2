package shape

import (
	"unicode"
	"unicode/utf8"
)

const maxPassword = 64

// notPassword are words behind "password:" that are none.
var notPassword = setOf("required forgot forgotten reset incorrect wrong invalid expired changed none null protected manager policy please here below " +
	"olvidada incorrecta olvidé esqueci incorreta oublié falsch vergessen vergeten sbagliata errata неверный забыл yanlış unuttum salah lupa sai quên")

// Password reads a word that is no word of a sentence. Behind a colon or in
// quotation marks anything of four characters or more is one; elsewhere it
// must have a digit or a mark within.
func Password(s string, from int) (Match, bool) {
	i, marked := passwordStart(s, from)
	end := i
	kinds := uint8(0)
	wide := false
	for end < len(s) && end-i < maxPassword {
		c := s[end]
		if c < utf8.RuneSelf {
			if class[c]&isSpace != 0 || c < ' ' || quote(c) {
				break
			}
			kinds |= class[c]
			if class[c]&isAlnum == 0 {
				kinds |= isPath
			}
			end++
			continue
		}
		r, size := utf8.DecodeRuneInString(s[end:])
		if !unicode.IsLetter(r) && !unicode.IsMark(r) || r >= 0x0E00 {
			break
		}
		wide = true
		end += size
	}
	for end > i && trailing(s[end-1]) && s[end-1] != '*' && s[end-1] != '!' {
		end--
	}
	if end-i < 4 || placeholder(s[i:end]) || named(notPassword, s[i:end]) {
		return Match{}, false
	}
	m := Match{Row: rowPassword, Start: i, End: end, OneIn: 8}
	inner := insideMark(s[i:end])
	if !marked {
		if kinds&isDigit == 0 && !inner || kinds&isLetter == 0 && !wide && end-i < 4 {
			return Match{}, false
		}
		m.OneIn = 16
	}
	return m, true
}

// passwordStart passes blanks and marks; marked tells a colon, an equals sign
// or a quotation mark among them.
func passwordStart(s string, i int) (start int, marked bool) {
	for n := 0; i < len(s) && n < 8; n++ {
		switch c := s[i]; {
		case c == ':' || c == '=' || quote(c):
			marked = true
		case class[c]&isSpace == 0 && c != '-' && c != '>':
			return i, marked
		}
		i++
	}
	return i, marked
}

func quote(c byte) bool { return c == '"' || c == '\'' || c == '`' }

// insideMark reports punctuation that is hardly part of a word, or a capital
// behind a small letter.
func insideMark(v string) bool {
	for i := 1; i < len(v); i++ {
		switch c := v[i]; {
		case c == '@' || c == '#' || c == '$' || c == '!' || c == '%' || c == '&' || c == '_' || c == '+' || c == '=' || c == '^':
			return true
		case class[c]&isUpper != 0 && class[v[i-1]]&isLower != 0:
			return true
		}
	}
	return false
}

// placeholder reports masks, templates, our labels and links.
func placeholder(v string) bool {
	stars := 0
	for i := range len(v) {
		if v[i] == '*' || v[i] == '.' || v[i] == '_' || v[i] == '-' {
			stars++
		}
	}
	return stars*2 > len(v) || v[0] == '{' || v[0] == '[' || v[0] == '<' || hasFold(v, 0, "http")
}
