package pii

import (
	"strings"

	"postern/policy/pii/words"
)

// What a password is for stands between it and its label, a verb behind it or none:
// "heslo do banky: ...", "password ko sa app ...", "пароль от личного кабинета ...".

const (
	maxSite = 6 // words between a label and the password
	maxAway = 2 // of them in no list, such as "my new"
)

// behindSite reads the password of mark i behind what it is for. One that follows no
// colon stands behind a word for a site, an account or a card.
func (p *pass) behindSite(i int, r *reader) {
	from := words.WordEnd(p.text, int(p.marks[i].end))
	next := i + 1
	passed, verb, away := false, false, 0
	for range maxSite {
		for byteAt(p.text, from) == ' ' {
			from++
		}
		if c := byteAt(p.text, from); c == ':' || c == '=' {
			p.valueAt(i, from, r, true, false)
			return
		}
		for next < len(p.marks) && int(p.marks[next].at) < from {
			next++
		}
		known := next < len(p.marks) && int(p.marks[next].at) == from
		switch {
		case known && p.siteWord(p.marks[next].entry):
			passed = true
		case known && p.joins(p.marks[next].entry):
			verb = passed && p.links(label{entry: p.marks[next].entry})
		case passed:
			if verb || p.standsLast(from, next) {
				p.valueAt(i, from, r, true, false)
			}
			return
		case away == maxAway:
			return
		default:
			away++
			if from = p.past(from, next); from < 0 {
				return
			}
			continue
		}
		from = words.WordEnd(p.text, int(p.marks[next].end))
	}
}

// standsLast reports that a clause ends with the word at a place, or goes on with a word
// that links, as verbs do at the end in many languages: what goes on otherwise is the
// name of an account, "password for account ab12 has been changed".
func (p *pass) standsLast(from, next int) bool {
	rest := p.text[from:min(len(p.text), from+maxValue)]
	size := strings.IndexAny(rest, " \n")
	if size < 0 {
		return from+len(rest) == len(p.text)
	}
	if size == 0 || rest[size] == '\n' || strings.IndexByte(",.;!?)", rest[size-1]) >= 0 {
		return size > 0
	}
	for next < len(p.marks) && int(p.marks[next].at) <= from+size {
		next++
	}
	return next < len(p.marks) && int(p.marks[next].at) == from+size+1 && p.links(label{entry: p.marks[next].entry})
}

// siteWord reports words for what a password is for.
func (p *pass) siteWord(entry uint32) bool {
	return p.t.said[entry].site || p.thing(entry) || p.verdict(entry, &p.t.account) == named
}

// past gives where a word ends that is in no list, or the next mark begins within a
// script that writes no blanks; -1 if no word stands at a place.
func (p *pass) past(from, next int) int {
	if from >= len(p.text) {
		return -1
	}
	kind, _ := words.KindAt(p.text, from)
	switch {
	case kind == words.Spaced && !isDigit(p.text[from]):
		return words.WordEnd(p.text, from)
	case kind == words.Dense && next < len(p.marks) && p.clear(from, int(p.marks[next].at)):
		return int(p.marks[next].at)
	}
	return -1
}

// mereOf reports a word that says whose a thing is and nothing else: behind a value it
// stands between the words of a label.
func (p *pass) mereOf(entry uint32) bool {
	s := &p.t.said[entry]
	return s.of && !s.links && s.rest == unnamed
}
