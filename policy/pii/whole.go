package pii

import (
	"unicode"
	"unicode/utf8"
)

// A message that is one number and nothing else answers a question, or hands over what was asked for: so people send phones, ids
// and accounts, and hardly anything else of such length.

const (
	maxAround  = 16 // bytes around a value that are looked at: blanks, marks, pictures
	leastWhole = 7  // digits of a phone that is the whole message
	maxNoughts = 3  // at its end: more stand in amounts
)

// whole reports that nothing but a value from one place to another is said.
func (p *pass) whole(start, end int) bool {
	t := p.text
	return start+len(t)-end <= maxAround && mute(t[:start]) && mute(t[end:])
}

// mute reports a text without letters and digits.
func mute(t string) bool {
	for _, r := range t {
		if r == utf8.RuneError || unicode.IsLetter(r) || unicode.IsDigit(r) {
			return false
		}
	}
	return true
}

// round reports digits that end as amounts do.
func round(d []byte) bool {
	n := 0
	for n < len(d) && d[len(d)-1-n] == 0 {
		n++
	}
	return n > maxNoughts
}
