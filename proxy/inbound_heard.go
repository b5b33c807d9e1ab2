package proxy

import (
	"context"

	"postern/policy"
	"postern/policy/pii"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// heard is a person's message on its way to the app, with what was decided.
type heard struct {
	event   *message.Event
	account Account
	who     person.Person
	rows    *person.Rows
	hint    pii.Hint
	found   []found
	dec     policy.Decision
	input   policy.Input
	tokens  *tokenMaker
}

func (h *heard) talk() talk {
	return talk{number: h.event.Number, subject: h.who.Subject, inbound: true}
}

// hear looks at a message and asks policy about it.
func (in *intake) hear(e *message.Event, acc Account, who person.Person, rows *person.Rows) *heard {
	g := in.g
	g.echoes.note(who.Subject, e.Peer, g.cfg.Now())
	h := &heard{event: e, account: acc, who: who, rows: rows, hint: g.hintOf(who.Subject, who.Country), tokens: g.newTokens(in.tenant)}
	h.hint.Before = g.joins(h.talk())
	h.found = g.findIn(e.Texts, h.hint, nil)
	in.judge(h)
	return h
}

// judge asks policy whether the app may have the message. Whatever it says,
// the message is recorded and the webhook answered 200.
func (in *intake) judge(h *heard) {
	g, e, who := in.g, h.event, h.who
	now := g.cfg.Now()
	h.input = policy.Input{
		Version: policy.InputVersion, Kind: policy.KindInbound, Direction: "inbound", Tenant: in.tenant, App: h.account.App,
		Number: e.Number, Dialect: string(h.account.Dialect),
		Peer: policy.Peer{
			Subject: who.Subject.String(), Country: who.Country, HasNumber: e.Peer.Number != "", HasUserID: e.Peer.UserID != "",
		},
		Message: policy.Message{
			Type: string(dialect.JudgedType(e.Type)), Sub: word(e.Sub), Category: policy.CategoryService, Reply: e.ReplyTo != "",
			Media: []policy.Media{}, LinkHosts: []string{}, Length: longest(e.Texts), Dropped: []string{},
		},
		Findings: g.groups(h.found, e.Texts),
		Facts:    g.lookup(in.tenant, e.Number, who, policy.CategoryService, now),
		Time:     policy.Time{Now: now.Unix(), Zones: g.localTimes(in.tenant, who, now)},
	}
	var err error
	if h.dec, err = g.ruling(context.Background(), &h.input); err != nil {
		g.cfg.Log.Error().Err(err).Msg("policy evaluation failed")
		in.alarms = append(in.alarms, "policy_error")
	}
}
