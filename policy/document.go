package policy

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// subject is what one evaluation looks at.
type subject struct {
	in *Input
	c  *Checks
}

// field is one member of the document that rules see as input: a leaf with a
// term of its own or an object of further fields. Optional leaves return nil.
type field struct {
	name   string
	key    *ast.Term
	term   func(subject) *ast.Term
	fields []field
	when   func(subject) bool // an object that may be absent
}

func leaf(name string, term func(subject) *ast.Term) field {
	return field{name: name, key: ast.StringTerm(name), term: term}
}

func object(name string, fields ...field) field {
	return field{name: name, key: ast.StringTerm(name), fields: fields}
}

func text(name string, get func(subject) string) field {
	return leaf(name, func(s subject) *ast.Term { return token(get(s)) })
}

func number(name string, get func(subject) int64) field {
	return leaf(name, func(s subject) *ast.Term { return ast.InternedTerm(get(s)) })
}

func flag(name string, get func(subject) bool) field {
	return leaf(name, func(s subject) *ast.Term { return ast.InternedTerm(get(s)) })
}

// tokens holds one term for each word that inputs repeat, so that a decision
// does not allocate them. It is never written after it is built.
var tokens = func() map[string]*ast.Term {
	m := map[string]*ast.Term{}
	words := [][]string{outboundTypes, inboundTypes, templateCategories, mediaKinds, {
		CategoryService, CategoryGeneral, KindMessage, KindMedia, KindRead, KindInbound, KindManage,
		"outbound", "inbound", "cloud", "d360v2", "d360v1", "onprem", "free", "ok", "refused", "missing",
		"not_required", "expired", "source", "mismatch", "kind", "size", "location", "changed", "restricted",
		ResidencyLocal, ResidencyNone, ResidencyDefault, ResidencyUnknown,
		"APPROVED", "PAUSED", "DISABLED", "PENDING", "REJECTED", "count", "format", "component", "index", "",
		LocationNone, LocationSome, LocationUnreadable,
	}}
	for _, list := range words {
		for _, w := range list {
			m[w] = ast.StringTerm(w)
		}
	}
	return m
}()

func token(s string) *ast.Term {
	if t, ok := tokens[s]; ok {
		return t
	}
	return ast.StringTerm(s)
}

// document is the whole of what rules may see. INPUT.md explains each field.
var document = []field{
	number("version", func(s subject) int64 { return int64(s.in.Version) }),
	text("kind", func(s subject) string { return s.in.Kind }),
	text("direction", func(s subject) string { return s.in.Direction }),
	text("tenant", func(s subject) string { return s.in.Tenant }),
	text("app", func(s subject) string { return s.in.App }),
	text("number", func(s subject) string { return s.in.Number }),
	text("dialect", func(s subject) string { return s.in.Dialect }),
	object("peer",
		text("subject", func(s subject) string { return s.in.Peer.Subject }),
		text("country", func(s subject) string { return s.in.Peer.Country }),
		flag("has_number", func(s subject) bool { return s.in.Peer.HasNumber }),
		flag("has_user_id", func(s subject) bool { return s.in.Peer.HasUserID }),
	),
	object("message",
		text("type", func(s subject) string { return s.in.Message.Type }),
		text("sub", func(s subject) string { return s.in.Message.Sub }),
		text("category", func(s subject) string { return s.in.Message.Category }),
		flag("reply", func(s subject) bool { return s.in.Message.Reply }),
		templateField(),
		leaf("media", func(s subject) *ast.Term { return list(s.in.Message.Media, mediaTerm) }),
		leaf("link_hosts", func(s subject) *ast.Term { return list(s.in.Message.LinkHosts, token) }),
		number("length", func(s subject) int64 { return int64(s.in.Message.Length) }),
		leaf("dropped", func(s subject) *ast.Term { return list(s.in.Message.Dropped, token) }),
	),
	leaf("findings", func(s subject) *ast.Term { return list(s.in.Findings, findingTerm) }),
	object("facts",
		leaf("missing", func(s subject) *ast.Term { return list(s.in.Facts.Missing, token) }),
		object("window",
			flag("open", func(s subject) bool { return s.c.open }),
			number("expires", func(s subject) int64 { return s.in.Facts.Window.Expires }),
		),
		leaf("consent", func(s subject) *ast.Term { return consentTerm(s.in.Facts.Consent) }),
		object("optout",
			flag("marketing", func(s subject) bool { return s.in.Facts.OptOut.Marketing }),
			flag("all", func(s subject) bool { return s.in.Facts.OptOut.All }),
			text("source", func(s subject) string { return s.in.Facts.OptOut.Source }),
			number("at", func(s subject) int64 { return s.in.Facts.OptOut.At }),
		),
		text("identity", func(s subject) string { return s.in.Facts.Identity }),
		text("account", func(s subject) string { return s.in.Facts.Account }),
		flag("restricted", func(s subject) bool { return s.in.Facts.Restricted }),
		object("residency",
			text("kind", func(s subject) string { return s.in.Facts.Residency.Kind }),
			text("region", func(s subject) string { return s.in.Facts.Residency.Region }),
		),
	),
	object("time",
		number("now", func(s subject) int64 { return s.in.Time.Now }),
		leaf("zones", func(s subject) *ast.Term { return list(s.in.Time.Zones, localTerm) }),
	),
	object("checks",
		text("form", func(s subject) string { return s.c.Form }),
		text("facts", func(s subject) string { return s.c.Facts }),
		text("type", func(s subject) string { return s.c.Type }),
		text("country", func(s subject) string { return s.c.Country }),
		text("consent", func(s subject) string { return s.c.Consent }),
		flag("after_stop", func(s subject) bool { return s.c.AfterStop }),
		text("category", func(s subject) string { return s.c.Category }),
		text("media", func(s subject) string { return s.c.Media }),
		text("link", func(s subject) string { return s.c.Link }),
		text("pii", func(s subject) string { return s.c.PII }),
		flag("quiet", func(s subject) bool { return s.c.Quiet }),
		number("next", func(s subject) int64 { return s.c.Next }),
		text("next_at", func(s subject) string { return s.c.NextAt }),
		text("residency", func(s subject) string { return s.c.Residency }),
	),
}

func templateField() field {
	f := object("template",
		text("name", func(s subject) string { return s.in.Message.Template.Name }),
		text("language", func(s subject) string { return s.in.Message.Template.Language }),
		flag("known", func(s subject) bool { return s.in.Message.Template.Known }),
		text("status", func(s subject) string { return s.in.Message.Template.Status }),
		text("category", func(s subject) string { return s.in.Message.Template.Category }),
		text("parameters", func(s subject) string { return s.in.Message.Template.Parameters }),
		number("want", func(s subject) int64 { return int64(s.in.Message.Template.Want) }),
		number("got", func(s subject) int64 { return int64(s.in.Message.Template.Got) }),
	)
	f.when = func(s subject) bool { return s.in.Message.Template != nil }
	return f
}

func list[T any](items []T, term func(T) *ast.Term) *ast.Term {
	if len(items) == 0 {
		return ast.InternedEmptyArray
	}
	terms := make([]*ast.Term, len(items))
	for i, it := range items {
		terms[i] = term(it)
	}
	return ast.ArrayTerm(terms...)
}

func item(key string, v *ast.Term) [2]*ast.Term { return [2]*ast.Term{token(key), v} }

func mediaTerm(m Media) *ast.Term {
	return ast.ObjectTerm(item("kind", token(m.Kind)), item("source", token(m.Source)),
		item("bytes", ast.InternedTerm(m.Bytes)), item("mime", token(m.Mime)), item("location", token(m.Location)))
}

func findingTerm(f Found) *ast.Term {
	return ast.ObjectTerm(item("type", token(f.Type)), item("entity", token(f.Entity)), item("class", token(f.Class)), item("topic", token(f.Topic)), item("level", token(f.Level)),
		item("count", ast.InternedTerm(f.Count)), item("where", token(f.Where)))
}

func localTerm(l Local) *ast.Term {
	return ast.ObjectTerm(item("zone", token(l.Zone)), item("offset", ast.InternedTerm(l.Offset)),
		item("minute", ast.InternedTerm(l.Minute)), item("weekday", ast.InternedTerm(l.Weekday)), item("date", token(l.Date)))
}

func consentTerm(all map[string]Consent) *ast.Term {
	items := make([][2]*ast.Term, 0, len(all))
	for category, c := range all {
		items = append(items, item(category, ast.ObjectTerm(
			item("given", ast.InternedTerm(c.Given)), item("source", token(c.Source)), item("scope", token(c.Scope)),
			item("at", ast.InternedTerm(c.At)), item("expires", ast.InternedTerm(c.Expires)),
			item("suspended", ast.InternedTerm(c.Suspended)))))
	}
	return ast.ObjectTerm(items...)
}

// build makes the term of an object from its fields.
func build(fields []field, s subject) *ast.Term {
	items := make([][2]*ast.Term, 0, len(fields))
	for i := range fields {
		f := &fields[i]
		switch {
		case f.term != nil:
			items = append(items, [2]*ast.Term{f.key, f.term(s)})
		case f.when == nil || f.when(s):
			items = append(items, [2]*ast.Term{f.key, build(f.fields, s)})
		}
	}
	return ast.ObjectTerm(items...)
}

// prune keeps the fields that some rule reads. used holds dotted paths
// relative to fields; "" is everything.
func prune(fields []field, used []string) []field {
	var out []field
	for _, f := range fields {
		var below []string
		whole := false
		for _, u := range used {
			head, rest, _ := strings.Cut(u, ".")
			switch {
			case u == "":
				whole = true
			case head == f.name:
				below = append(below, rest)
			}
		}
		if whole {
			below = []string{""}
		}
		if len(below) == 0 {
			continue
		}
		if f.fields != nil {
			f.fields = prune(f.fields, below)
		}
		out = append(out, f)
	}
	return out
}
