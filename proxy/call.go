package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/identity"
	"postern/proxy/person"
)

// CallRequest asks for something that sends no message: a change of a business
// number or account, or an upload.
type CallRequest struct {
	Caller identity.Identity
	Number string         // phone_number_id that it is about; of an account's call one that the app owns
	Kind   audit.Kind     // audit.KindManage or audit.KindMedia
	Call   string         // of a change: dialect.CallProfile and so on
	Name   string         // of the endpoint, such as "profile/set": the record's type
	Raw    []byte         // the body as received, for its keyed hash; nil where it is a file
	Body   []byte         // JSON that the trail keeps redacted; nil for none
	Media  []policy.Media // what is uploaded

	// Operator asks in place of an app, by name, for a number of Account, which
	// need not be configured yet. Caller is empty then.
	Operator string
	Account  Account

	// Subject is the person that the call is about, zero for nobody.
	Subject audit.SubjectID
}

// actor is who asks, as records have it.
func (r CallRequest) actor() string {
	if r.Operator != "" {
		return r.Operator
	}
	return "app:" + r.Caller.App
}

// CallAdmission is the permission to make one call. The zero value permits
// nothing; only AdmitCall makes one that does.
type CallAdmission struct {
	ID       audit.ID
	Original bool // policy keeps what was sent
	// Strip says that a picture must leave without where it was taken.
	Strip bool

	req     CallRequest
	account Account
	granted bool
	taken   atomic.Bool
	settled atomic.Bool
}

// Take reports, once, that the call may be made.
func (a *CallAdmission) Take() bool {
	return a != nil && a.granted && a.taken.CompareAndSwap(false, true)
}

// AdmitCall decides a call and records the decision. When it returns an
// admission, its record is durable. A Problem means that nothing may be done; a
// refusal by policy is on record, anything else is not.
func (g *Gate) AdmitCall(ctx context.Context, req CallRequest) (*CallAdmission, *dialect.Problem) {
	if g.cfg.Serves != nil && !g.cfg.Serves() {
		return nil, recordingDown()
	}
	account, ok := req.Account, req.Account.Tenant != ""
	if req.Operator == "" {
		account, ok = g.cfg.Accounts(req.Number)
		ok = ok && req.Caller.Owns(req.Number)
	}
	if !ok {
		return nil, g.recordingProblem(errNoAccount)
	}
	in := g.callInput(req, account)
	dec, err := g.ruling(ctx, &in)
	if err != nil {
		g.cfg.Log.Error().Err(err).Msg("policy evaluation failed")
		g.cfg.Observe.Alarm("policy_error")
	}
	a := &CallAdmission{ID: audit.NewID(g.cfg.Now()), req: req, account: account}
	rec, err := g.callRecord(a, in, dec)
	if err == nil {
		err = g.append(ctx, journal.Batch{Records: []audit.Record{rec}})
	}
	if err != nil {
		return nil, g.recordingProblem(err)
	}
	g.cfg.Observe.Decision(string(req.Kind), dec.Effect.String(), firstCode(dec))
	if dec.Effect != policy.Allow {
		p := refusal(dec)
		p.Receipt = a.ID.String()
		return nil, p
	}
	a.granted, a.Original, a.Strip = true, dec.Obligations.Files, strips(req, dec)
	return a, nil
}

// strips reports whether what leaves is to differ from what came.
func strips(req CallRequest, dec policy.Decision) bool {
	return dec.Obligations.StripLocation && slices.ContainsFunc(req.Media, func(m policy.Media) bool { return m.Location == policy.LocationSome })
}

func (g *Gate) callInput(req CallRequest, account Account) policy.Input {
	now := g.cfg.Now()
	in := policy.Input{
		Version: policy.InputVersion, Kind: policy.KindManage, Direction: "outbound", Tenant: account.Tenant,
		App: req.Caller.App, Number: req.Number, Dialect: string(req.Caller.Dialect),
		Message: policy.Message{Type: req.Call, Media: []policy.Media{}, LinkHosts: []string{}, Dropped: []string{}},
		Facts:   g.lookup(account.Tenant, req.Number, person.Person{}, "", now),
		Time:    policy.Time{Now: now.Unix()},
	}
	if req.Kind == audit.KindMedia {
		in.Kind = policy.KindMedia
	}
	if req.Media != nil {
		in.Message.Media = req.Media
	}
	return in
}

func (g *Gate) callRecord(a *CallAdmission, in policy.Input, dec policy.Decision) (audit.Record, error) {
	r := audit.Record{
		Version: 1, ID: a.ID, Kind: a.req.Kind, Time: g.cfg.Now().UnixMicro(), Tenant: a.account.Tenant, App: a.req.Caller.App,
		Number: a.req.Number, Actor: a.req.actor(), Direction: "outbound", Dialect: string(a.req.Caller.Dialect), Type: a.req.Name, Subject: a.req.Subject,
	}
	g.addDecision(&r, dec, in)
	r.Result = "refused"
	if dec.Effect == policy.Allow {
		r.Result, r.Changed = "admitted", strips(a.req, dec)
	}
	input, err := json.Marshal(in)
	if err != nil {
		return r, fmt.Errorf("encode policy input: %w", err)
	}
	r.Parts = []audit.Part{audit.NewPart(audit.PartInput, input)}
	if a.req.Body != nil && !dec.Obligations.Bare {
		body, err := g.redactJSON(a.req.Body, dec.Obligations.Record, "")
		if err != nil {
			return r, fmt.Errorf("redact body: %w", err)
		}
		r.Parts = append(r.Parts, audit.NewPart(audit.PartBody, body))
	}
	if a.req.Raw != nil {
		r.MacKey, r.Mac, err = g.originalMac(a.req.Raw)
	}
	return r, err
}

// CallOutcome is the end of a call as far as it is known.
type CallOutcome struct {
	Result   Result
	Upstream *dialect.UpstreamError
	Rows     journal.Batch // what the call changes here, committed with its outcome
	Facts    []facts.Row   // what is known from now on, committed with it, too
}

// SettleCall records the outcome. Where the call changes rows it returns when
// they are durable; else nobody waits for it.
func (g *Gate) SettleCall(ctx context.Context, a *CallAdmission, out CallOutcome) error {
	if a == nil || !a.granted {
		return errors.New("settle a call that was never granted")
	}
	if !a.settled.CompareAndSwap(false, true) {
		return errors.New("settle a call twice")
	}
	now := g.cfg.Now()
	rec := audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindSettle, Time: now.UnixMicro(), Ref: a.ID, Tenant: a.account.Tenant,
		App: a.req.Caller.App, Number: a.req.Number, Actor: "system", Direction: "outbound", Dialect: string(a.req.Caller.Dialect),
		Type: a.req.Name, Result: string(out.Result), Subject: a.req.Subject,
	}
	if out.Upstream != nil {
		rec.Code = int64(out.Upstream.Code)
		if out.Upstream.Refused() {
			g.alarm("upstream_credential")
		}
	}
	b := out.Rows
	AddFacts(&b, g.cfg.Facts, rec.ID, out.Facts...)
	b.Lazy = b.Empty()
	b.Records = append([]audit.Record{rec}, b.Records...)
	return g.append(ctx, b)
}
