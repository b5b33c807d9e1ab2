package pii

// Most numbers of a chat are times, days, prices and counts. Those that are short
// and that nothing can make longer are no part of any value, which shows by what
// stands beside them.

const (
	_         uint8 = iota
	joinsNone       // ends a row of digits, and one of letters and digits
	joinsMore       // a blank or a dot, which does if a letter follows
)

// minCode is how many digits a code of a card has at least.
const minCode = 3

// joinsBehind says what a byte behind a number makes of it; zero is for all that may
// stand inside one.
var joinsBehind = func() (t [256]uint8) {
	for _, c := range []byte("!\"#$%&',:;=?@[]^{|}+") {
		t[c] = joinsNone
	}
	t[' '], t['.'] = joinsMore, joinsMore
	return t
}()

// aloneBehind reports that neither a row of digits nor one of letters and digits goes on
// at i, behind up to three characters.
func (p *pass) aloneBehind(i int) bool {
	t := p.text
	if i == len(t) {
		return true
	}
	switch joinsBehind[t[i]] {
	case joinsNone:
		return true
	case joinsMore:
		if t[i] == '.' {
			if i++; i == len(t) || t[i] != ' ' {
				return i == len(t)
			}
		}
		return i+1 < len(t) && t[i+1] >= 'a' && t[i+1] <= 'z'
	}
	return false
}

// lonelyDigits reports that token k, or it and one that a sign parts from it, are too
// short for what digits alone may be, and stand alone: 49.90. Codes are short; where
// neither a word nor a card tells of one, only phones and cards are digits alone.
func (p *pass) lonelyDigits(k int) bool {
	tok, least := &p.tokens[k], int32(minPhone)
	if p.card >= 0 || p.heard&heardCode != 0 {
		least = minCode
	}
	if tok.end-tok.at >= least || p.aloneBehind(int(tok.end)) {
		return tok.end-tok.at < least
	}
	if k++; k == len(p.tokens) || p.tokens[k].at != tok.end+1 || p.tokens[k].end-tok.at > least {
		return false
	}
	return p.aloneBehind(int(p.tokens[k].end))
}

// lonely reports that token k is too short for any row, and stands alone: no letters
// before it belong to it.
func (p *pass) lonely(k int) bool {
	tok := &p.tokens[k]
	if tok.end-tok.at >= minForm || !p.aloneBehind(int(tok.end)) {
		return false
	}
	if k+1 < len(p.tokens) && p.tokens[k+1].at-tok.end <= 2 && joinsBehind[p.text[tok.end]] == joinsMore {
		return false // "12 b3"
	}
	switch at := int(tok.at); byteAt(p.text, at-1) {
	case ' ':
		return !isUpper(byteAt(p.text, at-2))
	case '-', '.', '/':
		return !isLetter(byteAt(p.text, at-2))
	}
	return true
}
