package proxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// status records the state of a message that was sent. One that belongs to no
// admission was sent round the gate, and so was a second one that left with the
// mark of an admission.
func (in *intake) status(ctx context.Context, e *message.Event) error {
	if e.ID == "" {
		return in.stray(ctx, e, "unknown_message")
	}
	s, id, err := in.g.sentBy(ctx, e)
	if err != nil {
		return err
	}
	rows := &person.Rows{}
	if s != nil && s.purged {
		if s, err = in.purged(ctx, e, s, rows); err != nil {
			return err
		}
	}
	if s == nil || s.tenant != in.tenant || s.number != e.Number {
		return in.unmatched(ctx, e, "status")
	}
	known, second, err := in.g.known(ctx, e, s, id)
	if err != nil {
		return err
	}
	if second {
		return in.unmatched(ctx, e, "status")
	}
	acc, _ := in.account(e.Number)
	rec := in.record(e, audit.KindStatus, person.Person{Subject: s.subject}, acc)
	rec.App, rec.Ref, rec.Direction, rec.Type, rec.Result = s.app, id, "outbound", word(e.Status.State), word(e.Status.State)
	rec.Code = int64(e.Status.Code)
	in.statusFacts(e, &rec, s)
	if !known {
		if err := in.name(ctx, e, &rec, s, id); err != nil {
			return err
		}
	}
	if err := in.forwardStatus(ctx, e, &rec, acc, s, id, rows); err != nil {
		return err
	}
	rows.AddTo(&in.batch)
	in.batch.Records = append(in.batch.Records, rec)
	in.g.clearUnknown(&in.batch, id)
	if e.Status.State == "read" {
		in.after = append(in.after, func() { s.read.Store(true) })
	}
	return nil
}

// known reports whether it is stored which message of upstream's an admission is,
// and whether the status is of another one: who copies an admission's mark, or
// sends its request again, is found by that. A payment is no message and may have
// an id of its own. Where the stored id can not be read any more, it is not held
// against the status.
func (g *Gate) known(ctx context.Context, e *message.Event, s *sent, id audit.ID) (known, second bool, err error) {
	if s.purged {
		return true, false, nil // its id went with it
	}
	name := s.name.Load()
	if name == nil {
		row, err := g.cfg.Journal.MessageByAdmission(ctx, id)
		if errors.Is(err, journal.ErrNotFound) {
			return false, false, nil
		}
		if err != nil {
			return false, false, fmt.Errorf("look up message id: %w", err)
		}
		name = &row.Hash
		s.name.Store(name)
	}
	hash, err := g.messageHash(e.ID)
	if err != nil || hash == *name || payment(e) {
		return true, false, err
	}
	second, err = g.otherMessage(ctx, id, e.ID)
	return true, second, err
}

// otherMessage compares the ids themselves: their hashes differ, too, once the
// key of hashes was rotated.
func (g *Gate) otherMessage(ctx context.Context, id audit.ID, upstream string) (bool, error) {
	row, err := g.cfg.Journal.MessageByAdmission(ctx, id)
	if errors.Is(err, journal.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("look up message id: %w", err)
	}
	own, err := g.openMessageID(ctx, row)
	return err == nil && own != upstream, nil // one that does not open was erased, or its key is gone
}

func payment(e *message.Event) bool { return e.Group == "" && e.Status.Part != "" }

// name stores upstream's id of a message whose answer never told it, so that
// replies to it and reactions find it.
func (in *intake) name(ctx context.Context, e *message.Event, rec *audit.Record, s *sent, id audit.ID) error {
	row := journal.MessageID{Admission: id, Tenant: s.tenant, Number: s.number, Subject: s.subject, Class: s.class}
	if err := in.g.addMessageID(ctx, &in.batch, rec, e.ID, row); err != nil {
		return err
	}
	hash := [16]byte(rec.MessageID)
	in.after = append(in.after, func() { s.name.Store(&hash) })
	return nil
}

func (in *intake) forwardStatus(ctx context.Context, e *message.Event, rec *audit.Record, acc Account, s *sent, id audit.ID, rows *person.Rows) error {
	own := e.ID
	if s.dialect.Flat() {
		own = dialect.OpaqueID(id)
	}
	rewrite := in.g.rewrite(ctx, acc, e.ID, own)
	rewrite.Opaque, rewrite.ReadSeen = s.opaque, s.read.Load()
	body, wanted := dialect.EncodeEvent(acc.Dialect, e, rewrite)
	if !wanted {
		return nil
	}
	return in.deliver(ctx, rec, rec.Subject, acc, rows, body, body)
}

// sentBy finds the admission a status belongs to: by the id that travelled
// with it, else by the message id.
func (g *Gate) sentBy(ctx context.Context, e *message.Event) (*sent, audit.ID, error) {
	if id, err := audit.ParseID(e.Status.Opaque); err == nil {
		if s, ok := g.recent.get(id); ok {
			return s, id, nil
		}
		return g.sentByRecord(ctx, id)
	}
	row, err := g.messageByID(ctx, e.ID)
	if errors.Is(err, journal.ErrNotFound) {
		return nil, audit.ID{}, nil
	}
	if err != nil {
		return nil, audit.ID{}, fmt.Errorf("look up message id: %w", err)
	}
	return g.sentByRecord(ctx, row.Admission)
}

func (g *Gate) sentByRecord(ctx context.Context, id audit.ID) (*sent, audit.ID, error) {
	rec, err := g.cfg.Journal.Record(ctx, id)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, id, fmt.Errorf("look up admission: %w", err)
	}
	if err == nil && rec.Purged {
		return g.sentPurged(ctx, id)
	}
	if err != nil || rec.Kind != audit.KindAdmission || rec.Effect != audit.EffectAllow {
		return nil, id, nil
	}
	s := &sent{subject: rec.Subject, tenant: rec.Tenant, app: rec.App, number: rec.Number, dialect: dialect.Dialect(rec.Dialect)}
	s.class, _ = g.cfg.Journal.SealedUnder(&rec)
	// Where there is none, or it was erased meanwhile, the status still counts.
	if plain, err := (Sealed{Journal: g.cfg.Journal, People: g.cfg.People}).Open(ctx, &rec, audit.PartAnswer); err == nil {
		s.opaque = string(plain)
	}
	g.recent.put(id, s)
	return s, id, nil
}

// sentPurged is what is known of a message whose admission retention took: that
// it was ours, and of which number while its id is kept.
func (g *Gate) sentPurged(ctx context.Context, id audit.ID) (*sent, audit.ID, error) {
	row, err := g.cfg.Journal.MessageByAdmission(ctx, id)
	if err != nil && !errors.Is(err, journal.ErrNotFound) {
		return nil, id, fmt.Errorf("look up message id: %w", err)
	}
	return &sent{purged: true, tenant: row.Tenant, number: row.Number}, id, nil
}

// purged completes such a message by what the status says itself. Only a stop
// is about the person: it outlives the message.
func (in *intake) purged(ctx context.Context, e *message.Event, s *sent, rows *person.Rows) (*sent, error) {
	acc, ok := in.account(e.Number)
	if !ok {
		return nil, nil //nolint:nilnil // no number of this tenant: not ours
	}
	s.tenant, s.number = cmp.Or(s.tenant, in.tenant), cmp.Or(s.number, e.Number)
	s.app, s.dialect = acc.App, acc.Dialect
	if e.Status.Code != codeStopped || e.Peer.Number == "" && e.Peer.UserID == "" {
		return s, nil
	}
	who, found, err := in.g.cfg.People.Resolve(ctx, in.tenant, e.Peer)
	if err != nil {
		return nil, err
	}
	s.subject, *rows = who.Subject, *found
	return s, nil
}

// unmatched records that a message left in our name without an admission.
func (in *intake) unmatched(ctx context.Context, e *message.Event, how string) error {
	acc, ok := in.account(e.Number)
	if !ok {
		return in.stray(ctx, e, "unknown_number")
	}
	who, rows := person.Person{}, &person.Rows{}
	if e.Peer.Number != "" || e.Peer.UserID != "" {
		var err error
		if who, rows, err = in.g.cfg.People.Resolve(ctx, in.tenant, e.Peer); err != nil {
			return err
		}
	}
	rec := in.record(e, audit.KindUnmatchedSend, who, acc)
	rec.Type, rec.Direction, rec.Result = how, "outbound", "unmatched"
	if e.Status != nil {
		rec.Type = how + "/" + word(e.Status.State)
	}
	hash, err := in.g.messageHash(e.ID)
	if err != nil {
		return err
	}
	rec.MessageID = hash[:]
	rows.AddTo(&in.batch)
	alarm := "unmatched_send"
	if mayPredate(e, acc) {
		rec.Labels, alarm = []string{"may_predate_gate"}, "unmatched_status"
	}
	in.batch.Records = append(in.batch.Records, rec)
	in.alarms = append(in.alarms, alarm)
	return nil
}

// lateStatuses is how long a message is tried to be delivered at most: the
// longest time to live of a template (whatsapp.md 3.6).
const lateStatuses = 30 * 24 * time.Hour

// mayPredate reports whether a status may be of a message from before the
// number came to this gate. A send is told by its "sent" status, which comes
// at once: with a later time it went round the gate in any case. Where it is not
// known when the number came (0), no status is that old.
func mayPredate(e *message.Event, acc Account) bool {
	if e.Status == nil {
		return false
	}
	adopted := time.UnixMicro(acc.Adopted)
	return e.Time.Before(adopted.Truncate(time.Second)) || e.Status.State != "sent" && e.Time.Before(adopted.Add(lateStatuses))
}
