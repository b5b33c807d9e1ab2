package pii

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxLocal  = 64
	maxDomain = 255
)

// email tries an address whose @ stands at i and whose domain begins at next.
// It returns where to go on.
func (p *pass) email(i, next int) int {
	start := p.local(i)
	end, ok := p.domain(next)
	if start == i || !ok {
		return next
	}
	p.add(Finding{Type: Email, Level: Certain, Start: start, End: end, Reasons: ByShape})
	p.floor = p.dst[len(p.dst)-1].End
	return p.floor
}

// local finds where the part before the @ begins.
func (p *pass) local(i int) int {
	start := i
	for at, n := i, 0; at > p.floor && n < maxLocal; n++ {
		b, prev := before(p.text, at)
		switch {
		case isAlnum(b) || b == '_', b == other && alphabetic(p.text[prev:at]):
			start = prev
		case b == ignored:
		case localMark(b):
		default:
			if b == '*' && strings.HasPrefix(p.text[prev:], "*.") && strings.HasSuffix(p.text[:prev], "**") {
				return i // the end of a mask of ours
			}
			return start
		}
		at = prev
	}
	return start
}

// localMark keeps the marks in use; a leading one is not part of the address.
func localMark(b byte) bool {
	return b == '.' || b == '+' || b == '-' || b == '%' || b == '\'' || b == '&'
}

// alphabetic reports a letter of Latin, Greek or Cyrillic: internationalised
// addresses and look-alike letters.
func alphabetic(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r >= 0xC0 && r < 0x530 && unicode.IsLetter(r)
}

// domain reads labels from i and gives the end of the last one that can be a
// top level domain.
func (p *pass) domain(i int) (end int, ok bool) {
	label, dots, first := i, 0, i
	for at := i; at-first <= maxDomain; {
		b, size := byte(other), 0
		if at < len(p.text) {
			b, size = norm(p.text, at)
		}
		letter := size > 0 && (isAlnum(b) || b == other && alphabetic(p.text[at:at+size]))
		switch {
		case letter || b == '-' && at > label || b == ignored && size > 0:
			at += size
			continue
		case b == '.' && at > label:
			if e, tld := topLevel(p.text, label, at); dots > 0 && tld {
				end, ok = e, true
			}
			dots++
			at += size
			label = at
			continue
		}
		if e, tld := topLevel(p.text, label, at); dots > 0 && tld {
			end, ok = e, true
		}
		return end, ok
	}
	return end, ok
}

// notTopLevel are endings of file names, as in icon@2x.png.
var notTopLevel = [...]string{"png", "jpg", "jpeg", "gif", "webp", "svg", "pdf", "css", "html", "mp4", "heic", "docx", "xlsx"}

// topLevel reports whether a label can end a domain: two letters or more, not
// a file's ending. An ASCII one ends where other letters begin.
func topLevel(text string, from, to int) (end int, ok bool) {
	if strings.HasPrefix(text[from:to], "xn--") {
		return to, true
	}
	ascii := from < to && text[from] < utf8.RuneSelf
	letters := 0
	for end = from; end < to; {
		b, size := norm(text, end)
		switch {
		case isLetter(b) || b == other && !ascii:
			letters++
		case isDigit(b) || b == '-':
			return 0, false
		case b != ignored:
			return end, letters >= 2
		}
		end += size
	}
	for _, x := range notTopLevel {
		if strings.EqualFold(text[from:end], x) {
			return 0, false
		}
	}
	return end, letters >= 2
}
