package policy

import (
	"strings"

	"postern/policy/pii/catalog"
)

// media names the first thing wrong with the media.
func (m *matcher) media(in *Input) string {
	strip := m.s.Media.StripLocation && in.Kind != KindInbound
	for _, f := range in.Message.Media {
		rule := m.s.Media.Kinds[f.Kind]
		mime, _, _ := strings.Cut(f.Mime, ";")
		mime = strings.ToLower(strings.TrimSpace(mime))
		unknown := f.Bytes < 0 && f.Source != SourceProvider
		switch {
		case rule.MaxBytes == 0, mime != "" && len(rule.Types) > 0 && !m.mime[f.Kind][mime]:
			return "kind"
		case f.Bytes > rule.MaxBytes, unknown && m.s.Media.UnknownSize != "allow":
			return "size"
		case strip && hides(f) && (f.Bytes >= 0 || f.Source != SourceProvider):
			return "location"
		}
	}
	return "ok"
}

// hides reports a picture of which nobody can say where it was taken, or take
// that out of it.
func hides(f Media) bool {
	picture := f.Kind == "image" || f.Kind == "sticker"
	return picture && f.Location != LocationNone && f.Location != LocationSome
}

// links reports whether every host may be linked. A host that nobody could read
// may be any: where lists say which, it is refused.
func (m *matcher) links(hosts []string) bool {
	if len(m.linkBad) == 0 && !m.s.Links.OnlyAllowed {
		return true
	}
	for _, h := range hosts {
		h = hostKey(h)
		if h == "" || within(m.linkBad, h) || m.s.Links.OnlyAllowed && !within(m.linkOK, h) {
			return false
		}
	}
	return true
}

// within reports whether the host or one it is a subdomain of is in the set.
func within(hosts map[string]bool, h string) bool {
	if len(hosts) == 0 {
		return false
	}
	for {
		if hosts[h] {
			return true
		}
		_, parent, more := strings.Cut(h, ".")
		if !more {
			return false
		}
		h = parent
	}
}

// blocked names the first finding type whose operator is "block".
func (m *matcher) blocked(in *Input) string {
	treat := m.treatment(in.Direction)
	for _, f := range in.Findings {
		if operator(treat, f) == "block" && m.sure(f.Level) {
			return f.Type
		}
	}
	return "ok"
}

// sure reports whether a finding's level reaches personal_data.block_from. A
// level nobody knows counts as sure.
func (m *matcher) sure(level string) bool {
	have, known := levels[level]
	return !known || have >= levels[m.s.PersonalData.BlockFrom]
}

func (m *matcher) treatment(direction string) map[string]string {
	if direction == "inbound" {
		return m.s.PersonalData.Inbound
	}
	return m.s.PersonalData.Outbound
}

// operator looks a finding up by its entity, its type and "*", which does not
// speak of words of lexicons.
func operator(treat map[string]string, f Found) string {
	for _, name := range []string{f.Entity, f.Type} {
		if op, own := treat[name]; own {
			return op
		}
	}
	if f.Type == string(catalog.Term) {
		return "keep"
	}
	return treat["*"]
}
