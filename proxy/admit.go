package proxy

import (
	"context"
	"errors"
	"maps"
	"slices"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
	"postern/policy/pii"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// errStale means that facts changed between the decision and the commit.
var errStale = errors.New("facts changed since the decision")

// maxDecisions bounds how often one request is decided again because facts
// changed under it.
const maxDecisions = 4

// matter is one request on its way through Admit.
type matter struct {
	req     Request
	kind    audit.Kind
	account Account
	id      audit.ID
	who     person.Person
	rows    *person.Rows
	input   policy.Input
	hint    pii.Hint
	found   []found
	dec     policy.Decision
	forward *message.Message // what leaves: the request's message after operators
	changed bool
	tokens  *tokenMaker // of the decision in hand
}

// talk is the conversation that the request is part of.
func (m *matter) talk() talk { return talk{number: m.req.Number, subject: m.who.Subject} }

// Admit decides a request and records the decision. When it returns an
// Admission, its record is durable and exactly what Admission.Take gives may be
// sent, once. An Answer instead is that of an earlier request with the same
// Idempotency-Key. A Problem means that nothing may be sent; a refusal by
// policy is on record, anything else is not.
func (g *Gate) Admit(ctx context.Context, req Request) (*Admission, *Answer, *dialect.Problem) {
	if g.cfg.Serves != nil && !g.cfg.Serves() {
		return nil, nil, recordingDown()
	}
	claim, answer, problem := g.claim(ctx, req)
	if answer != nil || problem != nil {
		return nil, answer, problem
	}
	defer g.cfg.People.Use()()
	m, err := g.open(ctx, req)
	if err != nil {
		g.inflight.leave(claim)
		return nil, nil, g.recordingProblem(err)
	}
	if claim != nil {
		claim.row.Admission, claim.row.Subject, claim.row.Month = m.id, m.who.Subject, g.month()
		claim.row.Time = g.cfg.Now().UnixMicro()
	}
	for range maxDecisions {
		adm, problem, err := g.decide(ctx, m, claim)
		if errors.Is(err, errStale) {
			continue
		}
		if err != nil {
			problem = g.recordingProblem(err)
		}
		if problem != nil {
			g.inflight.leave(claim)
		}
		return adm, nil, problem
	}
	g.inflight.leave(claim)
	return nil, nil, &dialect.Problem{Kind: dialect.Overloaded, Details: "facts about the recipient keep changing; try again"}
}

// open identifies the person and the account.
func (g *Gate) open(ctx context.Context, req Request) (*matter, error) {
	m := &matter{req: req, id: audit.NewID(g.cfg.Now()), kind: audit.KindAdmission}
	account, ok := g.cfg.Accounts(req.Number)
	if !ok || !req.Caller.Owns(req.Number) {
		return nil, errNoAccount
	}
	m.account = account
	to := req.Message.To
	if req.Message.Type == message.Read {
		m.kind = audit.KindRead
		peer, err := g.peerOf(ctx, account, req.Caller.Dialect, req.Number, req.Message.ReadID)
		if err != nil {
			return nil, err
		}
		m.who, m.rows = peer, &person.Rows{}
		return m, nil
	}
	var err error
	m.who, m.rows, err = g.cfg.People.Resolve(ctx, account.Tenant, to)
	return m, err
}

var errNoAccount = errors.New("the app does not own this number")

// decide takes one decision and commits it.
func (g *Gate) decide(ctx context.Context, m *matter, claim *claim) (*Admission, *dialect.Problem, error) {
	g.judge(ctx, m)
	rec, err := g.admissionRecord(ctx, m)
	if err != nil {
		return nil, nil, err
	}
	b := journal.Batch{Records: []audit.Record{rec}}
	if b.Tokens, err = m.tokens.rows(ctx, g, &rec, m.rows); err != nil {
		return nil, nil, err
	}
	adm, problem := g.outcome(m)
	if adm != nil {
		if problem = g.fill(ctx, m, adm); problem != nil {
			return nil, problem, nil
		}
		adm.claim = claim
		if claim != nil {
			b.Idempotency = []journal.Idempotency{claim.row}
		}
		b.Recheck = g.recheck(m)
	}
	m.rows.AddTo(&b)
	if err := g.append(ctx, b); err != nil {
		return nil, nil, err
	}
	if problem != nil {
		problem.Receipt = m.id.String()
	}
	if m.kind == audit.KindAdmission {
		g.joined(m.talk(), m.req.Message.Texts, m.found)
	}
	g.cfg.Observe.Decision(string(m.kind), m.dec.Effect.String(), firstCode(m.dec))
	if adm != nil {
		if m.kind == audit.KindAdmission { // what is no message has no statuses
			g.recent.put(m.id, &sent{
				subject: m.who.Subject, tenant: m.account.Tenant, app: m.req.Caller.App, number: m.req.Number,
				dialect: m.req.Caller.Dialect, class: adm.class, opaque: m.req.Message.Opaque,
			})
		}
		adm.granted = true
	}
	return adm, problem, nil
}

// outcome turns the decision into an admission or a refusal.
func (g *Gate) outcome(m *matter) (*Admission, *dialect.Problem) {
	if m.dec.Effect != policy.Allow {
		return nil, refusal(m.dec)
	}
	return &Admission{
		ID: m.id, Number: m.req.Number, Changed: m.changed, to: m.req.Message.To, input: m.req.Message.Input,
		caller: m.req.Caller, subject: m.who.Subject, kind: m.kind, msgType: string(m.req.Message.Type), category: m.input.Message.Category,
		class: audit.KeyClass(m.kind, m.dec.Obligations.Retention),
	}, nil
}

// recheck lets the writer compare the decision with facts committed since: what
// a person refused or took back meanwhile counts. Facts that precede the
// admission in the same transaction are not in memory yet: any about this
// person is reason enough to decide again.
func (g *Gate) recheck(m *matter) func([]journal.Fact) error {
	seen := m.input.Facts
	return func(pending []journal.Fact) error {
		if len(pending) > 0 && g.concerns(m, pending) || !sameRights(seen, g.factsOf(m)) {
			return errStale
		}
		return nil
	}
}

// concerns reports whether a fact is about the person, about another form of
// the number as far as forms are known by now, or about the tenant as a whole:
// its templates and numbers.
func (g *Gate) concerns(m *matter, pending []journal.Fact) bool {
	who := m.who
	if now, ok := g.cfg.People.Find(m.account.Tenant, m.req.Message.To); ok {
		who = now
	}
	return slices.ContainsFunc(pending, func(f journal.Fact) bool {
		return f.Tenant == m.account.Tenant && f.Subject.IsZero() || f.Subject == who.Subject || f.Subject == m.who.Subject || slices.Contains(who.Family, f.Subject)
	})
}

// sameRights compares what facts allow; a window that opened or closed does not
// matter, since a message of the person and the clock change nothing they refused.
func sameRights(a, b policy.Facts) bool {
	return a.OptOut == b.OptOut && a.Identity == b.Identity && a.Account == b.Account && a.Restricted == b.Restricted && maps.Equal(a.Consent, b.Consent)
}

func firstCode(d policy.Decision) string {
	if len(d.Reasons) == 0 {
		return ""
	}
	return d.Reasons[0].Code
}

// refusal is a deny as a problem in no dialect's words yet.
func refusal(d policy.Decision) *dialect.Problem {
	if len(d.Reasons) == 0 {
		return &dialect.Problem{Kind: dialect.Policy, Reason: policy.CodePolicyError, Details: "policy gave no decision"}
	}
	r := d.Reasons[0]
	p := &dialect.Problem{Kind: dialect.Policy, Reason: r.Code, Details: r.Sentence}
	if r.Next != 0 {
		p.Next = unixTime(r.Next)
	}
	return p
}

// recordingProblem maps what kept a decision from being recorded.
func (g *Gate) recordingProblem(err error) *dialect.Problem {
	switch {
	case errors.Is(err, errNoAccount):
		return &dialect.Problem{Kind: dialect.Forbidden, Details: "this credential may not use this number"}
	case errors.Is(err, person.ErrNobody):
		return &dialect.Problem{Kind: dialect.Missing, Param: "to", Details: "name the recipient in 'to' or 'recipient'"}
	case errors.Is(err, errUnknownID):
		return &dialect.Problem{Kind: dialect.NotFound, Details: "the message id is not known here"}
	case errors.Is(err, journal.ErrFull):
		return &dialect.Problem{Kind: dialect.Overloaded, Details: "too many messages are waiting to be recorded; try again"}
	}
	g.cfg.Log.Error().Err(err).Msg("admission not recorded")
	return recordingDown()
}

func recordingDown() *dialect.Problem {
	return &dialect.Problem{Kind: dialect.RecordingDown, Details: "messages can not be recorded now, so none is sent; try again"}
}
