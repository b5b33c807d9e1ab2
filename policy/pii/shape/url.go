package shape

import "strings"

const maxURL = 2048 // bytes that are read of one link

// link is an address of the web, cut into its parts; all are places in the text.
type link struct {
	start, end int // whole address
	scheme     int // start of the scheme, = host if there is none
	login      int // start of the part before @, = host if there is none
	host       int
	hostEnd    int
	path       int // where the path begins, = query if there is none
	query      int // where ? stands, = fragment if there is none
	fragment   int // where # stands, = end if there is none
}

// colon looks at the colon at i: "://" of a link, tel: and its kin before a
// number, an address of IPv6.
func colon(s string, i, floor int) (Match, bool) {
	switch c := at(s, i+1); {
	case c == '/' && at(s, i+2) == '/':
		start := back(s, i, max(floor, i-12), isAlnum)
		if start == i {
			return Match{}, false
		}
		if at(s, start-1) == '+' && start-1 > floor { // mongodb+srv
			start = back(s, start-1, max(floor, start-12), isAlnum)
		}
		return judge(s, start, i+3)
	case c == ':' || class[c]&isHex != 0 && is(s, i-1, isHex) && at(s, span(s, i+1, 4, isHex)) == ':': // no time of the day
		if m, ok := ipv6(s, i, floor); ok {
			return m, true
		}
	}
	if (is(s, i+1, isDigit) || at(s, i+1) == '+') && is(s, i-1, isLetter) {
		return dialled(s, i, floor)
	}
	return Match{}, false
}

// dot looks at the dot at i: of a number with dots, of "www.", or the end of a
// bare domain that a path or query follows.
func dot(s string, i, floor int) (Match, bool) {
	if !is(s, i+1, isAlnum) || !is(s, i-1, isAlnum) || i-1 < floor {
		return Match{}, false
	}
	if is(s, i+1, isDigit) && is(s, i-1, isDigit) {
		switch end := span(s, i+1, leastDecimals, isDigit); {
		case end == i+1+leastDecimals:
			return geo(s, i, floor)
		case at(s, end) == '.':
			return ipv4(s, i, floor)
		}
		return Match{}, false
	}
	if m, ok := threeWords(s, i, floor); ok {
		return m, true
	}
	if endsFold(s, i, floor, "www") && (i-3 == floor || !is(s, i-4, isAlnum)) {
		return judge(s, i-3, i-3)
	}
	end := span(s, i+1, maxLabel, isLower|isUpper)
	if c := at(s, end); c != '/' && c != '?' || !isTLD(s[i+1:end]) {
		return Match{}, false
	}
	start := i
	for start > max(floor, i-maxDomain) && (is(s, start-1, isAlnum) || s[start-1] == '-' || s[start-1] == '.') {
		start--
	}
	for start < i && !is(s, start, isAlnum) {
		start++
	}
	if start == i || start > floor && (s[start-1] == '/' || s[start-1] == '@') {
		return Match{}, false
	}
	return judge(s, start, start)
}

// judge reads the link whose authority begins at i and says what it holds.
func judge(s string, start, i int) (Match, bool) {
	l, ok := readLink(s, start, i)
	if !ok {
		return Match{}, false
	}
	// Written out: a call through a table would move l to the heap.
	if m, ok := linkLogin(s, &l); ok {
		return m, true
	}
	if m, ok := linkPhone(s, &l); ok {
		return m, true
	}
	if m, ok := linkPlace(s, &l); ok {
		return m, true
	}
	if m, ok := linkMail(s, &l); ok {
		return m, true
	}
	if m, ok := linkPay(s, &l); ok {
		return m, true
	}
	if m, ok := linkToken(s, &l); ok {
		return m, true
	}
	if is(s, l.host, isDigit) {
		if m, ok := ipv4(s[:l.hostEnd], span(s, l.host, 3, isDigit), l.host); ok {
			return m, true
		}
	}
	return Match{Row: Plain, Start: l.start, End: l.end, OneIn: 1}, true
}

// readLink cuts a link into parts (RFC 3986, 3).
func readLink(s string, start, i int) (link, bool) {
	end := linkEnd(s, i)
	l := link{start: start, end: end, scheme: start, login: i, host: i}
	stop := i
	for stop < end && s[stop] != '/' && s[stop] != '?' && s[stop] != '#' {
		if s[stop] == '@' {
			l.host = stop + 1
		}
		stop++
	}
	l.path, l.hostEnd = stop, l.host
	for l.hostEnd < stop && s[l.hostEnd] != ':' {
		l.hostEnd++
	}
	l.fragment = upTo(s, stop, end, '#')
	l.query = upTo(s, stop, l.fragment, '?')
	return l, l.hostEnd > l.host && is(s, l.hostEnd-1, isAlnum|isOpaque) || wide(s[l.host:l.hostEnd])
}

// upTo gives the place of a sign between i and end, or end.
func upTo(s string, i, end int, sign byte) int {
	if k := strings.IndexByte(s[i:end], sign); k >= 0 {
		return i + k
	}
	return end
}

// inLink tells what may stand in a link whatever is around it: all but brackets.
var inLink = func() (t [256]bool) {
	for c := range t {
		t[c] = class[c]&isPath != 0 && c != '(' && c != ')'
	}
	return t
}()

// linkEnd gives the end of the link that goes on at i, without the punctuation
// of the sentence around it.
func linkEnd(s string, i int) int {
	end, open := i, 0
	stop := min(len(s), i+maxURL)
	for end < stop {
		c := s[end]
		if inLink[c] {
			end++
			continue
		}
		if class[c]&isPath == 0 {
			r, size, letter := foreign(s, end)
			if !letter || r >= 0x0E00 {
				break
			}
			end += size
			continue
		}
		if c == '(' {
			open++
		}
		if c == ')' {
			if open == 0 {
				break
			}
			open--
		}
		end++
	}
	for end > i && trailing(s[end-1]) {
		end--
	}
	return min(end, len(s))
}

// trailing reports punctuation that belongs to the sentence or to WhatsApp's
// formatting when it ends a link.
func trailing(c byte) bool {
	switch c {
	case '.', ',', ';', ':', '!', '?', '\'', '*', '~', '_', '[', ']', '(':
		return true
	}
	return false
}
