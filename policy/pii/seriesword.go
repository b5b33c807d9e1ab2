package pii

import (
	"strings"

	"postern/policy/pii/words"
)

// Documents of many countries have a series and a number, and a word stands between
// the two where forms ask for both: "серия 4509 номер 123456", "CI seria RX nr 123456",
// "dowód seria ABA nr 300000". Both are one value.

// maxInitials is how many capitals a series has at most.
const maxInitials = 4

// numberSigns are short for "number" and in no list of words.
var numberSigns = [...]string{"№", "n.", "N.", "nº", "Nº", "n°", "N°"}

// behindSeries gives where the number begins behind a series that ends at a place and
// begins with token k, -1 if none does.
func (p *pass) behindSeries(k, end int) int {
	if p.heard&heardSeries == 0 || !p.isSeries(int(p.tokens[k].marks)-1, int(p.tokens[k].at)) {
		return -1
	}
	i := end
	if byteAt(p.text, i) == ',' {
		i++
	}
	if byteAt(p.text, i) != ' ' {
		return -1
	}
	if i = p.numberWord(i + 1); i < 0 || !isDigit(byteAt(p.text, i)) {
		return -1
	}
	return i
}

// numberWord gives what stands behind a word for "number" at a place, -1 if there is
// none.
func (p *pass) numberWord(at int) int {
	end := -1
	if i := p.markFrom(at); i < len(p.marks) && int(p.marks[i].at) == at && p.numbers(&p.marks[i]) {
		end = words.WordEnd(p.text, int(p.marks[i].end))
	}
	for _, sign := range numberSigns {
		if end < 0 && strings.HasPrefix(p.text[at:], sign) {
			end = at + len(sign)
		}
	}
	if end < 0 {
		return -1
	}
	for c := byteAt(p.text, end); c == '.' || c == ':' || c == ' '; c = byteAt(p.text, end) {
		end++
	}
	return end
}

// numbers reports a word for "number".
func (p *pass) numbers(m *mark) bool { return p.t.said[m.entry].rest == generic }

// seriesBefore gives where the letters of a series begin whose number is a token, -1 if
// there are none.
func (p *pass) seriesBefore(tok *token) int {
	if p.heard&heardSeries == 0 {
		return -1
	}
	end, m := p.beforeNumberWord(int(tok.marks)-1, int(tok.at))
	if end < 0 {
		return -1
	}
	at := end
	for at > 0 && end-at <= maxInitials && isUpper(p.text[at-1]) {
		at--
	}
	if at == end || end-at > maxInitials || !p.isSeries(m, at) {
		return -1
	}
	return at
}

// beforeNumberWord gives where the series ends behind which a word for "number" stands
// before a place, -1 if none does, and the mark before that word; m is the one before
// the place.
func (p *pass) beforeNumberWord(m, at int) (end, before int) {
	end = at
	for c := byteAt(p.text, end-1); c == '.' || c == ':' || c == ' '; c = byteAt(p.text, end-1) {
		end--
	}
	if m >= 0 && p.numbers(&p.marks[m]) && words.WordEnd(p.text, int(p.marks[m].end)) == end {
		end = int(p.marks[m].at)
		m--
	} else if end = numberSignBefore(p.text, at); end < 0 {
		return -1, m
	}
	for c := byteAt(p.text, end-1); c == ',' || c == ' '; c = byteAt(p.text, end-1) {
		end--
	}
	return end, m
}

// numberSignBefore gives where a sign for "number" begins that ends before a place,
// -1 if there is none.
func numberSignBefore(t string, at int) int {
	head := strings.TrimRight(t[max(0, at-8):at], " ")
	for _, sign := range numberSigns {
		if strings.HasSuffix(head, sign) {
			return max(0, at-8) + len(head) - len(sign)
		}
	}
	return -1
}

// isSeries reports that mark m is a word for a series and stands directly before a
// place.
func (p *pass) isSeries(m, at int) bool {
	for m >= 0 && int(p.marks[m].at) >= at {
		m-- // the letters are a word as well
	}
	if m < 0 || !p.t.said[p.marks[m].entry].series {
		return false
	}
	end := int(p.marks[m].end)
	return end < at && at-end <= 2 && strings.Trim(p.text[end:at], " :.") == ""
}
