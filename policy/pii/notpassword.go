package pii

import "strings"

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
