package shape

// linkPhone finds the number in links that open a chat or dial: wa.me/49...,
// api.whatsapp.com/send?phone=..., t.me/+49... Its span is the number alone.
func linkPhone(s string, l *link) (Match, bool) {
	host := s[l.host:l.hostEnd]
	i := -1
	switch {
	case hasFold(host, 0, "wa.me") && len(host) == 5, hasFold(host, 0, "t.me") && len(host) == 4 && at(s, l.path+1) == '+',
		hasFold(host, 0, "viber.click"), hasFold(host, 0, "signal.me") && at(s, l.path+1) == '#':
		i = l.path + 1
	case endsFold(host, len(host), 0, "whatsapp.com") || hasFold(s, l.scheme, "whatsapp://") || hasFold(s, l.scheme, "viber://"):
		i = parameter(s, l, "phone=")
		if i < 0 {
			i = parameter(s, l, "number=")
		}
	}
	if i < 0 {
		return Match{}, false
	}
	return number(s, i, l.end)
}

// number reads 7 to 15 digits behind an optional plus (ITU-T E.164).
func number(s string, i, end int) (Match, bool) {
	for i < end && (s[i] == '+' || s[i] == '#' || s[i] == '/' || s[i] == 'p') {
		i++
	}
	if hasFold(s[:end], i, "%2b") {
		i += 3
	}
	stop := span(s[:end], i, 16, isDigit)
	if stop-i < 7 || stop-i > 15 {
		return Match{}, false
	}
	if i > 0 && s[i-1] == '+' {
		i--
	}
	return Match{Row: rowPhone, Start: i, End: stop, Checked: true, OneIn: 1 << 10}, true
}

// parameter gives where the value of "name=" begins in query or fragment, -1
// if there is none.
func parameter(s string, l *link, name string) int {
	for i := l.query; i < l.end; i++ {
		if c := s[i]; (c == '?' || c == '&' || c == '#') && hasFold(s[:l.end], i+1, name) {
			return i + 1 + len(name)
		}
	}
	return -1
}

// diallers are the names of dialled, by their last letter.
var diallers = [32][]string{'l' & 31: {"tel"}, 's' & 31: {"sms"}, 'o' & 31: {"smsto", "callto"}, 'e' & 31: {"facetime"}, 'p' & 31: {"whatsapp"}}

// dialled reads the number behind tel:, sms:, callto:, whatsapp: and their
// kin (RFC 3966, RFC 5724).
func dialled(s string, i, floor int) (Match, bool) {
	for _, w := range diallers[at(s, i-1)&31] {
		if !endsFold(s, i, floor, w) || i-len(w) > floor && is(s, i-len(w)-1, isAlnum) {
			continue
		}
		end := i + 1
		digits := 0
		for k := i + 1; k < len(s) && k < i+26; k++ {
			if class[s[k]]&isDigit != 0 {
				digits++
				end = k + 1
			} else if c := s[k]; c != '-' && c != '.' && c != '(' && c != ')' && (c != '+' || k > i+1) {
				break
			}
		}
		if digits >= 7 && digits <= 15 && !is(s, end, isAlnum) {
			return Match{Row: rowPhone, Start: i + 1, End: end, Checked: true, OneIn: 1 << 10}, true
		}
	}
	return Match{}, false
}

// linkMail finds an address of mail in a link: mailto forms, profiles,
// parameters. A plain link in which one stands is not secret itself.
func linkMail(s string, l *link) (Match, bool) {
	sign, code := upTo(s, l.path, l.end, '@'), upTo(s, l.path, l.end, '%')
	for sign < l.end || code < l.end {
		if i := sign; i < code {
			if i > l.path && s[i-1] != '/' {
				if m, ok := email(s[:l.end], i, l.path+1); ok && m.Row == rowEmail && m.Checked {
					return m, true
				}
			}
			sign = upTo(s, i+1, l.end, '@')
			continue
		}
		if i := code; hasFold(s[:l.end], i, "%40") && is(s, i-1, isAlnum) {
			if d, known := readDomain(s[:l.end], i+3); known && d.tld > i+3 {
				return Match{Row: rowURL, Start: l.start, End: l.end, Checked: true, OneIn: 1 << 10}, true
			}
		}
		code = upTo(s, code+1, l.end, '%')
	}
	return Match{}, false
}
