package proxy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// errUnknownID means that an app named a message that is not known.
var errUnknownID = errors.New("message id is not known")

// fill gives an admission the bytes that may leave, or what they wait for.
func (g *Gate) fill(ctx context.Context, m *matter, adm *Admission) *dialect.Problem {
	up, problem := g.upstreamOf(ctx, m)
	if problem != nil {
		return problem
	}
	if adm.body, problem = dialect.EncodeUpstream(m.forward, up); problem != nil {
		return problem
	}
	if slices.ContainsFunc(m.forward.Media, provided) {
		adm.body, adm.waits = nil, &waiting{matter: m, up: up}
	}
	return nil
}

// upstreamOf is what the gateway decides about the bytes that may leave: they
// are made from the parse and nothing else.
func (g *Gate) upstreamOf(ctx context.Context, m *matter) (dialect.Upstream, *dialect.Problem) {
	up := dialect.Upstream{To: m.req.Message.To, Opaque: m.id.String()}
	if p := g.restrictedFile(ctx, m); p != nil {
		return up, p
	}
	flat := m.req.Caller.Dialect.Flat()
	var err error
	if up.ReplyTo, err = g.upstreamID(ctx, m, m.req.Message.ReplyTo, flat); err != nil {
		return up, unknownMessage("context.message_id")
	}
	target, param := m.req.Message.ReadID, "message_id"
	if m.req.Message.Type == message.Reaction {
		target, param = m.req.Message.ReactTo, "reaction.message_id"
	}
	if up.Target, err = g.upstreamID(ctx, m, target, flat); err != nil {
		return up, unknownMessage(param)
	}
	if flat {
		up.MediaID = func(id string) (string, bool) { return g.upstreamMedia(ctx, m, id) }
	}
	return up, nil
}

func unknownMessage(param string) *dialect.Problem {
	return &dialect.Problem{Kind: dialect.NotFound, Param: param, Details: "the message named in " + param + " is not known here"}
}

// upstreamID is upstream's id for the one the app used. Apps of the Cloud
// dialects use upstream's own.
func (g *Gate) upstreamID(ctx context.Context, m *matter, id string, flat bool) (string, error) {
	if id == "" || !flat {
		return id, nil
	}
	row, err := g.messageRow(ctx, m.account.Tenant, m.req.Number, id)
	if err != nil {
		return "", err
	}
	return g.openMessageID(ctx, row)
}

// messageRow finds the id map's row for an id of ours.
func (g *Gate) messageRow(ctx context.Context, tenant, number, id string) (journal.MessageID, error) {
	record, _, ok := dialect.ParseOpaqueID(id)
	if !ok {
		return journal.MessageID{}, errUnknownID
	}
	row, err := g.cfg.Journal.MessageByAdmission(ctx, audit.ID(record))
	if errors.Is(err, journal.ErrNotFound) || err == nil && (row.Tenant != tenant || row.Number != number) {
		return journal.MessageID{}, errUnknownID
	}
	if err != nil {
		return row, fmt.Errorf("look up message id: %w", err)
	}
	return row, nil
}

func (g *Gate) openMessageID(ctx context.Context, row journal.MessageID) (string, error) {
	opener, err := g.cfg.People.Opener(ctx, row.Subject, row.Class, row.Month)
	if err != nil {
		return "", err
	}
	plain, err := opener.Unseal(partAAD(row.Admission, SealedMessageID), row.Upstream)
	if err != nil {
		return "", fmt.Errorf("open message id: %w", err)
	}
	return string(plain), nil
}

// peerOf is the person who wrote the message that an app marks as read.
func (g *Gate) peerOf(ctx context.Context, acc Account, dia dialect.Dialect, number, id string) (person.Person, error) {
	if dia.Flat() {
		row, err := g.messageRow(ctx, acc.Tenant, number, id)
		return g.still(row.Subject), err
	}
	row, err := g.messageByID(ctx, id)
	if errors.Is(err, journal.ErrNotFound) || err == nil && (row.Tenant != acc.Tenant || row.Number != number) {
		// Received before the gateway stood here: it may be marked, and the record
		// is about nobody, since a person must not be made up.
		return person.Person{}, nil
	}
	if err != nil {
		return person.Person{}, fmt.Errorf("look up message id: %w", err)
	}
	return g.still(row.Subject), nil
}

// still is the person, unless erased: then nobody.
func (g *Gate) still(id audit.SubjectID) person.Person {
	if g.cfg.People.Erased(id) {
		return person.Person{}
	}
	return person.Person{Subject: id}
}

// rewrite says how ids in an event become the app's. own is the app's id for
// the event's own message; ids it quotes are looked up.
func (g *Gate) rewrite(ctx context.Context, acc Account, upstream, own string) dialect.Rewrite {
	r := dialect.Rewrite{}
	if acc.Settings != nil {
		r = acc.Settings(acc.App).Rewrite(r)
	}
	r.ID = func(id string) string {
		if id == upstream {
			return own
		}
		if !acc.Dialect.Flat() {
			return id
		}
		return g.ownID(ctx, acc.Tenant, id)
	}
	return r
}

// ownID is the id of ours for one of upstream's, "" if the tenant has none.
func (g *Gate) ownID(ctx context.Context, tenant, upstream string) string {
	row, err := g.messageByID(ctx, upstream)
	if err != nil || row.Tenant != tenant {
		return ""
	}
	rec, err := g.cfg.Journal.Record(ctx, row.Admission)
	if err != nil {
		return ""
	}
	if rec.Kind == audit.KindInbound {
		return dialect.OpaqueInboundID(row.Admission)
	}
	return dialect.OpaqueID(row.Admission)
}
