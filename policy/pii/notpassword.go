package pii

import (
	"strings"
	"unicode/utf8"

	"postern/policy/pii/shape"
)

// stuck reports that a value goes on directly behind the letters of its label: a
// washing machine WW70TA049AE names no "ww", which is Dutch for password.
func (p *pass) stuck(l label, start int) bool {
	return start == l.end && isLetter(byteAt(p.text, start-1)) && isAlnum(byteAt(p.text, start))
}

// modelled reports the name of a machine, capitals that touch nothing and a short
// number before a word: "the PW 2400 pressure washer".
func (p *pass) modelled(l label, start, end int) bool {
	v := p.text[start:end]
	return l.end-l.at == 2 && start == l.end+1 && isUpper(byteAt(p.text, l.at)) && len(v) <= 5 && len(strings.TrimRight(v, "0123456789")) <= 1 &&
		byteAt(p.text, end) == ' ' && isLetter(byteAt(p.text, end+1))
}

// queued reports the number of one's turn, a capital and two or three digits, which
// has the word for a password in Portuguese: "senha P048, guichê 6".
func (p *pass) queued(l label, start, end int) bool {
	v := p.text[start:end]
	if len(v) < 3 || !isUpper(v[0]) || l.end-l.at < 5 || !strings.EqualFold(p.text[l.at:l.at+5], "senha") {
		return false
	}
	digits := strings.TrimPrefix(v[1:], "-")
	for i := range len(digits) {
		if !isDigit(digits[i]) {
			return false
		}
	}
	return len(digits) == 2 || len(digits) == 3
}

// everyday reports a word without digits or marks behind a label that has another sense
// in the next language, and no colon between: "parola" is any word in Italian, "hasło" a
// slogan, "contra" against, "pass" what leads over mountains. What is wrong with a
// password is said behind a colon as well.
func (p *pass) everyday(l label, start, end int) bool {
	v := p.text[start:end]
	for _, c := range []byte(v) {
		if !isLetter(c) && c < utf8.RuneSelf && strings.IndexByte(" .,!?", c) < 0 {
			return false
		}
	}
	goes := byteAt(p.text, end) == ' ' && isLetter(byteAt(p.text, end+1)) && !isUpper(byteAt(p.text, end+1))
	if (goes || !isUpper(v[0])) && shape.Refused(p.text[:l.at]) {
		return true // "Invalid password: contains no digit"
	}
	if strings.IndexByte(p.text[l.end:max(start, l.end)], ':') >= 0 {
		return byteAt(p.text, l.at-1) == '-' // "by-pass: "
	}
	w := p.text[l.at:min(l.end, l.at+4)]
	return strings.EqualFold(w, "paro") || strings.EqualFold(w, "has\xc5") || strings.EqualFold(w, "hasl") || strings.EqualFold(w, "cont") && l.end-l.at == 6 || strings.EqualFold(w, "pass") && l.end-l.at == 4
}
