package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy"
	"postern/policy/pii"
	"postern/proxy/person"
)

// admissionRecord is the line of the trail that an admission or refusal leaves.
func (g *Gate) admissionRecord(ctx context.Context, m *matter) (audit.Record, error) {
	msg := m.req.Message
	r := audit.Record{
		Version: 1, ID: m.id, Kind: m.kind, Time: g.cfg.Now().UnixMicro(),
		Tenant: m.account.Tenant, App: m.req.Caller.App, Number: m.req.Number, Actor: "app:" + m.req.Caller.App,
		Subject: m.who.Subject, Country: m.who.Country, Direction: "outbound", Dialect: string(m.req.Caller.Dialect),
		Type: string(msg.Type), Category: m.input.Message.Category, Changed: m.changed,
	}
	if msg.Sub != "" {
		r.Type += "/" + msg.Sub
	}
	if t := m.input.Message.Template; t != nil {
		r.Template = t.Name + "/" + t.Language
	}
	g.addDecision(&r, m.dec, m.input)
	r.Result = "refused"
	if m.dec.Effect == policy.Allow {
		r.Result = "admitted"
	}
	var err error
	if r.MacKey, r.Mac, err = g.originalMac(m.req.Raw); err != nil {
		return r, err
	}
	r.Parts, err = g.parts(ctx, m, &r)
	return r, err
}

// addDecision copies the decision and what it rested on.
func (g *Gate) addDecision(r *audit.Record, d policy.Decision, in policy.Input) {
	r.Effect = audit.EffectDeny
	if d.Effect == policy.Allow {
		r.Effect = audit.EffectAllow
	}
	for _, x := range d.Reasons {
		r.Reasons = append(r.Reasons, x.Code)
	}
	for _, x := range d.Observed {
		r.Observed = append(r.Observed, x.Code)
	}
	r.Revision, r.Retention, r.Labels = d.Revision, d.Obligations.Retention, d.Obligations.Labels
	r.Findings = summary(in.Findings)
	if facts, err := json.Marshal(in.Facts); err == nil {
		r.Facts = string(facts)
	}
}

// summary is "CREDIT_CARD:1,EMAIL:2", sorted by type.
func summary(fs []policy.Found) string {
	if len(fs) == 0 {
		return ""
	}
	counts := map[string]int{}
	var types []string
	for _, f := range fs {
		if counts[f.Type] == 0 {
			types = append(types, f.Type)
		}
		counts[f.Type] += f.Count
	}
	slices.Sort(types)
	for i, t := range types {
		types[i] = t + ":" + strconv.Itoa(counts[t])
	}
	return strings.Join(types, ",")
}

// originalMac is the keyed hash of the bytes as received.
func (g *Gate) originalMac(raw []byte) (uint32, []byte, error) {
	version, sum, err := g.cfg.Keys.MAC(keyring.Original, []byte("body"), raw)
	if err != nil {
		return 0, nil, fmt.Errorf("hash original: %w", err)
	}
	return version, sum[:], nil
}

// parts are what may be erased: policy's input, and, where policy and retention
// class keep them, the redacted body and the sealed original.
func (g *Gate) parts(ctx context.Context, m *matter, r *audit.Record) ([]audit.Part, error) {
	input, err := json.Marshal(m.input)
	if err != nil {
		return nil, fmt.Errorf("encode policy input: %w", err)
	}
	parts := []audit.Part{audit.NewPart(audit.PartInput, input)}
	if !m.dec.Obligations.Bare {
		body, err := g.redacted(m)
		if err != nil {
			return nil, err
		}
		parts = append(parts, audit.NewPart(audit.PartBody, body))
	}
	if m.req.Message.Opaque != "" {
		parts, err = g.sealPart(ctx, parts, m, r, audit.PartAnswer, []byte(m.req.Message.Opaque))
		if err != nil {
			return nil, err
		}
	}
	if m.who.Subject.IsZero() || !m.dec.Obligations.Original || neverStored(m.found) {
		return parts, nil // nobody's data could never be erased
	}
	return g.sealPart(ctx, parts, m, r, audit.PartOriginal, m.req.Raw)
}

// neverStored reports whether the original holds what may not be kept in any
// form (CVV, PIN, track data), sealed or not.
func neverStored(fs []found) bool {
	return slices.ContainsFunc(fs, func(f found) bool { return pii.NeverStored(f.finding.Type) })
}

func (g *Gate) sealPart(ctx context.Context, parts []audit.Part, m *matter, r *audit.Record, name string, plain []byte) ([]audit.Part, error) {
	sealed, err := g.sealOf(ctx, r, m.rows, name, plain)
	if err != nil {
		return nil, err
	}
	return append(parts, audit.NewPart(name, sealed)), nil
}

// sealOf encrypts a part of a record under the person's data key of the record's
// class and month (journal.SealedUnder), bound to the record and the part's name.
func (g *Gate) sealOf(ctx context.Context, r *audit.Record, rows *person.Rows, name string, plain []byte) ([]byte, error) {
	key := journal.DataKey{Subject: r.Subject, Class: audit.KeyClass(r.Kind, r.Retention), Month: person.Month(time.UnixMicro(r.Time))}
	return g.seal(ctx, key, rows, r.ID, name, plain)
}

// seal encrypts under a data key, bound to a record and a name.
func (g *Gate) seal(ctx context.Context, key journal.DataKey, rows *person.Rows, id audit.ID, name string, plain []byte) ([]byte, error) {
	sealer, err := g.cfg.People.Sealer(ctx, key.Subject, key.Class, key.Month, rows)
	if err != nil {
		return nil, err
	}
	sealed, err := sealer.Seal(partAAD(id, name), plain)
	if err != nil {
		return nil, fmt.Errorf("seal %s: %w", name, err)
	}
	return sealed, nil
}

// partAAD binds a sealed part to its place: a part moved to another record or
// name does not open.
func partAAD(id audit.ID, name string) []byte { return append(id[:], name...) }

// redacted is a message's content as the trail may keep it in the clear.
func (g *Gate) redacted(m *matter) ([]byte, error) {
	t, content := m.req.Message.Type, m.req.Message.Content
	record, _, err := g.treatments(m.dec.Obligations, m.tokens.of(m.who.Subject))
	if err != nil {
		return nil, err
	}
	whole := make([]byte, 0, len(content)+len(t)+8)
	whole = append(append(append(whole, `{"`...), t...), `":`...)
	whole = append(append(whole, content...), '}')
	out, err := g.redact(whole, record, m.hint)
	if err != nil {
		return nil, fmt.Errorf("redact body: %w", err)
	}
	return out, nil
}
