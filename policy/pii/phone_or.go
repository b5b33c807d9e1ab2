package pii

import "strings"

// orWords stand between two phone numbers of one person, folded and with blanks.
var orWords = [...]string{" or ", " oder ", " ou ", " of ", " o ", " u ", " oppure ", " eller ", " tai ", " lub ", " albo ", " nebo ", " alebo ", " vagy ", " sau ",
	" ili ", " ali ", " või ", " vai ", " arba ", " veya ", " / ", "/", " and ", " und ", " et ", " en ", " y ", " e ", " och ", " og ", " i ", " si "}

// maxBetween is how many bytes may stand between two phone numbers.
const maxBetween = 28

// orPhone reports that the number found last is a phone's, and that the one that
// begins at a place is put beside it: "020 7946 0182 or 07700918274", a word
// between that says which perhaps.
func (p *pass) orPhone(start int) bool {
	n := len(p.found)
	if n == 0 || p.found[n-1].Type != Phone || p.found[n-1].Level < Likely {
		return false
	}
	end := p.found[n-1].End
	if end >= start || start-end > maxBetween {
		return false
	}
	between := p.text[end:start]
	if strings.ContainsAny(between, "\n0123456789:;.") || strings.Count(between, " ") > 4 {
		return false
	}
	for _, w := range orWords {
		if strings.HasSuffix(between, w) {
			return true
		}
	}
	return false
}
