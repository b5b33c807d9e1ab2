package dialect

import (
	"slices"
	"strings"
	"unicode/utf8"

	"postern/proxy/message"
)

func (w *walk) text(s *shape, n int32) *Problem {
	if !w.t.is(n, '"') && (!s.numeric || !w.t.is(n, '0')) {
		return w.at(Invalid, "", "The value must be a string.")
	}
	v := w.t.nodes[n].text
	if s.trim {
		trimmed := strings.TrimSpace(v)
		if trimmed != v && w.strict || trimmed == "" && s.min > 0 && v != "" {
			return w.at(Invalid, "", "The text must not start or end with blanks.")
		}
		v = trimmed
	}
	if s.lower {
		v = strings.ToLower(v)
	}
	if len(s.enum) > 0 && !slices.Contains(s.enum, v) {
		return w.at(Invalid, "", "The value is not one of: "+strings.Join(s.enum, ", ")+".")
	}
	if p := w.length(s, utf8.RuneCountInString(v), "characters"); p != nil {
		return p
	}
	if s.ident && !identifier(v) {
		return w.at(Invalid, "", "The value holds characters an identifier cannot hold.")
	}
	if s.check != nil {
		if p := s.check(w, n); p != nil {
			return p
		}
	}
	return w.keep(s, v)
}

// keep writes a string and hands it to those who look at texts and links.
func (w *walk) keep(s *shape, v string) *Problem {
	w.out = appendText(w.out, v)
	switch s.role {
	case roleLink:
		if !webLink(v) {
			return w.at(Invalid, "", "The value must be a complete http or https URL without credentials.")
		}
		w.m.Links = append(w.m.Links, v)
		w.m.Texts = append(w.m.Texts, message.Phrase{Path: string(w.path), Value: v})
	case rolePhrase:
		w.phrase(v)
	}
	return nil
}

func (w *walk) phrase(v string) {
	w.m.Texts = append(w.m.Texts, message.Phrase{Path: string(w.path), Value: v})
	w.m.Links = appendLinks(w.m.Links, v)
}

// identifier reports whether v is made of printable ASCII without blanks,
// quotes and brackets: enough to stand in a URL, a record or a log key.
func identifier(v string) bool {
	for _, c := range []byte(v) {
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"'<>\`+"`{}", c) >= 0 {
			return false
		}
	}
	return true
}
