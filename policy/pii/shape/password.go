package shape

import (
	"strings"
	"unicode/utf8"
)

const maxPassword = 64

// notPassword are words behind "password:" that are none.
var notPassword = setOf("required forgot forgotten reset incorrect wrong invalid expired changed none null protected manager policy please here below " +
	"olvidada incorrecta olvidé esqueci incorreta oublié falsch vergessen vergeten sbagliata errata неверный забыл yanlış unuttum salah lupa sai quên " +
	// what is said of passwords
	"must should cannot can't could would will does doesn't didn't isn't fails failed maximum minimum length more less again with without your when after before carefully strong weak secure safe accepted matches match rules " +
	"darf muss soll sollte kann ungültig stark sicher mindestens nicht debe deben puede fuerte débil segura válida inválida deve devem pode forte fraca não doit peut invalide faible non può devono debole moet mag kan ongeldig ingesteld sterk " +
	"przynajmniej mažiausias musi może nieprawidłowe słabe musí nesmí může nové nesmie môže nové skal må ugyldig ska får ogiltigt legalább nem negali turi peab tohi lūdzu nedrīkst должен должна должны не может нет новый слишком повинен має не може новий слабкий mora ne sme treba ne smije nije трябва не може harus tidak phải không olmalı gerekir olamaz dlya " +
	// the word for it, in capitals in templates, and what asks for one
	"password passwort passwd username contraseña senha lösenord salasana heslo hasło пароль şifre parola jelszó wachtwoord slaptažodis adgangskode passord " +
	"user username benutzer benutzername usuario utilisateur utente gebruiker gebruikersnaam bruker bruger användare käyttäjä login " +
	"ssh ssh2 ftp sftp smtp imap pop3 mysql wpa2 wpa3 wordpress oauth2")

// Password reads a word that is no word of a sentence. Behind a colon or in
// quotation marks anything of four characters or more is one; elsewhere it
// must have a digit or a mark within.
func Password(s string, from int) (Match, bool) {
	i, marked := passwordStart(s, from)
	if quotedLabel(s, from) {
		return Match{}, false
	}
	if end := inQuotes(s, i); end > i+3 {
		return Match{Row: rowPassword, Start: i, End: end, OneIn: 16}, !placeholder(s[i:end])
	}
	end, kinds, wide := passwordEnd(s, i)
	for end > i && trailing(s[end-1]) && s[end-1] != '*' && s[end-1] != '!' {
		end--
	}
	bare := strings.TrimRight(s[i:end], "!")
	if end-i < 4 || placeholder(s[i:end]) || namedPlain(notPassword, bare) || s[i] == '_' && i == from {
		return Match{}, false
	}
	m := Match{Row: rowPassword, Start: i, End: end, OneIn: 8}
	if !marked {
		if kinds&isDigit == 0 && (!insideMark(bare) || wordOnly(bare) && belongs(s, i)) || kinds&isLetter == 0 && !wide && end-i < 4 {
			return Match{}, false
		}
		m.OneIn = 16
	}
	if kinds&isDigit != 0 && kinds&isLower != 0 {
		m.OneIn = 1 << 7 // no number of a document has small letters
	}
	return m, true
}

// passwordEnd gives where what no blank, quotation mark or script without capitals ends
// from i on is over, what classes of bytes it has, and whether letters beyond ASCII.
func passwordEnd(s string, i int) (end int, kinds uint8, wide bool) {
	for end = i; end < len(s) && end-i < maxPassword; {
		b := passwordSigns[s[end]]
		if b&endsPassword == 0 {
			kinds |= b
			end++
			continue
		}
		r, size := runeAt(s, end)
		if r < utf8.RuneSelf || r >= 0x0E00 || !spelling(r) {
			break
		}
		wide = true
		end += size
	}
	return end, kinds, wide
}

const endsPassword = isOpaque // which no class of a password's bytes is asked for

// passwordSigns are classes of bytes: digits, capitals and small letters, and what ends a
// password or has to be looked at.
var passwordSigns = func() (t [256]uint8) {
	for c := range t {
		t[c] = class[c] & isAlnum
		if b := byte(c); b <= ' ' || b >= utf8.RuneSelf || quote(b) {
			t[c] = endsPassword
		}
	}
	return t
}()

// GoesOn reports that no password which begins at from ends between two places: what
// stands there belongs to it, and so does the letter at the second one.
func GoesOn(s string, from, end, next int) bool {
	if next-from >= maxPassword || !is(s, next, isLetter) {
		return false
	}
	for i := end; i < next; i++ {
		if c := s[i]; c <= ' ' || c >= utf8.RuneSelf || quote(c) {
			return false
		}
	}
	return true
}

// inQuotes gives the end of what a pair of quotation marks holds whose first mark
// ends at i: blanks belong to it.
func inQuotes(s string, i int) int {
	if c := at(s, i-1); c < utf8.RuneSelf && !quote(c) {
		return i
	}
	for _, pair := range [...][2]string{{"\"", "\""}, {"'", "'"}, {"`", "`"}, {"“", "”"}, {"„", "“"}, {"«", "»"}, {"‘", "’"}, {"「", "」"}} {
		if i < len(pair[0]) || s[i-len(pair[0]):i] != pair[0] {
			continue
		}
		end := strings.Index(s[i:min(len(s), i+maxPassword)], pair[1])
		if end > 0 && !strings.Contains(s[i:i+end], "\n") && worded(s[i:i+end]) {
			return i + end
		}
	}
	return i
}

// worded reports that a quotation is no sentence about passwords.
func worded(v string) bool {
	first, _, _ := strings.Cut(v, " ")
	return !namedPlain(notPassword, first)
}

// Refused reports a text that ends with a word such as "invalid": what follows the word
// for a password then is why.
func Refused(s string) bool {
	s = strings.TrimRight(s, " ")
	return namedPlain(refused, s[wordBefore(s, len(s)):])
}

var refused = setOf("invalid incorrect wrong bad ungültiges falsches invalide incorrect incorrecte inválida incorrecta incorreta errata sbagliata ongeldig onjuist neplatné nesprávné nesprávne ogiltigt felaktigt virheellinen väärä ugyldig ugyldigt forkert feil " +
	"nieprawidłowe błędne niepoprawne neteisingas nekorekta nederīga érvénytelen hibás geçersiz hatalı yanlış невірний неправильний некорректный неверный неправильный невалидна грешна neispravna pogrešna netočna έγκυρος λάθος vale invalidă greșită salah")

// quotedLabel reports that the label which ends at i stands in quotation marks itself, as
// the name of a button does: `"forgot password" opens a page`. In JSON a colon follows.
func quotedLabel(s string, i int) bool {
	if at(s, i) == '?' || at(s, i) == '.' {
		i++
	}
	size := 1
	if !quote(at(s, i)) {
		if size = len("”"); !strings.HasPrefix(s[i:], "”") {
			return false
		}
	}
	i = span(s, i+size, 2, isSpace)
	return i < len(s) && (s[i] >= utf8.RuneSelf || is(s, i, isLetter))
}

// wordOnly reports that v is of letters alone.
func wordOnly(v string) bool {
	for i := range len(v) {
		if v[i] < utf8.RuneSelf && class[v[i]]&isLetter == 0 {
			return false
		}
	}
	return true
}

// belongs reports that a word of belonging stands before i: "the password for PayPal" and
// "la contraseña de MySQL" name what it is for.
func belongs(s string, i int) bool {
	k := wordBefore(s, len(strings.TrimRight(s[:i], " ")))
	return namedPlain(forWhat, strings.TrimRight(s[k:i], " "))
}

var forWhat = setOf("for of to de do da del di du des von vom für van voor til till av na od do la pentru για на от від для için untuk")

// Pair reads the password of "login maria / tr0ub4dor": a name, a mark, and a
// word that no sentence has.
func Pair(s string, from int) (Match, bool) {
	i := skipLink(s, from)
	end := i
	for end < len(s) && end-i < 40 && (class[s[end]]&isAlnum != 0 || s[end] == '.' || s[end] == '_' || s[end] == '@') {
		end++
	}
	k := span(s, end, 1, isSpace)
	if end-i < 2 || at(s, k) != '/' && at(s, k) != '|' && at(s, k) != ':' {
		return Match{}, false
	}
	m, ok := Password(s, span(s, k+1, 1, isSpace))
	return m, ok && m.OneIn >= 16
}

// passwordStart passes blanks and marks; marked tells a colon, an equals sign
// or a quotation mark among them.
func passwordStart(s string, i int) (start int, marked bool) {
	for n := 0; i < len(s) && n < 8; n++ {
		switch c := s[i]; {
		case c == ':' || c == '=' || quote(c):
			marked = true
		case class[c]&isSpace == 0 && c != '-' && c != '>':
			if size := openQuote(s, i); size > 0 {
				return i + size, true
			}
			return i, marked
		}
		i++
	}
	return i, marked
}

// openQuote gives the size of a mark outside ASCII that opens a quotation at i.
func openQuote(s string, i int) int {
	if s[i] < utf8.RuneSelf {
		return 0
	}
	for _, w := range [...]string{"“", "„", "«", "‘", "「"} {
		if strings.HasPrefix(s[i:], w) {
			return len(w)
		}
	}
	return 0
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
		stars += int(hiding[v[i]])
	}
	for v != "" && (v[0] == ' ' || v[0] == '(') {
		v = v[1:]
	}
	return v == "" || stars*2 > len(v) || v[0] == '{' || v[0] == '[' || v[0] == '<' || hasFold(v, 0, "http") || printf(v)
}

// hiding has one for each sign with which values are masked.
var hiding = [256]uint8{'*': 1, '.': 1, '_': 1, '-': 1}

// printf reports places in templates that a program fills: %s, %1$s, %(name)s, %{name}.
func printf(v string) bool {
	v = strings.TrimPrefix(v, "(")
	if len(v) < 2 || v[0] != '%' {
		return false
	}
	end := span(v, 1, 2, isDigit)
	return v[1] == '(' || v[1] == '{' || end > 1 && at(v, end) == '$' || (v[1] == 's' || v[1] == 'd' || v[1] == '@') && !is(v, 2, isAlnum)
}
