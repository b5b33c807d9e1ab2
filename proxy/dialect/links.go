package dialect

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// webLink reports whether v is an absolute http or https URL with a host and
// without user name, blanks or control characters.
func webLink(v string) bool {
	if strings.ContainsFunc(v, func(r rune) bool { return r <= ' ' || r == 0x7f || unicode.IsSpace(r) || r == '\\' }) {
		return false
	}
	u, err := url.Parse(v)
	if err != nil {
		return false
	}
	scheme := strings.ToLower(u.Scheme)
	return (scheme == "http" || scheme == "https") && u.Hostname() != "" && u.User == nil
}

// appendLinks adds every URL a person could open from a text: with a scheme, or
// a bare host name as chat apps make tappable (given back with http://). It
// rather finds too much: a missed link would pass a host rule unseen.
func appendLinks(dst []string, text string) []string {
	if !mayLink(text) {
		return dst
	}
	for _, word := range strings.FieldsFunc(text, linkBreak) {
		word = strings.Trim(word, ".,;:!?*_~-'\u2018\u2019\u201c\u201d\u2026")
		if at := strings.Index(word, "://"); at > 0 {
			if s := schemeStart(word[:at]); s < at {
				dst = append(dst, word[s:])
				continue
			}
		}
		if word = strings.Map(dot, word); bareHost(word) {
			dst = append(dst, "http://"+word)
		}
	}
	return dst
}

// mayLink is the cheap test: a dot between two characters, "://", or one of
// the full stops that browsers read as a dot in host names.
func mayLink(text string) bool {
	for i := 1; i < len(text)-1; i++ {
		switch c := text[i]; {
		case c >= utf8.RuneSelf:
			return true
		case c == '.' && text[i-1] > ' ' && text[i+1] > ' ', c == ':' && text[i+1] == '/':
			return true
		}
	}
	return false
}

func linkBreak(r rune) bool {
	return r <= ' ' || unicode.IsSpace(r) || strings.ContainsRune(`"<>()[]{}|`+"`", r) || unicode.Is(unicode.Cf, r)
}

// schemeStart is where the letters of a scheme begin before "://".
func schemeStart(before string) int {
	i := len(before)
	for i > 0 && (before[i-1]|0x20 >= 'a' && before[i-1]|0x20 <= 'z') {
		i--
	}
	return i
}

// bareHost reports "example.com", "www.example.org/x", "1.2.3.4/x" and the
// like; e-mail addresses and file names are none.
func bareHost(word string) bool {
	host := word
	if i := strings.IndexAny(word, "/?#"); i >= 0 {
		host = word[:i]
	}
	if strings.Contains(host, "@") || !strings.Contains(host, ".") {
		return false
	}
	host, _, _ = strings.Cut(host, ":")
	host = strings.ToLower(host)
	labels := strings.Split(host, ".")
	if len(labels) < 2 || len(host) > 253 {
		return false
	}
	for _, l := range labels {
		if l == "" || strings.ContainsFunc(l, notHostRune) {
			return false
		}
	}
	last := labels[len(labels)-1]
	return labels[0] == "www" || linkEnding(last) || len(labels) == 4 && digitsOnly(host) && len(word) > len(host)
}

// dot maps the ideographic, full-width and half-width full stops to a dot.
func dot(r rune) rune {
	if r == 0x3002 || r == 0xff0e || r == 0xff61 {
		return '.'
	}
	return r
}

func notHostRune(r rune) bool {
	return r != '-' && r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) && !unicode.Is(unicode.M, r)
}

func digitsOnly(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return (r < '0' || r > '9') && r != '.' })
}

// linkEnding reports whether a chat app would read the last label as a
// top-level domain: any two letters, any in another script, punycode, or one
// of the generic ones in wide use.
func linkEnding(label string) bool {
	if strings.HasPrefix(label, "xn--") {
		return true
	}
	if utf8.RuneCountInString(label) != len(label) {
		return !strings.ContainsFunc(label, unicode.IsDigit)
	}
	if len(label) == 2 {
		return label[0] >= 'a' && label[1] >= 'a'
	}
	return strings.Contains(genericEndings, " "+label+" ")
}

const genericEndings = " com org net edu gov mil int info biz name mobi app dev page link click shop store online site " +
	"website web xyz top club live life news blog cloud host space tech world today email chat group team work works " +
	"bank finance financial insurance loan loans credit money cash fund health care clinic hospital pharmacy legal law " +
	"pro vip win bid icu buzz fun art design digital media social network agency company business center services " +
	"support help guide zone plus one new global international asia tel travel jobs museum coop aero post cat " +
	"google youtube amazon microsoft apple bmw zip mov "
