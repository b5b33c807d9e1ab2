package policy

import (
	"slices"
	"time"
)

// Checks is how the settings' lists and clocks match one Input. The engine
// works it out before the rules run and shows it to them as input.checks, so
// that no rule walks a list. Every field is a token that a rule compares.
type Checks struct {
	Form      string `json:"form"`       // "template", "free" or "" (not a message)
	Facts     string `json:"facts"`      // "ok" or "missing"
	Type      string `json:"type"`       // "ok" or "refused"
	Country   string `json:"country"`    // "ok" or "refused"
	Consent   string `json:"consent"`    // "ok", "not_required", "missing", "expired", "source"; "" where consent has no place
	AfterStop bool   `json:"after_stop"` // may pass although the person said stop
	Category  string `json:"category"`   // of a template: "ok", "mismatch", "refused"; else ""
	Media     string `json:"media"`      // "ok", "kind", "size" or "location"
	Link      string `json:"link"`       // "ok" or "refused"
	PII       string `json:"pii"`        // "ok" or the finding type that is blocked
	Quiet     bool   `json:"quiet"`
	Next      int64  `json:"next"`      // Unix seconds of the next allowed moment; 0 unless quiet
	NextAt    string `json:"next_at"`   // the same for people, in UTC; "" unless quiet
	Residency string `json:"residency"` // "ok", "refused" or "unknown"

	open bool // input.facts.window.open as rules see it: the margin taken off
}

// matcher is Settings made ready for matching: sets instead of lists.
type matcher struct {
	s               *Settings
	types           map[string]map[string]bool // by direction
	allow, deny     map[string]bool            // countries
	linkOK, linkBad map[string]bool
	statutory       map[string]bool
	closed          map[string]bool // management calls
	categories      map[string]bool
	general         map[string]bool
	sources         map[string]map[string]bool // by category
	mime            map[string]map[string]bool // by kind
	quiet           *quiet
	demands         demands
	modes           map[string]int64 // observe until
}

func newMatcher(s *Settings) *matcher {
	m := &matcher{
		s: s, types: map[string]map[string]bool{"outbound": set(s.Messages.Outbound), "inbound": set(s.Messages.Inbound)},
		allow: set(s.Recipients.Allow), deny: set(s.Recipients.Deny),
		linkOK: hostSet(s.Links.Allow), linkBad: hostSet(s.Links.Deny),
		statutory: set(s.Templates.Statutory), closed: set(s.Management.Deny), categories: set(s.Templates.Categories),
		general: set(s.Consent.GeneralCovers), sources: map[string]map[string]bool{},
		mime: map[string]map[string]bool{}, quiet: newQuiet(s.QuietHours), demands: newDemands(s.Residency), modes: map[string]int64{},
	}
	for _, c := range templateCategories {
		rule, _ := s.consentRule(c)
		m.sources[c] = set(rule.Sources)
	}
	for kind, rule := range s.Media.Kinds {
		m.mime[kind] = set(rule.Types)
	}
	for code, mode := range s.Modes {
		if until, err := parseMode(mode); err == nil && until > 0 {
			m.modes[code] = until
		}
	}
	return m
}

func set(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, v := range list {
		m[v] = true
	}
	return m
}

func hostSet(list []string) map[string]bool {
	m := make(map[string]bool, len(list))
	for _, h := range list {
		m[hostKey(h)] = true
	}
	return m
}

// check matches one input. It never fails: what it cannot place is "missing",
// "refused" or "kind", never "ok".
func (m *matcher) check(in *Input) Checks {
	c := Checks{Form: form(in), Facts: pass(complete(in), "missing")}
	c.Type = pass(m.mayBe(in), "refused")
	c.Country = pass(m.country(in.Peer.Country), "refused")
	c.Media = m.media(in)
	c.Link = pass(m.links(in.Message.LinkHosts), "refused")
	c.PII = m.blocked(in)
	c.Residency = m.residency(in)
	c.open = m.open(in)
	if c.Form == "" {
		return c
	}
	c.AfterStop = m.afterStop(in, &c)
	if c.Form == typeTemplate {
		c.Consent = m.consent(in)
		c.Category = m.category(in)
	}
	m.rest(in, &c)
	return c
}

// mayBe reports whether the settings' lists let a type of message, or a call of
// that name, pass.
func (m *matcher) mayBe(in *Input) bool {
	switch in.Kind {
	case KindRead:
		return true
	case KindMedia:
		return !m.closed[in.Message.Type]
	case KindManage:
		return in.Message.Type != "" && !m.closed[in.Message.Type]
	}
	return m.types[in.Direction][in.Message.Type]
}

func pass(good bool, otherwise string) string {
	if good {
		return "ok"
	}
	return otherwise
}

// open reports whether the window is open with the margin of these settings:
// the input is kept without one, so that another margin can be replayed.
func (m *matcher) open(in *Input) bool {
	w := in.Facts.Window
	return w.Open && in.Time.Now < w.Expires-int64(m.s.Window.MarginSeconds)
}

func form(in *Input) string {
	switch {
	case in.Kind != KindMessage:
		return ""
	case in.Message.Type == typeTemplate:
		return typeTemplate
	}
	return "free"
}

// complete reports whether every fact the rules compare has a value they know.
// A zero value is a fact nobody looked up.
func complete(in *Input) bool {
	if in.Kind == KindInbound {
		return true // content is never refused for what we do not know
	}
	f := &in.Facts
	if len(f.Missing) > 0 || !among(f.Account, "ok", "restricted") {
		return false
	}
	if in.Kind != KindMessage {
		return true
	}
	if !among(f.Identity, "ok", "changed") {
		return false
	}
	t := in.Message.Template
	if in.Message.Type != typeTemplate {
		return in.Message.Category != ""
	}
	if t == nil {
		return false
	}
	return !t.Known || in.Message.Category != "" && among(t.Parameters, "ok", "count", "format", "component", "index")
}

func among(s string, words ...string) bool { return slices.Contains(words, s) }

func (m *matcher) country(c string) bool {
	return !m.deny[c] && (len(m.allow) == 0 || m.allow[c])
}

func (m *matcher) consent(in *Input) string {
	category := in.Message.Category
	if t := in.Message.Template; category == "" && t != nil && !t.Known {
		return "" // nobody knows which consent it would need; another rule refuses
	}
	rule, known := m.s.consentRule(category)
	if !known {
		return "missing"
	}
	if !rule.Required {
		return "not_required"
	}
	state := m.standing(in.Facts.Consent[category], rule, category, in.Time.Now)
	if state == "ok" || !m.general[category] {
		return state
	}
	if general := m.standing(in.Facts.Consent[CategoryGeneral], rule, category, in.Time.Now); general == "ok" || state == "missing" {
		return general
	}
	return state
}

func (m *matcher) standing(c Consent, rule *ConsentRule, category string, now int64) string {
	const day = 24 * 60 * 60
	switch {
	case !c.Given || c.Suspended || c.At > now:
		return "missing"
	case c.Expires != 0 && c.Expires <= now, rule.MaxAgeDays > 0 && c.At+int64(rule.MaxAgeDays)*day <= now:
		return "expired"
	case len(rule.Sources) > 0 && !m.sources[category][c.Source]:
		return "source"
	}
	return "ok"
}

func (m *matcher) category(in *Input) string {
	t := in.Message.Template
	switch {
	case t == nil || !t.Known:
		return "ok" // another rule refuses
	case t.Category != in.Message.Category:
		return "mismatch"
	}
	return pass(m.categories[t.Category], "refused")
}

func (m *matcher) afterStop(in *Input, c *Checks) bool {
	after := m.s.OptOut.AfterStop
	if c.Form == "free" {
		return after.Replies && c.open
	}
	if t := in.Message.Template; after.Statutory && t != nil && m.statutory[t.Name] {
		return true
	}
	return after.Authentication && in.Message.Category == CategoryAuthentication
}

// rest fills in the quiet hours. A category that rests needs a local time: a
// person whose zone nobody knows counts as a missing fact.
func (m *matcher) rest(in *Input, c *Checks) {
	if !m.quiet.categories[in.Message.Category] {
		return
	}
	clocks := m.quiet.clocks(in)
	if len(clocks) == 0 {
		c.Facts = "missing"
		return
	}
	now := time.Unix(in.Time.Now, 0).UTC()
	at, found := next(clocks, now)
	if found && at.Equal(now) {
		return
	}
	c.Quiet, c.NextAt = true, "a moment that quiet_hours allows in every zone (there is none within 60 days)"
	if found {
		c.Next, c.NextAt = at.Unix(), at.UTC().Format("2006-01-02 15:04 UTC")
	}
}
