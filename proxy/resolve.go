package proxy

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// scopeUnknown is the settings scope that remembers sends whose outcome is
// unknown: key is the admission, value the time it was settled so.
const scopeUnknown = "unknown"

// unknowns are the sends whose outcome is unknown. The journal has them too.
type unknowns struct {
	mu    sync.Mutex
	since map[audit.ID]int64 // microseconds
}

func (u *unknowns) put(id audit.ID, at int64) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.since == nil {
		u.since = map[audit.ID]int64{}
	}
	u.since[id] = at
}

func (u *unknowns) has(id audit.ID) bool {
	u.mu.Lock()
	defer u.mu.Unlock()
	_, ok := u.since[id]
	return ok
}

func (u *unknowns) drop(id audit.ID) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.since, id)
}

func (u *unknowns) before(at int64) []audit.ID {
	u.mu.Lock()
	defer u.mu.Unlock()
	var out []audit.ID
	for id, since := range u.since {
		if since < at {
			out = append(out, id)
		}
	}
	return out
}

// markUnknown puts an unknown outcome into the batch that settles it.
func (g *Gate) markUnknown(b *journal.Batch, id audit.ID) {
	at := g.cfg.Now().UnixMicro()
	b.Settings = append(b.Settings, journal.Setting{Scope: scopeUnknown, Key: id.String(), Value: strconv.AppendInt(nil, at, 10), Time: at})
	g.unknown.put(id, at)
}

// clearUnknown takes it back in the batch that brings the outcome.
func (g *Gate) clearUnknown(b *journal.Batch, id audit.ID) {
	if !g.unknown.has(id) {
		return
	}
	b.Settings = append(b.Settings, journal.Setting{Scope: scopeUnknown, Key: id.String(), Time: g.cfg.Now().UnixMicro()})
	b.OnCommit(func() { g.unknown.drop(id) })
}

// Recover settles what an earlier process admitted and never settled: it may
// have left, so it is unknown. It runs before anything is admitted.
func (g *Gate) Recover(ctx context.Context) (int, error) {
	rows, err := g.cfg.Journal.Settings(ctx, scopeUnknown)
	if err != nil {
		return 0, fmt.Errorf("load unknown sends: %w", err)
	}
	for _, r := range rows {
		id, err := audit.ParseID(r.Key)
		if err != nil {
			return 0, fmt.Errorf("load unknown sends: %w", err)
		}
		g.unknown.put(id, r.Time)
	}
	return g.settleOpen(ctx, 1<<62)
}

// settleOpen calls admissions from before a moment (microseconds) unknown that
// have no outcome. It returns how many there were.
func (g *Gate) settleOpen(ctx context.Context, before int64) (int, error) {
	open := g.cfg.Journal.OpenAdmissions(before)
	var all errgroup.Group
	all.SetLimit(64) // side by side, so that they share commits: a crash under load leaves many
	for _, o := range open {
		all.Go(func() error { return g.settleOne(ctx, o.ID) })
	}
	if err := all.Wait(); err != nil {
		return 0, err
	}
	return len(open), nil
}

func (g *Gate) settleOne(ctx context.Context, id audit.ID) error {
	rec, err := g.cfg.Journal.Record(ctx, id)
	if err != nil {
		return fmt.Errorf("read open admission: %w", err)
	}
	settle := g.settleRecord(rec, string(Unknown))
	b := journal.Batch{Records: []audit.Record{settle}}
	g.forgetPlace(&b, rec, settle)
	g.markUnknown(&b, id)
	if err := g.append(ctx, b); err != nil {
		return fmt.Errorf("settle open admission: %w", err)
	}
	return nil
}

// lost is how long after Config.Unknown an admission without outcome is settled
// as unknown: its own outcome could not be recorded.
const lost = time.Minute

func (g *Gate) settleRecord(adm audit.Record, result string) audit.Record {
	now := g.cfg.Now()
	return audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindSettle, Time: now.UnixMicro(), Ref: adm.ID, Tenant: adm.Tenant,
		App: adm.App, Number: adm.Number, Actor: "system", Subject: adm.Subject, Direction: "outbound", Dialect: adm.Dialect,
		Type: adm.Type, Category: adm.Category, Result: result,
	}
}

// Sweep calls sends failed whose outcome stayed unknown for Config.Unknown: the
// app gets a failed status by webhook. It returns how many there were.
func (g *Gate) Sweep(ctx context.Context) (int, error) {
	if _, err := g.settleOpen(ctx, g.cfg.Now().Add(-g.cfg.Unknown-lost).UnixMicro()); err != nil {
		return 0, err
	}
	ids := g.unknown.before(g.cfg.Now().Add(-g.cfg.Unknown).UnixMicro())
	for _, id := range ids {
		rec, err := g.cfg.Journal.Record(ctx, id)
		if err != nil {
			return 0, fmt.Errorf("read unknown send: %w", err)
		}
		if err := g.giveUp(ctx, rec); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}

// giveUp settles an unknown admission as failed and queues the status. If its
// own status came in the meantime, before the outcome was called unknown, it
// was taken.
func (g *Gate) giveUp(ctx context.Context, adm audit.Record) error {
	defer g.cfg.People.Use()()
	in := &intake{g: g, tenant: adm.Tenant}
	acc, ok := in.account(adm.Number)
	heard, err := g.heardOf(ctx, adm.ID)
	if err != nil {
		return err
	}
	rec := g.settleRecord(adm, "expired")
	if heard {
		rec.Result = string(Accepted)
	}
	rows := &person.Rows{}
	if ok && !heard && adm.Kind == audit.KindAdmission {
		e, err := g.failed(ctx, adm, acc)
		if err != nil {
			return err
		}
		s, _, err := g.sentByRecord(ctx, adm.ID)
		if err == nil && s != nil {
			err = in.forwardStatus(ctx, e, &rec, acc, s, adm.ID, rows)
		}
		if err != nil {
			return err
		}
	}
	rows.AddTo(&in.batch)
	in.batch.Records = []audit.Record{rec}
	g.clearUnknown(&in.batch, adm.ID)
	return in.commit(ctx)
}

// heardOf reports whether upstream told a state of the message.
func (g *Gate) heardOf(ctx context.Context, id audit.ID) (heard bool, err error) {
	err = g.cfg.Journal.Referring(ctx, id, func(r *audit.Record) (bool, error) {
		heard = r.Kind == audit.KindStatus
		return !heard, nil
	})
	if err != nil {
		return false, fmt.Errorf("read states of a send: %w", err)
	}
	return heard, nil
}

// failed is the status event for a send nobody will hear of again, in the
// shape Meta would have sent it. The app knows the message by our id.
func (g *Gate) failed(ctx context.Context, adm audit.Record, acc Account) (*message.Event, error) {
	ids, err := g.cfg.People.Identifiers(ctx, adm.Subject)
	if err != nil && !g.cfg.People.Erased(adm.Subject) { // of whom was erased the status names nobody
		return nil, err
	}
	now := g.cfg.Now()
	status := map[string]any{
		"id": dialect.OpaqueID(adm.ID), "status": "failed", "timestamp": strconv.FormatInt(now.Unix(), 10),
		"biz_opaque_callback_data": adm.ID.String(),
		"errors": []map[string]any{{
			"code": 131000, "title": "Something went wrong",
			"error_data": map[string]string{"details": "The outcome of the send stayed unknown; it is called failed."},
		}},
	}
	if len(ids.Numbers) > 0 {
		status["recipient_id"] = ids.Numbers[0]
	}
	if len(ids.UserIDs) > 0 {
		status["recipient_user_id"] = ids.UserIDs[0]
	}
	raw, err := json.Marshal(envelope(acc, adm.Number, status, now))
	if err != nil {
		return nil, fmt.Errorf("encode failed status: %w", err)
	}
	events, err := dialect.DecodeWebhook(raw)
	if err != nil || len(events) != 1 {
		return nil, fmt.Errorf("build failed status: %w", err)
	}
	return &events[0], nil
}

// envelope is Meta's webhook around one status (whatsapp.md 3.8).
func envelope(acc Account, number string, status map[string]any, now time.Time) map[string]any {
	return map[string]any{"object": "whatsapp_business_account", "entry": []any{map[string]any{
		"id": acc.WABA, "time": now.Unix(), "changes": []any{map[string]any{"field": "messages", "value": map[string]any{
			"messaging_product": "whatsapp",
			"metadata":          map[string]any{"display_phone_number": acc.Display, "phone_number_id": number},
			"statuses":          []any{status},
		}}},
	}}}
}
