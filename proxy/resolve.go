package proxy

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/message"
	"postern/proxy/person"
)

// Recover settles what an earlier process admitted and never settled: it may
// have left, so it is unknown. It runs before anything is admitted.
func (g *Gate) Recover(ctx context.Context) (int, error) {
	open := g.cfg.Journal.OpenAdmissions(g.cfg.Now().UnixMicro())
	for _, o := range open {
		rec, err := g.cfg.Journal.Record(ctx, o.ID)
		if err != nil {
			return 0, fmt.Errorf("read open admission: %w", err)
		}
		if err := g.append(ctx, journal.Batch{Records: []audit.Record{g.settleRecord(rec, string(Unknown))}}); err != nil {
			return 0, fmt.Errorf("settle open admission: %w", err)
		}
	}
	return len(open), nil
}

func (g *Gate) settleRecord(adm audit.Record, result string) audit.Record {
	now := g.cfg.Now()
	return audit.Record{
		Version: 1, ID: audit.NewID(now), Kind: audit.KindSettle, Time: now.UnixMicro(), Ref: adm.ID, Tenant: adm.Tenant,
		App: adm.App, Number: adm.Number, Actor: "system", Subject: adm.Subject, Direction: "outbound", Dialect: adm.Dialect,
		Type: adm.Type, Category: adm.Category, Result: result,
	}
}

// unknownBatch is how many unknown sends one sweep looks at.
const unknownBatch = 500

// Sweep tells apps that sends whose outcome stayed unknown for Config.Unknown
// are called failed: a failed status by webhook. It returns how many.
func (g *Gate) Sweep(ctx context.Context) (int, error) {
	before := g.cfg.Now().Add(-g.cfg.Unknown)
	open, err := g.cfg.Journal.UnknownAdmissions(ctx, before.UnixMicro(), unknownBatch)
	if err != nil {
		return 0, fmt.Errorf("look for unknown sends: %w", err)
	}
	for _, rec := range open {
		if err := g.giveUp(ctx, rec); err != nil {
			return 0, err
		}
	}
	return len(open), nil
}

// giveUp settles an unknown admission as failed and queues the status.
func (g *Gate) giveUp(ctx context.Context, adm audit.Record) error {
	acc, ok := g.cfg.Accounts(adm.Number)
	in := &intake{g: g, tenant: adm.Tenant}
	rec := g.settleRecord(adm, "expired")
	rows := &person.Rows{}
	if ok && adm.Kind == audit.KindAdmission {
		body, err := g.failedStatus(ctx, adm, acc)
		if err != nil {
			return err
		}
		if err := in.deliver(ctx, &rec, acc, rows, body); err != nil {
			return err
		}
	}
	in.batch.Records = []audit.Record{rec}
	rows.AddTo(&in.batch)
	return in.commit(ctx)
}

// failedStatus is the status webhook for a send that nobody will hear of
// again, in the app's dialect.
func (g *Gate) failedStatus(ctx context.Context, adm audit.Record, acc Account) ([]byte, error) {
	ids, err := g.cfg.People.Identifiers(ctx, adm.Subject)
	if err != nil {
		return nil, err
	}
	status := dialect.FailedStatus{
		WABA: acc.WABA, Number: adm.Number, Display: acc.Display, ID: dialect.OpaqueID(adm.ID),
		Time: g.cfg.Now(), Code: 131000, Title: "Something went wrong", Details: "The outcome of the send stayed unknown.",
	}
	if len(ids.Numbers) > 0 {
		status.Recipient = ids.Numbers[0]
	}
	if len(ids.UserIDs) > 0 {
		status.UserID = ids.UserIDs[0]
	}
	return dialect.EncodeFailed(acc.Dialect, status), nil
}
