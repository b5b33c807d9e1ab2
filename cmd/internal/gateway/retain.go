package gateway

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"sync/atomic"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/proxy"
	"postern/retention"
)

// retaining runs retention beside everything else, one run at a time.
type retaining struct {
	runner *retention.Runner
	asked  chan wantedRun
	state  atomic.Pointer[admin.RetentionState]
}

// wantedRun is one that an operator asked for.
type wantedRun struct {
	actor string
	begun chan struct{} // closed once the state says that it runs
}

// completeEvery is how often is looked whether a certificate can be completed.
const completeEvery = time.Minute

// retainJitter spreads the runs of several gateways over the time that follows.
const retainJitter = 10 * time.Minute

func (g *Gateway) buildRetention() {
	g.retain.asked = make(chan wantedRun)
	g.retain.state.Store(&admin.RetentionState{})
	cfg := retention.RunConfig{
		Journal: g.store.Journal, Holds: g.holds, Policy: g.Retention, Source: admin.RetentionSource(g.store.Journal, g.people, g.config.Load), Now: g.now,
		Signer: func() (audit.Signer, error) { return boot.CheckpointSigner(g.store.Keys) },
		Trust:  g.trustClock, Sweep: g.cleanMedia, Forget: g.people.Destroyed, Vacate: g.people.Vacate, Lapsed: g.lapsed, Cold: g.coldStorage, ColdAway: g.coldAway,
		Elsewhere: []func(context.Context, retention.Gone) (retention.Place, error){g.lostHas, g.clickHouseHas, g.backupsHave, copies},
	}
	if g.clickHouse.store != nil {
		cfg.Lost = lostRows{g}
	}
	g.retain.runner = retention.NewRunner(cfg)
}

// lapsed takes facts out of memory whose rows went.
func (g *Gateway) lapsed(all []journal.Fact) {
	for _, f := range all {
		if err := g.facts.Lapse(proxy.FactRow(f)); err != nil {
			g.log.Error().Err(err).Msg("a fact that went is known until the next start")
		}
	}
}

func (g *Gateway) coldStorage() (blob.Bucket, error) {
	current := func() boot.RetentionRuns { return g.config.Load().Retention }
	return current().OpenCold(g.now, current)
}

// coldAway: what is to move there stays until the next run.
func (g *Gateway) coldAway(err error) {
	g.log.Error().Err(err).Msg("retention leaves in the store what is to move to cold storage")
	g.metrics.Alarm("retention_cold")
}

var errJumped = errors.New("it jumped a short while ago; ask again in some minutes")

func (g *Gateway) trustClock() error {
	if g.distrust.Load() > 0 {
		return errJumped
	}
	return nil
}

// startRetention has a run begin, and says so at once.
func (g *Gateway) startRetention(actor string) error {
	run := wantedRun{actor: actor, begun: make(chan struct{})}
	select {
	case g.retain.asked <- run:
		<-run.begun
		return nil
	case <-time.After(time.Second): // the part below takes it at once, unless it runs
		return retention.ErrRunning
	}
}

// keepRetention runs retention when asked, each day at the time configured, and
// at the start where a run was interrupted.
func (g *Gateway) keepRetention(ctx context.Context) error {
	if waits, err := retention.Interrupted(ctx, g.store.Journal); err != nil {
		g.log.Error().Err(err).Msg("retention")
	} else if waits {
		g.purge(ctx, "system")
	}
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	next, some := g.nextRun()
	looked := g.elapsed()
	for {
		select {
		case <-ctx.Done():
			return nil
		case run := <-g.retain.asked:
			g.retain.state.Store(&admin.RetentionState{Running: true})
			close(run.begun)
			g.purge(ctx, run.actor)
		case <-tick.C:
			if some && !g.now().Before(next) {
				g.daily(ctx)
			}
			if g.elapsed() >= looked+completeEvery {
				g.completeCertificates(ctx)
				looked = g.elapsed()
			}
		}
		if planned, ok := g.nextRun(); !some || !ok || !g.now().Before(next) || planned.Before(next) {
			next, some = planned, ok
		}
	}
}

// daily begins a run where something is due: another would take nothing, and put
// its certificate on record each day.
func (g *Gateway) daily(ctx context.Context) {
	if g.somethingDue(ctx) {
		g.purge(ctx, "system")
	}
	g.metrics.tasks.WithLabelValues("retention").Inc()
}

// nextRun is when one starts by itself, some minutes after the time configured.
func (g *Gateway) nextRun() (time.Time, bool) {
	h := fnv.New32a()
	h.Write([]byte(g.store.Journal.Head().Chain)) //nolint:errcheck // never fails
	wait := time.Duration(h.Sum32()%uint32(retainJitter/time.Second)) * time.Second
	next, some := g.config.Load().Retention.Next(g.now().Add(-wait))
	return next.Add(wait), some
}

// somethingDue reports whether a run would take something.
func (g *Gateway) somethingDue(ctx context.Context) bool {
	plan, err := retention.MakePlan(ctx, g.Retention(), g.holds, g.now(), admin.RetentionSource(g.store.Journal, g.people, g.config.Load))
	if err != nil {
		g.retentionFailed(err)
		return false
	}
	if plan.Refused != "" {
		g.retentionFailed(fmt.Errorf("%w: %s", retention.ErrClock, plan.Refused))
		return false
	}
	return len(plan.Due) > 0 || g.lostDue(ctx)
}

func (g *Gateway) purge(ctx context.Context, actor string) {
	g.retain.state.Store(&admin.RetentionState{Running: true})
	c, err := g.retain.runner.Start(ctx, actor)
	if err != nil {
		if ctx.Err() == nil {
			g.retentionFailed(err)
		}
		return
	}
	g.retain.state.Store(&admin.RetentionState{})
	g.log.Info().Str("run", c.Run.String()).Int64("keys", c.Keys).Int("tallies", len(c.Gone)).Msg("retention run ended")
}

// completeCertificates asks places again that had something left.
func (g *Gateway) completeCertificates(ctx context.Context) {
	n, err := g.retain.runner.Complete(ctx)
	switch {
	case err != nil && ctx.Err() == nil:
		g.log.Error().Err(err).Msg("retention certificates could not be completed")
		g.metrics.Alarm("retention_failed")
	case n > 0:
		g.log.Info().Int("certificates", n).Msg("retention certificates completed")
	}
}

func (g *Gateway) retentionFailed(err error) {
	g.retain.state.Store(&admin.RetentionState{Failed: err.Error()})
	g.log.Error().Err(err).Msg("retention")
	if errors.Is(err, retention.ErrClock) {
		g.metrics.Alarm("retention_clock")
		return
	}
	g.metrics.Alarm("retention_failed")
}

// retained is how runs stand.
func (g *Gateway) retained() admin.RetentionState {
	out := *g.retain.state.Load()
	if next, some := g.nextRun(); some {
		out.Next = next.UnixMicro()
	}
	return out
}
