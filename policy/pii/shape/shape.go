// Package shape recognises what shows by its own structure that it is personal
// data or a secret: addresses of mail and of machines, links that let their
// holder in, wallets, account numbers with a country and a checksum, keys with
// a known prefix, machine readable lines of documents, calendar dates. It also
// reads the value behind a place where a label ended.
//
// All functions are pure, allocate nothing and read a text that was normalised
// before: digits and spaces in ASCII, no invisible marks; other runes occur,
// and so may bytes that are no UTF-8. Spans begin and end on the bounds of
// runes. A function fails by finding nothing; none panics on any text.
//
// # How a pass calls it
//
// A pass over a text calls [Mark] at every byte whose entry in [Marks] is set
// and [Token] at the start of every row of ASCII letters and digits. Both get
// floor, the place where the last match ended, and look back no further. After
// a match the pass goes on at its End. So the cost stays linear: no byte is
// read more often than a fixed number of times.
package shape

// Match is a structure that was found.
type Match struct {
	Row        string // name of its row in the catalog; [Plain] for what is known to be nothing
	Start, End int    // bytes of the text
	Checked    bool   // a checksum, a signature or a closed list says so
	Broken     bool   // the structure has a checksum and it is wrong
	OneIn      int    // one in so many random texts of that look is taken for it, at least 1
}

// Plain is the row of what is no finding but has a structure of its own: a
// public link, a number of a version. Numbers within are no one's numbers.
const Plain = ""

// Rows that are named by this package; package catalog describes them.
const (
	rowEmail = "EMAIL"
	rowUPI   = "IN_UPI"
	rowURL   = "URL_TOKEN"
	rowLogin = "URL_LOGIN"
	rowPhone = "PHONE_LINK"
)

// Marks tells the bytes at which Mark may find something.
var Marks = [256]bool{'@': true, ':': true, '.': true, '<': true, '^': true, '=': true, '+': true, '(': true, '[': true, '{': true, 0xC2: true}

// Mark looks for structures whose sign stands at s[at].
func Mark(s string, at, floor int) (Match, bool) {
	switch s[at] {
	case '@':
		return email(s, at, floor)
	case ':':
		return colon(s, at, floor)
	case '.':
		return dot(s, at, floor)
	case '<':
		return mrz(s, at, floor)
	case '(', '[', '{':
		return bracketed(s, at, floor)
	case '^', '=':
		return stripe(s, at, floor)
	case '+':
		return plusCode(s, at, floor)
	case 0xC2: // the first byte of a degree sign
		if at+1 < len(s) && s[at+1] == 0xB0 {
			return degrees(s, at, floor)
		}
	}
	return Match{}, false
}
