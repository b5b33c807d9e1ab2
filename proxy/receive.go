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
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// maxRepeats bounds how often a webhook is tried again because another one
// with the same events, or with words of the same person, was committed in
// between.
const maxRepeats = 16

// Receive takes one webhook whose signature was checked. When it returns nil,
// everything in it is durable and the webhook may be answered 200: facts are
// changed, records written, deliveries queued. Events already recorded are
// counted and dropped. On an error nothing is stored and the webhook must be
// answered 503, so that it comes again.
func (g *Gate) Receive(ctx context.Context, tenant string, raw []byte) error {
	events, err := dialect.DecodeWebhook(raw)
	if err != nil {
		return g.keepUndecodable(ctx, tenant, raw)
	}
	defer g.cfg.People.Use()()
	for range maxRepeats {
		in := &intake{g: g, tenant: tenant}
		if err := in.take(ctx, slices.Clone(events)); err != nil {
			return err
		}
		err := in.commit(ctx)
		if !errors.Is(err, journal.ErrSeen) && !errors.Is(err, errStale) {
			return err
		}
	}
	return fmt.Errorf("record webhook: %w", errStale)
}

// intake is one webhook on its way into the journal.
type intake struct {
	g      *Gate
	tenant string
	batch  journal.Batch
	events []delivery.Event
	after  []func() // run once the batch is durable
	alarms []string
	seen   map[[16]byte]bool // within this webhook

	read, told []facts.Template // as they were known, and as this webhook leaves them
}

func (in *intake) take(ctx context.Context, events []message.Event) error {
	fresh, err := in.fresh(ctx, events)
	if err != nil {
		return err
	}
	for i := range fresh {
		if err := in.event(ctx, &fresh[i]); err != nil {
			return err
		}
	}
	return nil
}

// fresh drops the events that were recorded before, and marks the others.
func (in *intake) fresh(ctx context.Context, events []message.Event) ([]message.Event, error) {
	in.seen = make(map[[16]byte]bool, len(events))
	marks := make([]mark, 0, len(events))
	out := make([]message.Event, 0, len(events))
	now := in.g.cfg.Now().UnixMicro()
	for i := range events {
		name, ok := eventName(&events[i])
		if !ok {
			out = append(out, events[i])
			continue
		}
		sums, err := in.g.cfg.Keys.MACs(keyring.Original, []byte("event"), []byte(in.tenant), []byte(name))
		if err != nil {
			return nil, fmt.Errorf("hash event: %w", err)
		}
		m := mark{Seen: journal.Seen{Hash: [16]byte(sums[0].Sum[:16]), Time: now}}
		for _, s := range sums {
			m.hashes = append(m.hashes, [16]byte(s.Sum[:16]))
		}
		if in.seen[m.Hash] {
			continue
		}
		in.seen[m.Hash] = true
		marks, out = append(marks, m), append(out, events[i])
	}
	return in.dropSeen(ctx, marks, out)
}

// mark is what an event leaves behind, and its hashes under every version of
// the key that verifies, by which an earlier one is found.
type mark struct {
	journal.Seen
	hashes [][16]byte
}

// eventName is what makes an event the same as an earlier one. What has no id
// is known by its content with its time. A choice of a person and a state of a
// template are taken each time: within one second each may change to and fro,
// and the last one counts.
func eventName(e *message.Event) (string, bool) {
	switch {
	case e.ID == "" && (e.Time.IsZero() || e.Kind == message.EventPreference || e.Kind == message.EventTemplate):
		return "", false
	case e.ID == "":
		return "content\x00" + string(e.Raw), true
	}
	if e.Status != nil {
		name := "status\x00" + e.ID + "\x00" + e.Status.State
		if e.Status.Part != "" {
			name += "\x00" + e.Status.Part
		}
		return name, true
	}
	return string(e.Kind) + "\x00" + e.ID, true
}

func (in *intake) dropSeen(ctx context.Context, marks []mark, events []message.Event) ([]message.Event, error) {
	hashes := make([][16]byte, 0, len(marks))
	for _, m := range marks {
		hashes = append(hashes, m.hashes...)
	}
	known, err := in.g.cfg.Journal.SeenAny(ctx, hashes)
	if err != nil {
		return nil, fmt.Errorf("look up events: %w", err)
	}
	next := 0
	out := events[:0]
	for _, e := range events {
		if _, named := eventName(&e); named {
			m := marks[next]
			old := slices.Contains(known[:len(m.hashes)], true)
			next, known = next+1, known[len(m.hashes):]
			if old {
				in.g.cfg.Observe.Decision("repeat", "drop", "")
				continue
			}
			in.batch.Seen = append(in.batch.Seen, m.Seen)
		}
		out = append(out, e)
	}
	return out, nil
}

// account is the account of a number of the tenant's own. Numbers of others are
// unknown: a signature speaks for its tenant only.
func (in *intake) account(number string) (Account, bool) {
	acc, ok := in.g.cfg.Accounts(number)
	if !ok || acc.Tenant != in.tenant {
		return Account{}, false
	}
	return acc, true
}

func (in *intake) event(ctx context.Context, e *message.Event) error {
	// A stop without a usable stamp counts from now on and opens no window, and
	// one from the future may not outlast what the person says next.
	usable := e.Time.Unix() > 0
	if now := in.g.cfg.Now(); !usable || e.Time.After(now) {
		e.Time, e.Opens = now, e.Opens && usable
	}
	switch e.Kind {
	case message.EventStatus:
		return in.status(ctx, e)
	case message.EventEcho:
		return in.unmatched(ctx, e, "echo")
	case message.EventMessage:
		return in.message(ctx, e)
	default:
		return in.other(ctx, e)
	}
}

// commit stores everything and, once durable, changes facts in memory and
// hands the deliveries over.
func (in *intake) commit(ctx context.Context) error {
	if len(in.batch.Records) == 0 {
		return nil
	}
	in.batch.Recheck = in.recheck
	in.batch.OnCommit(func() {
		for _, f := range in.after {
			f()
		}
		for i := range in.events {
			in.events[i].Row.Seq = in.batch.Deliveries[i].Seq
		}
		in.g.cfg.Deliver(in.events)
	})
	if err := in.g.append(ctx, in.batch); err != nil {
		return err
	}
	for _, a := range in.alarms {
		in.g.alarm(a)
	}
	return nil
}

// deliver queues the event for the app, in the order of the subject's others,
// or of the account's if that is zero: body is what it gets from memory, stored
// what is kept sealed until it has it.
func (in *intake) deliver(ctx context.Context, rec *audit.Record, subject audit.SubjectID, acc Account, rows *person.Rows, body, stored []byte) error {
	if acc.App == "" {
		return nil
	}
	now := in.g.cfg.Now()
	switch {
	case subject.IsZero():
		subject = accountSubject(acc)
	case in.g.cfg.People.Erased(subject):
		subject = audit.NewSubjectID() // of a message to somebody who was erased since: a key of its own
	}
	month := in.g.month()
	sealer, err := in.g.cfg.People.Sealer(ctx, subject, delivery.Class, month, rows)
	if err != nil {
		return err
	}
	sealed, err := sealer.Seal(rec.ID[:], stored)
	if err != nil {
		return fmt.Errorf("seal delivery: %w", err)
	}
	row := journal.Delivery{
		ID: rec.ID, Tenant: in.tenant, App: acc.App, Subject: subject, Number: rec.Number, Dialect: string(acc.Dialect),
		Month: month, Body: sealed, NotAfter: now.Add(delivery.Life(acc.Dialect)).UnixMicro(), NextAt: now.UnixMicro(), Created: now.UnixMicro(),
	}
	in.batch.Deliveries = append(in.batch.Deliveries, row)
	in.events = append(in.events, delivery.Event{Row: row, Body: body})
	return nil
}

// keepUndecodable stores signed content that can not be read, sealed and to be
// replayed by a later version, and raises an alarm.
func (g *Gate) keepUndecodable(ctx context.Context, tenant string, raw []byte) error {
	now := g.cfg.Now()
	rec := audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindUndecodable, Time: now.UnixMicro(), Tenant: tenant,
		Actor: "meta", Direction: "inbound", Result: "kept",
	}
	// Nobody knows whose data it is: a subject of its own makes it erasable.
	rec.Subject = audit.NewSubjectID()
	rows := &person.Rows{}
	kept, _ := g.withoutNeverStored(string(raw), "", "")
	sealed, err := g.sealOf(ctx, &rec, rows, audit.PartOriginal, []byte(kept))
	if err != nil {
		return err
	}
	rec.Parts = []audit.Part{audit.NewPart(audit.PartOriginal, sealed)}
	if rec.MacKey, rec.Mac, err = g.originalMac(raw); err != nil {
		return err
	}
	b := journal.Batch{Records: []audit.Record{rec}}
	rows.AddTo(&b)
	if err := g.append(ctx, b); err != nil {
		return err
	}
	g.alarm("undecodable_webhook")
	return nil
}
