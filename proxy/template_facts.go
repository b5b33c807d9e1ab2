package proxy

import (
	"slices"
	"strings"

	"postern/audit/journal"
	"postern/policy/facts"
	"postern/proxy/message"
)

// templateFacts learns what a webhook says of a template. What it does not say
// stays as it was; what it leaves open is read from upstream by the refresh.
func (in *intake) templateFacts(e *message.Event) []facts.Row {
	u := e.Template
	t, ok := in.template(e.WABA, u.Name, u.Language)
	if !ok {
		in.unlisted()
		return nil
	}
	quality, isQuality := strings.CutPrefix(u.Event, "QUALITY_")
	switch {
	case isQuality:
		t.Quality = quality
	case u.Event == "COMPONENTS", u.Event == "FLAGGED":
		in.unlisted() // new words, and a warning that may leave it approved
	case u.Event == "REINSTATED":
		t.Status = "APPROVED"
	case u.Event != "" && u.Event != "CATEGORY":
		t.Status = u.Event
	}
	if u.Category != "" {
		t.Category = u.Category
	}
	row := t.Row(in.tenant, e.Time)
	if !in.g.cfg.Facts.Stale(row) {
		in.told = append(in.told, t)
	}
	return []facts.Row{row}
}

// template is one as it is known, and as earlier events of the same webhook
// leave it.
func (in *intake) template(waba, name, language string) (facts.Template, bool) {
	for _, t := range slices.Backward(in.told) {
		if t.WABA == waba && t.Name == name && t.Language == language {
			return t, true
		}
	}
	t, ok := in.g.cfg.Facts.Template(in.tenant, waba, name, language)
	if ok {
		in.read = append(in.read, t)
	}
	return t, ok
}

// templatesChanged reports whether a template is known otherwise than the
// webhook's facts were made from. It runs in the writer, as recheck does.
func (in *intake) templatesChanged(pending []journal.Fact) bool {
	about := func(f journal.Fact) bool { return f.Kind == facts.KindTemplate && f.Tenant == in.tenant }
	return slices.ContainsFunc(in.read, func(t facts.Template) bool {
		now, _ := in.g.cfg.Facts.Template(in.tenant, t.WABA, t.Name, t.Language)
		return !now.Same(t) || slices.ContainsFunc(pending, about)
	})
}

func (in *intake) unlisted() {
	if in.g.cfg.Unlisted != nil {
		in.g.cfg.Unlisted()
	}
}
