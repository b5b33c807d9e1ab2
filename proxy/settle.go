package proxy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policy/facts"
	"postern/proxy/dialect"
	"postern/proxy/person"
)

// Result is what became of a send.
type Result string

// Results of a send.
const (
	Accepted Result = "accepted" // upstream took it
	Refused  Result = "failed"   // upstream answered with an error
	NotSent  Result = "not_sent" // it surely never left
	Unknown  Result = "unknown"  // it may have left; never sent again by itself
)

// Outcome is the end of an admission as far as it is known now.
type Outcome struct {
	Result   Result
	Sent     dialect.Sent
	Upstream *dialect.UpstreamError
	Answer   Answer // what the app is told
}

// Settle records the outcome. Nobody waits for it: the record rides with the
// next commit, and after a crash an admission without outcome is unknown. Only
// an answer under an Idempotency-Key is made durable first, since the same
// answer must come again, and so is what it says of the person's own will. The
// key of what surely never left is free again where the answer asks for another
// try: who repeats it means to send.
// Of somebody erased while the send was under way it records the outcome alone.
func (g *Gate) Settle(ctx context.Context, adm *Admission, out Outcome) error {
	if !adm.Granted() {
		return errors.New("settle an admission that was never granted")
	}
	if !adm.settled.CompareAndSwap(false, true) {
		return errors.New("settle an admission twice")
	}
	defer g.inflight.leave(adm.claim)
	defer g.cfg.People.Use()()
	b, err := g.settleBatch(ctx, adm, out)
	if err != nil {
		return err
	}
	b.Lazy = adm.claim == nil && len(b.Facts) == 0
	return g.append(ctx, b)
}

func (g *Gate) settleBatch(ctx context.Context, adm *Admission, out Outcome) (journal.Batch, error) {
	now := g.cfg.Now()
	rec := audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindSettle, Time: now.UnixMicro(), Ref: adm.ID,
		Tenant: adm.caller.Tenant, App: adm.caller.App, Number: adm.Number, Actor: "system", Subject: adm.subject,
		Direction: "outbound", Dialect: string(adm.caller.Dialect), Type: adm.msgType, Category: adm.category, Result: string(out.Result),
	}
	if out.Upstream != nil {
		rec.Code = int64(out.Upstream.Code)
		if out.Upstream.Refused() {
			g.alarm("upstream_credential")
		}
	}
	b := journal.Batch{}
	if out.Sent.ID != "" {
		if err := g.addMessageID(ctx, &b, &rec, out.Sent.ID, journal.MessageID{
			Admission: adm.ID, Tenant: adm.caller.Tenant, Number: adm.Number, Subject: adm.subject, Class: adm.class,
		}); err != nil {
			return b, err
		}
	}
	if rec.Code == codeStopped && !g.cfg.People.Erased(adm.subject) {
		rec.Labels = []string{"opt_out"}
		p := facts.Person{Tenant: adm.caller.Tenant, Subject: facts.Subject(adm.subject)}
		AddFacts(&b, g.cfg.Facts, rec.ID, facts.OptOut(p, facts.ScopeMarketing, "meta", now))
	}
	b.Records = []audit.Record{rec}
	if s, ok := g.recent.get(adm.ID); ok && out.Sent.ID != "" {
		b.OnCommit(func() { g.answered(s, out.Sent.ID, b.MessageIDs[0].Hash) })
	}
	if out.Result == Unknown {
		g.markUnknown(&b, adm.ID)
	}
	if err := g.link(ctx, &b, adm, out.Sent); err != nil {
		return b, err
	}
	if adm.claim != nil && out.Result == NotSent && out.Answer.again() {
		adm.claim.free(&b)
		return b, nil
	}
	return b, g.remember(ctx, adm.claim, adm.subject, out.Answer, &b)
}

// answered takes down which message of upstream's a send is. Where a status told of
// another one before, the request went up twice.
func (g *Gate) answered(s *sent, upstream string, hash [16]byte) {
	before := s.name.Swap(&hash)
	if before == nil || *before == hash {
		return
	}
	sums, err := g.cfg.Keys.MACs(keyring.Original, []byte("message-id"), []byte(upstream))
	same := slices.ContainsFunc(sums, func(v keyring.VersionedMAC) bool { return [16]byte(v.Sum[:16]) == *before })
	if err == nil && !same {
		g.alarm("unmatched_send")
	}
}

// addMessageID stores upstream's id: as keyed hash to be found by, and sealed. row
// says of which message and under which class of keys; rec is the record that
// tells of the id.
func (g *Gate) addMessageID(ctx context.Context, b *journal.Batch, rec *audit.Record, upstream string, row journal.MessageID) (err error) {
	if row.Hash, err = g.messageHash(upstream); err != nil {
		return err
	}
	now, rows := g.cfg.Now(), &person.Rows{}
	row.Month, row.Time = person.Month(now), now.UnixMicro()
	key := journal.DataKey{Subject: row.Subject, Class: row.Class, Month: row.Month}
	row.Upstream, err = g.seal(ctx, key, rows, row.Admission, SealedMessageID, []byte(upstream))
	if err != nil && !errors.Is(err, person.ErrErased) { // of whom was erased the hash alone is kept
		return err
	}
	rows.AddTo(b)
	rec.MessageID = row.Hash[:]
	b.MessageIDs = append(b.MessageIDs, row)
	return nil
}

func (g *Gate) messageHash(upstream string) ([16]byte, error) {
	_, sum, err := g.cfg.Keys.MAC(keyring.Original, []byte("message-id"), []byte(upstream))
	if err != nil {
		return [16]byte{}, fmt.Errorf("hash message id: %w", err)
	}
	return [16]byte(sum[:16]), nil
}

// messageByID finds the map entry of an upstream id under every version of the
// key that verifies: a status may come after a rotation.
func (g *Gate) messageByID(ctx context.Context, upstream string) (journal.MessageID, error) {
	sums, err := g.cfg.Keys.MACs(keyring.Original, []byte("message-id"), []byte(upstream))
	if err != nil {
		return journal.MessageID{}, fmt.Errorf("hash message id: %w", err)
	}
	for _, s := range sums {
		row, err := g.cfg.Journal.MessageByHash(ctx, [16]byte(s.Sum[:16]))
		if !errors.Is(err, journal.ErrNotFound) {
			return row, err
		}
	}
	return journal.MessageID{}, journal.ErrNotFound
}

// link learns from upstream's answer that the number sent to and the wa_id are
// one person.
func (g *Gate) link(ctx context.Context, b *journal.Batch, adm *Admission, s dialect.Sent) error {
	if s.WaID == "" || s.WaID == adm.to.Number || adm.to.Number == "" || g.cfg.People.Erased(adm.subject) {
		return nil
	}
	_, rows, err := g.cfg.People.Link(ctx, adm.caller.Tenant, adm.to, s.WaID)
	if err != nil {
		return err
	}
	rows.AddTo(b)
	return nil
}
