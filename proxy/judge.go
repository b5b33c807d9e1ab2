package proxy

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"postern/policy"
	"postern/policy/pii"
	"postern/policy/pii/pack"
	"postern/proxy/dialect"
	"postern/proxy/message"
)

// found is one finding in one text of a message: type and place, never a value.
type found struct {
	text    int // index into Message.Texts
	finding pii.Finding
}

var errOperator = errors.New("policy asks for a change that the message can not take")

// judge gathers facts and findings, asks policy and applies what it obliges.
func (g *Gate) judge(ctx context.Context, m *matter) {
	g.scan(m)
	m.input = g.inputOf(ctx, m)
	dec, err := g.ruling(ctx, &m.input)
	if err != nil {
		g.cfg.Log.Error().Err(err).Msg("policy evaluation failed")
		g.cfg.Observe.Alarm("policy_error")
	}
	m.dec = dec
	m.forward, m.changed, m.tokens = m.req.Message, false, g.newTokens(m.account.Tenant)
	if dec.Effect != policy.Allow {
		return
	}
	if err := g.oblige(m); err != nil {
		m.dec.Effect = policy.Deny
		m.dec.Reasons = []policy.Reason{{
			Code: policy.CodeTreatment, Rule: "operator",
			Sentence: "The message holds personal data that policy wants changed, and the changed message would not be valid; take the data out.",
		}}
	}
}

// scan looks for personal data in every human-readable string.
func (g *Gate) scan(m *matter) {
	m.found = m.found[:0]
	m.hint = g.hintOf(m.who.Subject, m.who.Country)
	m.hint.Before = g.joins(m.talk())
	m.found = g.findIn(m.req.Message.Texts, m.hint, m.found)
}

// findIn appends what is found in each text, its member's name its label.
func (g *Gate) findIn(texts []message.Phrase, hint pii.Hint, dst []found) []found {
	for i, t := range texts {
		hint.Label = pii.LabelOf(t.Path)
		for _, f := range g.scanner().ScanValue(t.Value, hint, nil) {
			dst = append(dst, found{text: i, finding: f})
		}
	}
	return dst
}

// inputOf builds what policy sees. It holds no text and no number.
func (g *Gate) inputOf(ctx context.Context, m *matter) policy.Input {
	msg := m.req.Message
	now := g.cfg.Now()
	in := policy.Input{
		Version: policy.InputVersion, Kind: policy.KindMessage, Direction: "outbound",
		Tenant: m.account.Tenant, App: m.req.Caller.App, Number: m.req.Number, Dialect: string(m.req.Caller.Dialect),
		Peer: policy.Peer{
			Subject: m.who.Subject.String(), Country: m.who.Country,
			HasNumber: msg.To.Number != "", HasUserID: msg.To.UserID != "",
		},
		Message: policy.Message{
			Type: string(msg.Type), Sub: msg.Sub, Category: policy.CategoryService,
			Reply: msg.ReplyTo != "" || msg.Type == message.Reaction,
			Media: g.mediaOf(ctx, m), LinkHosts: g.hosts(msg.Links), Length: longest(msg.Texts), Dropped: msg.Dropped,
		},
		Findings: g.groups(m.found, msg.Texts),
		Time:     policy.Time{Now: now.Unix(), Zones: g.localTimes(m.account.Tenant, m.who, now)},
	}
	if msg.Type == message.Read {
		in.Kind = policy.KindRead
	}
	if msg.Template != nil {
		in.Message.Template, in.Message.Category = g.cfg.Facts.Judge(m.account.Tenant, m.account.WABA, useOf(msg.Template))
		if t := in.Message.Template; t != nil && !t.Known {
			// Nobody vouches for what an app calls an unknown template.
			t.Name, t.Language = g.plain(t.Name), g.plain(t.Language)
		}
	}
	in.Facts = g.lookup(in.Tenant, in.Number, m.who, in.Message.Category, now)
	return in
}

// hosts are the hosts of links, lower case, each once. A link without a
// readable host counts as the host "", which no allow-list holds. Policy's input
// is kept in the clear: a number or address in a host is redacted, which leaves
// the domain that lists name.
func (g *Gate) hosts(links []string) []string {
	out := make([]string, 0, len(links))
	for _, l := range links {
		host := ""
		if u, err := url.Parse(l); err == nil {
			host = strings.ToLower(u.Hostname())
		}
		if _, err := netip.ParseAddr(host); err != nil { // the digits of an address are no person's
			host = g.plain(host)
		}
		if !slices.Contains(out, host) {
			out = append(out, host)
		}
	}
	return out
}

func longest(texts []message.Phrase) int {
	n := 0
	for _, t := range texts {
		if len(t.Value) > n {
			n = max(n, utf8.RuneCountInString(t.Value))
		}
	}
	return n
}

// groups counts findings by entity, level and place.
func (g *Gate) groups(fs []found, texts []message.Phrase) []policy.Found {
	packs := g.cfg.Policy.Packs()
	out := make([]policy.Found, 0, len(fs))
	for _, f := range fs {
		where, _, _ := strings.Cut(texts[f.text].Path, ".")
		where, _, _ = strings.Cut(where, "[")
		where = word(where) // an unknown member is called what its sender likes
		for _, said := range packs.Spoken(f.finding) {
			out = count(out, policy.Found{
				Type: string(said.Type), Entity: said.Entity, Class: packs.Class(said.Entity), Topic: pack.TopicOf(said),
				Level: said.Level.String(), Where: where,
			})
		}
	}
	return out
}

// count adds one to its group.
func count(groups []policy.Found, one policy.Found) []policy.Found {
	i := slices.IndexFunc(groups, func(o policy.Found) bool {
		return o.Type == one.Type && o.Entity == one.Entity && o.Level == one.Level && o.Where == one.Where
	})
	if i < 0 {
		groups = append(groups, one)
		i = len(groups) - 1
	}
	groups[i].Count++
	return groups
}

// oblige applies policy's operators to what leaves. Where that makes a text longer
// than WhatsApp takes, shorter signs stand for the values.
func (g *Gate) oblige(m *matter) error {
	if len(m.found) == 0 {
		return nil
	}
	_, treatment, err := g.treatments(m.dec.Obligations, m.tokens.of(m.who.Subject))
	if err != nil {
		return err
	}
	changed := g.treated(m, treatment)
	if len(changed) == 0 {
		return nil
	}
	forward, problem := dialect.ApplyTexts(m.req.Message, changed)
	if problem != nil {
		treatment.Short = true
		forward, problem = dialect.ApplyTexts(m.req.Message, g.treated(m, treatment))
	}
	if problem != nil {
		return fmt.Errorf("%w: %w", errOperator, problem)
	}
	m.forward, m.changed = forward, true
	return nil
}

// treated are the texts that a treatment changes.
func (g *Gate) treated(m *matter, t pii.Treatment) []message.Phrase {
	labels, hint := &pii.Labels{}, m.hint
	var changed []message.Phrase
	for i, text := range m.req.Message.Texts {
		if !slices.ContainsFunc(m.found, func(f found) bool { return f.text == i }) {
			continue
		}
		hint.Label = pii.LabelOf(text.Path)
		treated, _ := g.scanner().TreatValue(text.Value, hint, t, labels, nil)
		if treated.Changed {
			changed = append(changed, message.Phrase{Path: text.Path, Value: treated.Text})
		}
	}
	return changed
}

func unixTime(s int64) time.Time { return time.Unix(s, 0).UTC() }
