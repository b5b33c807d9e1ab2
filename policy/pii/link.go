package pii

import (
	"postern/policy/pii/shape"
	"postern/policy/pii/words"
)

// What stands between a label and its value.

const (
	maxLinks = 4 // words that link a label and its value, one behind the other
	maxTries = 3 // places from which a value is read
	maxIdle  = 2 // words between that say nothing: "the password for our wifi is"
)

// behindLinks passes the words that link mark i with its value, from a place on
// and from a mark on. Words that may belong to a name are left to it once it has
// a verb before it.
func (p *pass) behindLinks(i, from, next int, person bool) (at, mark int) {
	verb := int(p.marks[i].end)-int(p.marks[i].at) > 6
	for links := 0; next < len(p.marks) && links < maxLinks; next++ {
		m := &p.marks[next]
		if int(m.at) < from {
			continue
		}
		if !(p.links(label{entry: m.entry}) || !person && p.counts(m.entry)) || !p.blankTo(from, int(m.at)) {
			break
		}
		if isLetter(p.text[m.at]) && isDigit(byteAt(p.text, int(m.end))) {
			break // "TO102CM"
		}
		if m.end-m.at <= 3 && byteAt(p.text, int(m.end)) == '-' && isDigit(byteAt(p.text, int(m.end)+1)) {
			break // "AS-447120"
		}
		if person && byteAt(p.text, int(m.end)) == '\'' {
			break // "O'Brien"
		}
		if person && shape.Particle(p.text[m.at:m.end]) {
			if verb {
				break
			}
		} else {
			verb = true
		}
		from = int(m.end)
		links++
	}
	sign := from
	for byteAt(p.text, sign) == ' ' {
		sign++ // before the sign French has a blank
	}
	if q := question(p.text[sign:]); q != "" {
		from = p.assent(sign + len(q)) // "my code? 482913"
	}
	return from, next
}

// countedBy reports a word for a number between mark i and the mark next, or
// before mark i, a word between perhaps: "номер страхового полиса".
func (p *pass) countedBy(i, next int) bool {
	for j := i + 1; j < next; j++ {
		if p.counts(p.marks[j].entry) {
			return true
		}
	}
	reach := int32(2 * paceWord)
	for j := i - 1; j >= 0 && p.marks[i].pace-p.marks[j].pace <= reach; j-- {
		if p.counts(p.marks[j].entry) {
			return !p.phoneWord(j) && (j == 0 || !p.phoneWord(j-1)) // "phone number of the customer"
		}
		if p.links(label{entry: p.marks[j].entry}) {
			reach += paceWord // "number of the contract"
		}
	}
	return false
}

// phoneWord reports that mark j names a phone.
func (p *pass) phoneWord(j int) bool {
	return p.verdict(p.marks[j].entry, &p.t.phone) == named
}

// counts reports a word for a number of any kind: "no.", "номер".
func (p *pass) counts(entry uint32) bool { return p.t.said[entry].rest == generic }

// blankTo reports that nothing but blanks, a question mark or a dash stands
// between two places. Behind a colon the value itself stands.
func (p *pass) blankTo(from, to int) bool {
	for _, c := range []byte(p.text[from:to]) {
		if c != ' ' && c != '?' && c != '-' && c != '.' && c != '\'' && c != '#' && c != '\n' {
			return false
		}
	}
	return true
}

// idle gives the mark of the next word that links, behind most words that say nothing,
// -1 if there is none.
func (p *pass) idle(from, next, most int) int {
	for ; next < len(p.marks); next++ {
		m := &p.marks[next]
		if int(m.at) < from {
			continue
		}
		if !p.links(label{entry: m.entry}) || !p.quiet(from, int(m.at), most) {
			return p.behindThing(from, next)
		}
		return next
	}
	return -1
}

// behindThing gives the word that links behind what a label belongs to, from a place and
// a mark on, -1 if there is none: "la password del mio conto è".
func (p *pass) behindThing(from, next int) int {
	passed := false
	for of := 0; next < len(p.marks) && of <= maxOf+1; next++ {
		m := &p.marks[next]
		if int(m.at) < from {
			continue
		}
		if !p.blankTo(from, int(m.at)) {
			return -1
		}
		switch {
		case passed && p.links(label{entry: m.entry}):
			return next
		case !passed && p.joins(m.entry):
			of++
		case !passed && (p.thing(m.entry) || p.verdict(m.entry, &p.t.account) == named):
			passed = true
		default:
			return -1
		}
		from = int(m.end)
	}
	return -1
}

// quiet reports that at most so many short words stand between two places, and
// no mark that ends what belongs together.
func (p *pass) quiet(from, to, most int) bool {
	idle := 0
	for i := from; i < to; {
		kind, size := words.KindAt(p.text, i)
		switch {
		case kind == words.Dense:
			return p.clear(from, to)
		case kind == words.Spaced:
			end := words.WordEnd(p.text, i)
			if idle++; idle > most || end-i > 14 || isDigit(p.text[i]) {
				return false
			}
			size = end - i
		case endsContext(p.text[i]) || p.text[i] == ':' || p.text[i] == '.':
			return false
		}
		i += size
	}
	return true
}
