package proxy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
	"postern/policy"
	"postern/policy/pii"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// message records what a person wrote, changes facts and queues it for the app.
func (in *intake) message(ctx context.Context, e *message.Event) error {
	acc, ok := in.account(e.Number)
	switch {
	case !ok:
		return in.stray(ctx, e, "unknown_number")
	case e.Peer.Number == "" && e.Peer.UserID == "":
		return in.stray(ctx, e, "unknown_sender")
	}
	who, rows, err := in.g.cfg.People.Resolve(ctx, in.tenant, e.Peer)
	if err != nil {
		return err
	}
	h := in.hear(e, acc, who, rows)
	rec := in.record(e, audit.KindInbound, who, acc)
	in.g.addDecision(&rec, h.dec, h.input)
	if len(e.Unknown) > 0 {
		rec.Labels = append(slices.Clone(rec.Labels), "unknown_members")
	}
	if err := in.keep(ctx, &rec, h); err != nil {
		return err
	}
	in.signals(e, &rec, who)
	if h.dec.Effect == policy.Allow {
		rec.Result = "received"
		if err := in.forward(ctx, &rec, h); err != nil {
			return err
		}
	}
	values, err := h.tokens.rows(ctx, in.g, &rec, rows)
	if err != nil {
		return err
	}
	in.batch.Tokens = append(in.batch.Tokens, values...)
	rows.AddTo(&in.batch)
	in.batch.Records = append(in.batch.Records, rec)
	in.g.joined(h.talk(), e.Texts, h.found)
	in.g.cfg.Observe.Decision(string(audit.KindInbound), h.dec.Effect.String(), firstCode(h.dec))
	return nil
}

// record is the common part of every inbound record.
func (in *intake) record(e *message.Event, kind audit.Kind, who person.Person, acc Account) audit.Record {
	now := in.g.cfg.Now()
	r := audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: kind, Time: now.UnixMicro(), Tenant: in.tenant, App: acc.App,
		Number: e.Number, Actor: "meta", Subject: who.Subject, Country: who.Country, Direction: "inbound",
		Dialect: string(acc.Dialect), Type: word(string(e.Type)), Result: "kept",
	}
	if e.Sub != "" {
		r.Type += "/" + word(e.Sub)
	}
	return r
}

// word is a type, state or field as upstream names it, fit for a clear column:
// what does not look like a word of the API is "other".
func word(s string) string {
	for _, c := range []byte(s) {
		if c != '_' && (c < 'a' || c > 'z') {
			return "other"
		}
	}
	if len(s) > 48 {
		return "other"
	}
	return s
}

// keep fills the erasable parts of an inbound record. A message of a type nobody
// has described has no redacted body.
func (in *intake) keep(ctx context.Context, rec *audit.Record, h *heard) error {
	g, e, dec := in.g, h.event, h.dec
	policyInput, err := json.Marshal(h.input)
	if err != nil {
		return fmt.Errorf("encode policy input: %w", err)
	}
	rec.Parts = []audit.Part{audit.NewPart(audit.PartInput, policyInput)}
	if rec.MacKey, rec.Mac, err = g.originalMac(e.Raw); err != nil {
		return err
	}
	if dialect.Described(e) && !dec.Obligations.Bare {
		record, _, err := g.treatments(dec.Obligations, h.tokens.of(rec.Subject))
		if err != nil {
			return err
		}
		body, err := g.redact(e.Raw, record, h.hint)
		if err != nil {
			return fmt.Errorf("redact inbound: %w", err)
		}
		rec.Parts = append([]audit.Part{audit.NewPart(audit.PartBody, body)}, rec.Parts...)
	}
	if original := in.original(e, dec, h.input); original != nil {
		sealed, err := g.sealOf(ctx, rec, h.rows, audit.PartOriginal, original)
		if err != nil {
			return err
		}
		rec.Parts = append(rec.Parts, audit.NewPart(audit.PartOriginal, sealed))
	}
	hash, err := g.messageHash(e.ID)
	if err != nil {
		return err
	}
	rec.MessageID = hash[:]
	return nil
}

// original is what is kept sealed, nil for nothing. Of a type nobody has
// described it is all that is kept: which of its members are personal is not
// known, so none may stand in the clear.
func (in *intake) original(e *message.Event, dec policy.Decision, input policy.Input) []byte {
	switch {
	case dec.Obligations.Bare:
		return nil
	case !dialect.Described(e):
		kept, _ := in.g.withoutNeverStored(string(e.Raw), input.Peer.Country, "")
		return []byte(kept)
	case dec.Obligations.Original && !holdsNeverStored(input.Findings):
		return e.Raw
	}
	return nil
}

func holdsNeverStored(fs []policy.Found) bool {
	for _, f := range fs {
		if pii.NeverStored(pii.Type(f.Type)) {
			return true
		}
	}
	return false
}

// forward queues the message in the app's dialect.
func (in *intake) forward(ctx context.Context, rec *audit.Record, h *heard) error {
	e, acc := h.event, h.account
	if err := in.g.addMessageID(ctx, &in.batch, rec, e.ID, journal.MessageID{
		Admission: rec.ID, Tenant: in.tenant, Number: e.Number, Subject: rec.Subject, Class: audit.KeyClass(rec.Kind, rec.Retention),
	}); err != nil {
		return err
	}
	rewrite := in.g.rewrite(ctx, acc, e.ID, dialect.OpaqueInboundID(rec.ID))
	if !acc.Dialect.Flat() {
		rewrite = in.g.rewrite(ctx, acc, e.ID, e.ID)
	}
	var err error
	if rewrite.Texts, err = in.changed(h); err != nil {
		return err
	}
	rec.Changed = len(rewrite.Texts) > 0
	files := &received{in: in, ctx: ctx, event: e, account: acc, subject: rec.Subject, rows: h.rows, keep: h.dec.Obligations.Files}
	rewrite.MediaID = files.id
	if !acc.Dialect.Flat() { // the old API had no links
		rewrite.MediaURL = files.link
	}
	return errors.Join(in.queue(ctx, e, rec, rec.Subject, acc, h.rows, rewrite), files.err)
}

// queue writes the event as the app gets it, and as it may be stored until
// then, and puts it into the line of the subject.
func (in *intake) queue(ctx context.Context, e *message.Event, rec *audit.Record, subject audit.SubjectID, acc Account, rows *person.Rows, rewrite dialect.Rewrite) error {
	body, wanted := dialect.EncodeEvent(acc.Dialect, e, rewrite)
	if !wanted {
		return nil
	}
	stored := body
	if kept, changed := in.storable(e, rewrite.Texts, rec.Country); changed {
		rewrite.Texts = kept
		if stored, wanted = dialect.EncodeEvent(acc.Dialect, e, rewrite); !wanted {
			return fmt.Errorf("take what is never stored out of a delivery: %w", errOperator)
		}
	}
	return in.deliver(ctx, rec, subject, acc, rows, body, stored)
}

// storable are the texts that a queued webhook must hold instead of the
// person's own, because they hold what is never stored in any form. The app
// gets the person's words while they are in memory, and after a restart these.
func (in *intake) storable(e *message.Event, changed []message.Phrase, country string) ([]message.Phrase, bool) {
	out, any := slices.Clone(changed), false
	for _, t := range e.Texts {
		i := slices.IndexFunc(out, func(p message.Phrase) bool { return p.Path == t.Path })
		if i >= 0 {
			t = out[i]
		}
		text, hit := in.g.withoutNeverStored(t.Value, country, pii.LabelOf(t.Path))
		switch {
		case !hit:
			continue
		case i >= 0:
			out[i].Value = text
		default:
			out = append(out, message.Phrase{Path: t.Path, Value: text})
		}
		any = true
	}
	return out, any
}

// changes reports whether any operator does more than look.
func changes(operators map[string]string) bool {
	for _, o := range operators {
		if pii.Operator(o) != pii.Keep && pii.Operator(o) != pii.Alert {
			return true
		}
	}
	return false
}

// changed applies policy's operators to the texts the app will see. By default
// none does more than look: inbound content reaches the app unchanged.
func (in *intake) changed(h *heard) ([]message.Phrase, error) {
	if !changes(h.dec.Obligations.Forward) {
		return nil, nil
	}
	var out []message.Phrase
	_, treatment, err := in.g.treatments(h.dec.Obligations, h.tokens.of(h.who.Subject))
	if err != nil {
		return nil, err
	}
	labels, hint := &pii.Labels{}, h.hint
	for _, t := range h.event.Texts {
		hint.Label = pii.LabelOf(t.Path)
		treated, _ := in.g.scanner().TreatValue(t.Value, hint, treatment, labels, nil)
		if treated.Changed {
			out = append(out, message.Phrase{Path: t.Path, Value: treated.Text})
		}
	}
	return out, nil
}

// stray keeps a signed message that has no place here, because the tenant has
// no such number or nobody is named as its sender: recorded and alarmed, since
// nobody may lose it, and delivered to no one.
func (in *intake) stray(ctx context.Context, e *message.Event, why string) error {
	who, rows := person.Person{Subject: audit.NewSubjectID()}, &person.Rows{}
	rec := in.record(e, audit.KindUndecodable, who, Account{})
	if err := in.sealed(ctx, &rec, e, rows); err != nil {
		return err
	}
	rec.Labels = []string{why}
	rows.AddTo(&in.batch)
	in.batch.Records = append(in.batch.Records, rec)
	in.alarms = append(in.alarms, why)
	return nil
}

// sealed keeps the event in the record sealed, and nothing of it in the clear.
func (in *intake) sealed(ctx context.Context, rec *audit.Record, e *message.Event, rows *person.Rows) error {
	raw, _ := in.g.withoutNeverStored(string(e.Raw), rec.Country, "")
	sealed, err := in.g.sealOf(ctx, rec, rows, audit.PartOriginal, []byte(raw))
	if err != nil {
		return err
	}
	rec.Parts = []audit.Part{audit.NewPart(audit.PartOriginal, sealed)}
	return nil
}
