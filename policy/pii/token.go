package pii

import "strings"

// token tries the fixed prefixes: access tokens of Meta's Graph API and
// message ids of WhatsApp, which hold the phone number in plain Base64.
func (p *pass) token(i int) int {
	if isAlnum(byteAt(p.text, i-1)) {
		return i + 1
	}
	rest := p.text[i:]
	switch rest[0] {
	case 'E':
		if strings.HasPrefix(rest, "EAA") {
			return p.opaque(i, 3, 20, MetaToken)
		}
	case 'w', 'W':
		if len(rest) > 6 && strings.EqualFold(rest[:6], "wamid.") {
			return p.opaque(i, 6, 8, WAMID)
		}
	case 'H':
		if strings.HasPrefix(rest, "HBg") {
			return p.opaque(i, 3, 28, WAMID)
		}
	case 'g', 'A':
		if len(rest) > 4 && (rest[1:4] == "BGG" || rest[1:4] == "BEG") {
			return p.opaque(i, 4, 18, WAMID)
		}
	}
	return i + 1
}

// opaque takes the characters of Base64 behind a prefix; fewer than least are
// no token.
func (p *pass) opaque(i, prefix, least int, t Type) int {
	end := i + prefix
	for end < len(p.text) && base64Char(p.text[end], t) {
		end++
	}
	if end-i-prefix < least {
		return i + prefix
	}
	level := Certain
	if t == MetaToken && end-i < 40 || t == WAMID && prefix < 6 {
		level = Likely
	}
	p.add(Finding{Type: t, Level: level, Start: i, End: end, Reasons: ByPrefix})
	p.floor = end
	return end
}

func base64Char(c byte, t Type) bool {
	return isAlnum(c) || t == WAMID && (c == '+' || c == '/' || c == '=' || c == '-' || c == '_')
}

// skipLabel passes over a label of ours, such as [PHONE_1].
func skipLabel(text string, i int) int {
	j := i + 1
	for j < len(text) && (isUpper(text[j]) || text[j] == '_') {
		j++
	}
	for k := 0; k < 4 && j < len(text) && isDigit(text[j]) && text[j-1] != '['; k++ {
		j++
	}
	if byteAt(text, j) == ']' && j > i+2 {
		return j + 1
	}
	return i + 1
}
