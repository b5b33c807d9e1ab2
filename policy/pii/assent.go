package pii

import "strings"

// assents are words with which an answer begins.
var assents = [...]string{"yes", "yeah", "yep", "sure", "ok", "sí", "si", "claro", "sim", "oui", "bien sûr", "ja", "certo", "jah", "jā", "taip", "да", "так", "tak", "evet", "igen", "ano", "da"}

// maxAssent is how many bytes one of them takes, with what stands around it.
const maxAssent = maxMarkup + len("bien sûr,")

// assent passes a word of assent behind a question, a comma or a blank behind it: the
// answer to "policy number?" may be "yes, 4482193". It gives from if there is none.
func (p *pass) assent(from int) int {
	t := p.text
	at := from
	for at < len(t) && at-from < maxMarkup && (t[at] == ' ' || t[at] == '\n' || t[at] == '-') {
		at++
	}
	for _, w := range assents {
		if end := at + len(w); end < len(t) && strings.EqualFold(t[at:end], w) {
			switch t[end] {
			case ',', '.', ':':
				return end + 1
			case ' ':
				return end
			}
		}
	}
	return from
}
