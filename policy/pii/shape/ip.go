package shape

import "net/netip"

const (
	rowIP      = "IP"
	rowIPLocal = "IP_LOCAL"
	rowIPv6    = "IPV6"
	rowMAC     = "MAC"
)

// ipv4 reads a dotted quad whose first dot stands at i. What goes on with a
// dot and a digit on either side is a version or a section.
func ipv4(s string, i, floor int) (Match, bool) {
	start := back(s, i, max(floor, i-3), isDigit)
	if start == i || start > floor && (is(s, start-1, isAlnum) || s[start-1] == '.' || s[start-1] == '-' || section(s, start)) {
		return Match{}, false
	}
	k, octets := start, [4]int{}
	for n := range octets {
		end := span(s, k, 3, isDigit)
		if end == k || end-k > 1 && s[k] == '0' {
			return Match{}, false
		}
		for ; k < end; k++ {
			octets[n] = octets[n]*10 + int(s[k]-'0')
		}
		if octets[n] > 255 || n < 3 && at(s, k) != '.' {
			return Match{}, false
		}
		if n < 3 {
			k++
		}
	}
	if is(s, k, isAlnum) || at(s, k) == '.' && is(s, k+1, isDigit) {
		return Match{}, false
	}
	m := Match{Row: rowIP, Start: start, End: k, OneIn: 64}
	if max(octets[0], octets[1], octets[2], octets[3]) < 32 || program(s, start) {
		m.OneIn = 4 // versions of programs look like this
	}
	a := netip.AddrFrom4([4]byte{byte(octets[0]), byte(octets[1]), byte(octets[2]), byte(octets[3])})
	if a.IsPrivate() || a.IsLoopback() || a.IsUnspecified() || a.IsLinkLocalUnicast() || a.IsMulticast() || octets[0] == 0 || octets[0] > 239 {
		m.Row = rowIPLocal
	}
	return m, true
}

// programs are named with a version of four parts behind them.
var programs = setOf("whatsapp messenger facebook instagram telegram chrome chromium firefox safari edge opera outlook teams zoom office excel word acrobat")

// program reports the name of a program before i, a blank between.
func program(s string, i int) bool {
	if i < 2 || s[i-1] != ' ' {
		return false
	}
	return namedPlain(programs, s[back(s, i-1, max(0, i-12), isLetter):i-1])
}

// section reports the sign of a section before i, a blank between perhaps.
func section(s string, i int) bool {
	if s[i-1] == ' ' {
		i--
	}
	return i >= 2 && s[i-2:i] == "\u00a7"
}

const maxIPv6 = 45 // characters, with a dotted quad at the end

// ipv6 reads an address (RFC 4291, 2.2) whose first colon stands at i. Times
// and names of programs have colons too: it wants eight groups, or "::" with a
// digit and three groups.
func ipv6(s string, i, floor int) (Match, bool) {
	start := back(s, i, max(floor, i-4), isHex)
	if start > floor && (is(s, start-1, isAlnum) || s[start-1] == ':') {
		return Match{}, false
	}
	if start == i && at(s, i+1) != ':' {
		return Match{}, false
	}
	end := start
	for end < len(s) && end-start < maxIPv6 && (class[s[end]]&isHex != 0 || s[end] == ':' || s[end] == '.') {
		end++
	}
	for end > start && (s[end-1] == '.' || s[end-1] == ':' && end > start+1 && s[end-2] != ':') {
		end--
	}
	if is(s, end, isAlnum) || !v6Shape(s[start:end]) {
		return Match{}, false
	}
	a, err := netip.ParseAddr(s[start:end])
	if err != nil {
		return Match{}, false
	}
	m := Match{Row: rowIPv6, Start: start, End: end, OneIn: 1 << 8}
	if a.IsLoopback() || a.IsUnspecified() || a.IsPrivate() || a.IsLinkLocalUnicast() || a.IsMulticast() {
		m.Row = rowIPLocal
	}
	return m, true
}

// v6Shape counts groups, so that only likely addresses are parsed.
func v6Shape(v string) bool {
	colons, digits, gap := 0, 0, false
	for i := range len(v) {
		switch {
		case v[i] == ':':
			colons++
			gap = gap || i > 0 && v[i-1] == ':'
		case class[v[i]]&isDigit != 0:
			digits++
		}
	}
	return colons == 7 && digits > 0 || gap && digits > 0 && (colons >= 3 || v[0] == ':' && len(v) == 3)
}

// mac reads six groups of two hexadecimal digits with one kind of separator
// (IEEE 802), or three of four with dots, from the token that begins at i.
func mac(s string, i, to int) (Match, bool) {
	group, count := to-i, 6
	sep := at(s, to)
	switch {
	case group == 2 && (sep == ':' || sep == '-'):
	case group == 4 && sep == '.':
		count = 3
	default:
		return Match{}, false
	}
	end, letters := i+count*(group+1)-1, 0
	if end > len(s) || is(s, end, isAlnum) || at(s, end) == sep && is(s, end+1, isHex) || i > 0 && s[i-1] == sep {
		return Match{}, false
	}
	for k := i; k < end; k++ {
		switch {
		case (k-i)%(group+1) == group:
			if s[k] != sep {
				return Match{}, false
			}
		case class[s[k]]&isHex == 0:
			return Match{}, false
		case class[s[k]]&isLetter != 0:
			letters++
		}
	}
	if letters == 0 && sep != ':' {
		return Match{}, false // digits alone are dates, numbers of phones, amounts
	}
	return Match{Row: rowMAC, Start: i, End: end, OneIn: 1 << 8}, true
}
