package gateway

import (
	"context"
	"time"

	"postern/audit/clickhouse"
	"postern/retention"
)

const (
	// shippedWithin is how long a run waits until its erasures are carried out in
	// ClickHouse before it asks what is left there.
	shippedWithin = 10 * time.Second
	// askedWithin bounds the asking: a later certificate says more.
	askedWithin = 20 * time.Second
	// clocksApart is how much the clock there may be ahead of this one: parts made
	// that much later count as made before.
	clocksApart = time.Minute
	// factConfirmed is when ClickHouse was known to have carried out the erasures.
	factConfirmed = "carried_out"
)

// clickHouseHas says what is left in ClickHouse of what went.
func (g *Gateway) clickHouseHas(ctx context.Context, gone retention.Gone) (retention.Place, error) {
	if g.clickHouse.store == nil {
		return retention.Place{}, nil
	}
	out := retention.Place{Name: "clickhouse", State: retention.StateGone, How: "rows, mutations, detached and replaced parts of every replica were looked at", Facts: map[string]int64{}}
	if len(gone.Erasures) == 0 {
		out.How = "no records went in this run"
		return out, nil
	}
	shipper := g.carriedOut(ctx, gone.Last)
	if shipper == nil || shipper.Confirmed() <= gone.Last {
		out.State, out.How = retention.StatePending, "it has not carried out the erasures yet; they go there after what is before them in the trail"
		return out, nil
	}
	at := gone.Was("clickhouse").Facts[factConfirmed]
	if at == 0 {
		at = g.now().UnixMicro()
	}
	out.Facts[factConfirmed] = at
	ctx, cancel := context.WithTimeout(ctx, askedWithin)
	defer cancel()
	left := clickhouse.Absence{}
	for _, e := range gone.Erasures {
		some, err := g.clickHouse.store.Absence(ctx, g.store.Journal.Head().Chain, e, gone.Last, shipper.Confirmed(), time.UnixMicro(at).Add(clocksApart))
		if err != nil {
			return out, err
		}
		some.Rows += left.Rows
		left = some
	}
	return absent(out, &left), nil
}

// absent adds to a place what was found of what went.
func absent(out retention.Place, left *clickhouse.Absence) retention.Place {
	for name, n := range map[string]int{"rows": int(left.Rows), "mutations": len(left.Mutations), "detached": len(left.Detached), "replaced": len(left.Replaced)} { //nolint:gosec // far below 2^63
		out.Facts[name] = int64(n)
	}
	switch {
	case left.Rows > 0 || len(left.Mutations) > 0:
		out.State, out.How = retention.StatePending, "rows still show it, or a mutation is not finished: postern audit verify --store clickhouse says more"
	case len(left.Detached) > 0:
		out.State, out.How = retention.StatePending, "parts were put aside there (system.detached_parts), and nothing looks into those: drop or attach them"
	case len(left.Replaced) > 0:
		out.State, out.By, out.How = retention.StatePending, left.Until.UnixMicro(), "no row shows it; the files of parts that were replaced go by themselves"
	}
	return out
}

// carriedOut waits a short while until ClickHouse has confirmed a record, unless
// the last try failed: nothing is worth waiting for then. Nil where nothing is
// shipped yet.
func (g *Gateway) carriedOut(ctx context.Context, record uint64) *clickhouse.Shipper {
	end := time.NewTimer(shippedWithin)
	defer end.Stop()
	look := time.NewTicker(20 * time.Millisecond)
	defer look.Stop()
	for {
		shipper := g.clickHouse.shipper.Load()
		if shipper != nil && (shipper.Confirmed() > record || shipper.Status().Err != nil) {
			return shipper
		}
		select {
		case <-look.C:
		case <-end.C:
			return shipper
		case <-ctx.Done():
			return shipper
		}
	}
}

// backupsHave says by when what went has left the backups that this gateway
// makes, or that it has.
func (g *Gateway) backupsHave(ctx context.Context, gone retention.Gone) (retention.Place, error) {
	b := g.config.Load().Backup
	out := retention.Place{Name: "backups", State: retention.StateUnknown, How: "this gateway makes none; what it made under another configuration is not looked at"}
	if !b.IsSet() || g.copier == nil {
		return out, nil
	}
	reach := b.Policy().Reach(time.UnixMicro(gone.Ended))
	out.State, out.By = retention.StatePending, reach.Whole.UnixMicro()
	out.How = "the last backup that holds it is removed by then; what is sealed cannot be opened from sealed_by on, when its data keys are gone from backups"
	out.Facts = map[string]int64{"sealed_by": reach.Sealed.UnixMicro()}
	if g.copier.Status().Running {
		return out, nil // it may have begun before
	}
	oldest, err := g.copier.Oldest(ctx)
	if err == nil && (oldest.IsZero() || oldest.UnixMicro() > gone.Ended) {
		out = retention.Place{Name: "backups", State: retention.StateGone, How: "the place of backups has none that was taken before the run ended"}
	}
	return out, err
}

// copies is what no gateway can look at.
func copies(context.Context, retention.Gone) (retention.Place, error) {
	return retention.Place{
		Name: "copies", State: retention.StateUnknown,
		How: "exports, other stores of the trail, copies of files and backups made by other means are not looked at; sealed parts in them cannot be opened once their data keys are destroyed everywhere",
	}, nil
}
