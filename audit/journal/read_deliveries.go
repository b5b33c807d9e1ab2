package journal

import (
	"context"
	"database/sql/driver"

	"postern/audit"
)

const selectDelivery = `SELECT id, app, tenant, subject, number, dialect, month, not_after, next_at, attempts,
	state, last_code, created, seq, body FROM deliveries`

func deliveryOf(row []driver.Value) Delivery {
	d := Delivery{
		App: asString(row[1]), Tenant: asString(row[2]), Number: asString(row[4]), Dialect: asString(row[5]), Month: asString(row[6]),
		NotAfter: asInt(row[7]), NextAt: asInt(row[8]), Attempts: int(asInt(row[9])), State: DeliveryState(asInt(row[10])),
		LastCode: asInt(row[11]), Created: asInt(row[12]), Seq: asInt(row[13]), Body: asBytes(row[14]),
	}
	copy(d.ID[:], asBytes(row[0]))
	copy(d.Subject[:], asBytes(row[3]))
	return d
}

// Pending returns deliveries due at now (microseconds), the longest due first,
// at most limit.
func (j *Journal) Pending(ctx context.Context, now int64, limit int) ([]Delivery, error) {
	return rows(ctx, j, selectDelivery+" WHERE state = 0 AND next_at <= ? ORDER BY next_at, seq LIMIT ?", deliveryOf, now, int64(limit))
}

// PendingAfter returns pending deliveries in the order they were appended,
// due or not, with Seq above after: what a worker loads at start, page by page.
func (j *Journal) PendingAfter(ctx context.Context, after int64, limit int) ([]Delivery, error) {
	return rows(ctx, j, selectDelivery+" INDEXED BY deliveries_kept WHERE state <> 1 AND state = 0 AND seq > ? ORDER BY seq LIMIT ?", deliveryOf, after, int64(limit))
}

// WaitingApps are the apps with pending deliveries.
func (j *Journal) WaitingApps(ctx context.Context) ([]string, error) {
	return rows(ctx, j, "SELECT DISTINCT app FROM deliveries INDEXED BY deliveries_kept WHERE state <> 1 AND state = 0", func(row []driver.Value) string {
		return asString(row[0])
	})
}

// maxWaiting bounds how many pending deliveries are looked at to count an app's.
const maxWaiting = 10_000

// Waiting counts the app's deliveries among the first 10,000 that are pending.
func (j *Journal) Waiting(ctx context.Context, app string) (int64, error) {
	return one(ctx, j, `SELECT count(*) FROM (SELECT app FROM deliveries INDEXED BY deliveries_kept
		WHERE state <> 1 AND state = 0 ORDER BY seq LIMIT ?) WHERE app = ?`, func(row []driver.Value) int64 {
		return asInt(row[0])
	}, int64(maxWaiting), app)
}

// NextDue is the earliest NextAt (microseconds) of a pending delivery; ok is
// false if there is none.
func (j *Journal) NextDue(ctx context.Context) (at int64, ok bool, err error) {
	all, err := rows(ctx, j, "SELECT next_at FROM deliveries WHERE state = 0 ORDER BY next_at LIMIT 1", func(row []driver.Value) int64 {
		return asInt(row[0])
	})
	if err != nil || len(all) == 0 {
		return 0, false, err
	}
	return all[0], true, nil
}

// DeadLetters returns deliveries that were given up, oldest first, with Seq
// above after, at most limit. An Outcome with state DeliveryPending replays one.
func (j *Journal) DeadLetters(ctx context.Context, after int64, limit int) ([]Delivery, error) {
	return rows(ctx, j, selectDelivery+" INDEXED BY deliveries_kept WHERE state <> 1 AND state = 2 AND seq > ? ORDER BY seq LIMIT ?", deliveryOf, after, int64(limit))
}

// Delivery returns one delivery, or ErrNotFound.
func (j *Journal) Delivery(ctx context.Context, id audit.ID, app string) (Delivery, error) {
	return one(ctx, j, selectDelivery+" WHERE id = ? AND app = ?", deliveryOf, id[:], app)
}

// Backlog tells how many deliveries are pending and how many are dead letters.
func (j *Journal) Backlog(ctx context.Context) (pending, dead int64, err error) {
	type pair struct{ pending, dead int64 }
	p, err := one(ctx, j, `SELECT (SELECT count(*) FROM deliveries WHERE state <> 1 AND state = 0),
		(SELECT count(*) FROM deliveries WHERE state <> 1 AND state = 2)`, func(row []driver.Value) pair {
		return pair{asInt(row[0]), asInt(row[1])}
	})
	return p.pending, p.dead, err
}
