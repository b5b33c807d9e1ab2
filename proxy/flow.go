package proxy

import (
	"context"
	"encoding/json"
	"fmt"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
	"postern/proxy/message"
	"postern/proxy/person"
)

// subFlow marks what passes between a person inside a flow and the app. Policy
// sees it as an interactive message of that kind.
const subFlow = "flow"

// FlowRequest is one opened request of a flow's data endpoint.
type FlowRequest struct {
	Tenant string
	Number string // phone_number_id
	Action string // as the client names it: "INIT", "data_exchange", "BACK"
	Raw    []byte // the decrypted JSON object

	Files  []*FlowFile // as FlowFiles found them in Raw
	Inline bool        // the app gets the files themselves, in place of address and keys
}

// FlowCall is a flow request on record, and the permission to ask the app once
// with its body. The zero value permits nothing.
type FlowCall struct {
	account Account
	req     *FlowRequest
	who     person.Person
	record  audit.ID
	body    []byte
	granted bool
}

// Take gives the bytes that the app is asked with, once. ok is false where
// policy refused the request.
func (c *FlowCall) Take() (body []byte, ok bool) {
	if c == nil || !c.granted {
		return nil, false
	}
	c.granted = false
	return c.body, true
}

// FlowOutcome is what became of asking the app.
type FlowOutcome struct {
	Result string // "answered", "token_refused", "invalid", "timeout", "unreachable" or "failed"
	Status int    // the app's HTTP status, 0 without one
	Answer []byte // a JSON object that may go to the person, nil for none
}

// ReceiveFlow judges a flow request and records it. When it returns, the record
// is durable; on an error nothing was stored and the app must not be asked.
func (g *Gate) ReceiveFlow(ctx context.Context, req *FlowRequest) (*FlowCall, error) {
	acc, ok := g.cfg.Accounts(req.Number)
	if !ok || acc.Tenant != req.Tenant {
		return nil, fmt.Errorf("receive flow request: the tenant has no such number")
	}
	// The request names nobody: a subject of its own makes it erasable.
	call := &FlowCall{account: acc, req: req, who: person.Person{Subject: audit.NewSubjectID()}}
	f := flowMatter{direction: "inbound", acc: acc, number: req.Number, who: call.who, files: req.Files}
	var err error
	if f.raw, err = withoutFiles(req.Raw, req.Files, req.Inline); err != nil {
		return nil, err
	}
	if err := g.judgeFlow(&f); err != nil {
		return nil, err
	}
	rec := g.flowRecord(&f, audit.KindInbound, "meta")
	call.record = rec.ID
	if f.dec.Effect == policy.Allow {
		rec.Result = "received"
		if call.body, err = withFiles(f.body, req.Files, req.Inline); err != nil {
			return nil, err
		}
	}
	detail, err := g.flowDetailPart(req)
	if err != nil {
		return nil, err
	}
	rec.Parts = append(rec.Parts, detail)
	if err := g.appendFlow(ctx, &f, rec); err != nil {
		return nil, err
	}
	call.granted = f.dec.Effect == policy.Allow
	return call, nil
}

// AnswerFlow judges and records what the app answered. It gives the bytes that
// may go to the person: nil where there are none or policy refused them. On an
// error nothing may leave.
func (g *Gate) AnswerFlow(ctx context.Context, call *FlowCall, out FlowOutcome) ([]byte, error) {
	f := flowMatter{direction: "outbound", raw: out.Answer, acc: call.account, number: call.req.Number, who: call.who}
	if len(out.Answer) > 0 {
		if err := g.judgeFlow(&f); err != nil {
			return nil, err
		}
	}
	rec := g.flowRecord(&f, audit.KindDelivery, "app:"+call.account.App)
	rec.Ref, rec.Result, rec.Code = call.record, out.Result, int64(out.Status)
	if len(out.Answer) > 0 && f.dec.Effect != policy.Allow {
		rec.Result = "refused"
	}
	if err := g.appendFlow(ctx, &f, rec); err != nil {
		return nil, err
	}
	if f.dec.Effect != policy.Allow {
		return nil, nil
	}
	return f.body, nil
}

// NoteFlow records what a person's client says went wrong in a flow. Nobody is
// asked about it.
func (g *Gate) NoteFlow(ctx context.Context, req *FlowRequest) error {
	acc, ok := g.cfg.Accounts(req.Number)
	if !ok || acc.Tenant != req.Tenant {
		return fmt.Errorf("note flow error: the tenant has no such number")
	}
	raw, err := withoutFiles(req.Raw, req.Files, req.Inline)
	if err != nil {
		return err
	}
	body, err := g.redactJSON(raw, nil, "")
	if err != nil {
		return fmt.Errorf("redact flow error: %w", err)
	}
	f := flowMatter{direction: "inbound", acc: acc, number: req.Number}
	rec := g.flowRecord(&f, audit.KindEvent, "meta")
	rec.Type, rec.Result = "flow_error", "kept"
	rec.Parts = []audit.Part{audit.NewPart(audit.PartBody, body)}
	return g.append(ctx, journal.Batch{Records: []audit.Record{rec}})
}

// KeepFlow keeps an opened flow request that can not be read, sealed.
func (g *Gate) KeepFlow(ctx context.Context, tenant string, raw []byte) error {
	return g.keepUndecodable(ctx, tenant, raw)
}

// appendFlow makes a record with its erasable parts durable.
func (g *Gate) appendFlow(ctx context.Context, f *flowMatter, rec audit.Record) error {
	rows := &person.Rows{}
	if err := g.keepFlow(ctx, f, &rec, rows); err != nil {
		return err
	}
	b := journal.Batch{Records: []audit.Record{rec}}
	rows.AddTo(&b)
	if err := g.append(ctx, b); err != nil {
		return err
	}
	if len(f.raw) > 0 {
		g.cfg.Observe.Decision(subFlow, f.dec.Effect.String(), firstCode(f.dec))
	}
	return nil
}

// keepFlow fills the parts of a record, as those of an inbound message.
func (g *Gate) keepFlow(ctx context.Context, f *flowMatter, rec *audit.Record, rows *person.Rows) error {
	if len(f.raw) == 0 {
		return nil
	}
	var err error
	if rec.MacKey, rec.Mac, err = g.originalMac(f.raw); err != nil {
		return err
	}
	input, err := json.Marshal(f.input)
	if err != nil {
		return fmt.Errorf("encode policy input: %w", err)
	}
	rec.Parts = append(rec.Parts, audit.NewPart(audit.PartInput, input))
	if !f.dec.Obligations.Bare {
		body, err := g.redactJSON(f.raw, f.dec.Obligations.Record, "")
		if err != nil {
			return fmt.Errorf("redact flow: %w", err)
		}
		rec.Parts = append(rec.Parts, audit.NewPart(audit.PartBody, body))
	}
	if !f.dec.Obligations.Original || holdsNeverStored(f.input.Findings) {
		return nil
	}
	sealed, err := g.sealOf(ctx, rec, rows, audit.PartOriginal, f.raw)
	if err != nil {
		return err
	}
	rec.Parts = append(rec.Parts, audit.NewPart(audit.PartOriginal, sealed))
	return nil
}

// flowRecord is the common part of every record of a flow.
func (g *Gate) flowRecord(f *flowMatter, kind audit.Kind, actor string) audit.Record {
	now := g.cfg.Now()
	rec := audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: kind, Time: now.UnixMicro(), Tenant: f.acc.Tenant, App: f.acc.App,
		Number: f.number, Actor: actor, Subject: f.who.Subject, Direction: f.direction, Dialect: string(f.acc.Dialect),
		Type: string(message.Interactive) + "/" + subFlow, Result: "kept", Changed: f.changed,
	}
	if len(f.raw) > 0 {
		g.addDecision(&rec, f.dec, f.input)
	}
	return rec
}
