package gateway

import (
	"context"
	"errors"
	"strconv"
	"time"

	"postern/audit"
	"postern/audit/clickhouse"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
)

// scopeClickHouse keeps when what is in ClickHouse was proved last, microseconds:
// a gateway that starts anew each day would else never prove it.
const (
	scopeClickHouse = "clickhouse"
	keyVerified     = "verified"
)

// proveAgain is how long a proof that could not be read to its end waits for the next.
const proveAgain = 15 * time.Minute

// watchTrailThere has it proved from time to time what is in ClickHouse. That may
// take hours, so it is nobody else's goroutine.
func (g *Gateway) watchTrailThere(ctx context.Context, f *journal.Follower) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last, from := g.lastProved(ctx), time.Duration(0)
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now, every := g.elapsed(), g.config.Load().ClickHouse.Verify
		if every <= 0 || now < last+every || now < from {
			continue
		}
		if g.proveClickHouse(ctx, f) {
			last = now
		} else {
			from = now + min(every, proveAgain)
		}
	}
}

// lastProved is when it was proved last, by the monotonic clock, or now where
// it never was: that is noted, and the first proof comes a period after it.
func (g *Gateway) lastProved(ctx context.Context) time.Duration {
	rows, err := g.store.Journal.Settings(ctx, scopeClickHouse)
	if err != nil {
		g.log.Error().Err(err).Msg("look up when ClickHouse was verified")
		return g.elapsed()
	}
	for _, r := range rows {
		if at, err := strconv.ParseInt(string(r.Value), 10, 64); r.Key == keyVerified && err == nil {
			return g.elapsed() - max(0, g.now().Sub(time.UnixMicro(at)))
		}
	}
	if err := g.store.Journal.Append(ctx, journal.Batch{Lazy: true, Settings: []journal.Setting{g.provedNow()}}); err != nil {
		g.log.Error().Err(err).Msg("note when ClickHouse is to be verified")
	}
	return g.elapsed()
}

func (g *Gateway) provedNow() journal.Setting {
	now := g.now().UnixMicro()
	return journal.Setting{Scope: scopeClickHouse, Key: keyVerified, Value: strconv.AppendInt(nil, now, 10), Time: now}
}

// proveClickHouse verifies what is in ClickHouse, records how that went, and
// reports whether it was read to its end. An erasure may be carried out there
// while it is read: what disagrees is looked at twice.
func (g *Gateway) proveClickHouse(ctx context.Context, f *journal.Follower) bool {
	report, err := g.verifyClickHouse(ctx, f)
	if err == nil && !report.OK() {
		report, err = g.verifyClickHouse(ctx, f)
	}
	switch {
	case ctx.Err() != nil:
		return false
	case err != nil:
		g.log.Error().Err(err).Msg("the trail in ClickHouse could not be read to its end")
		g.metrics.Alarm("clickhouse_trail")
		return false
	}
	n, what := len(report.Findings)+int(report.Dropped), "clickhouse_verified" //nolint:gosec // far below 2^63
	g.metrics.shipFindings.Set(float64(n))
	if n > 0 {
		what = "clickhouse_disagrees"
		g.log.Error().Strs("findings", findings(&report)).Msg("the trail in ClickHouse is not the one that was sent: see postern audit verify --store clickhouse")
		g.metrics.Alarm("clickhouse_trail")
	}
	now := g.now()
	err = g.store.Journal.Append(ctx, journal.Batch{
		Records: []audit.Record{{
			Version: 1, ID: audit.NewID(now), Kind: audit.KindLife, Time: now.UnixMicro(), Actor: "system", Type: what, Code: int64(n),
		}},
		Settings: []journal.Setting{g.provedNow()},
	})
	if err != nil {
		g.log.Error().Err(err).Msg("record what was found in ClickHouse")
	}
	return true
}

func (g *Gateway) verifyClickHouse(ctx context.Context, f *journal.Follower) (audit.Report, error) {
	verifiers, err := boot.CheckpointVerifiers(g.store.Keys)
	if err != nil {
		return audit.Report{}, err
	}
	head, err := g.store.Journal.Reader().Head(ctx)
	if err != nil {
		return audit.Report{}, err
	}
	trail := &clickhouse.Trail{
		Store: g.clickHouse.store, Chain: head.Chain, Checkpoints: head.Checkpoints,
		Confirmed: func(context.Context) (uint64, error) { return f.Cursor(), nil },
		Size:      func(context.Context) (uint64, error) { return g.store.Journal.Head().Size, nil },
	}
	report, err := trail.Verify(ctx, audit.VerifyOptions{Verifiers: verifiers, Workers: 1, MaxFindings: 10, Progress: g.pace(ctx)})
	return report, errors.Join(err, ctx.Err())
}
