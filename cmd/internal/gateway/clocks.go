package gateway

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"
)

// clocks does what recurs. Each task is short; one that fails is logged, raises
// an alarm and comes again.
func (g *Gateway) clocks(ctx context.Context, hangups <-chan os.Signal) error {
	tasks := g.tasks()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	last := g.reading()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangups:
			if err := g.Reload(ctx, "system"); err != nil {
				g.log.Error().Err(err).Msg("reload")
				g.metrics.Alarm("reload")
			}
		case <-g.changed:
			last = g.watchClock(ctx, last)
			for i := range tasks {
				tasks[i].hurry()
				g.perform(ctx, &tasks[i])
			}
		case <-tick.C:
			last = g.watchClock(ctx, last)
			g.watchRecording(ctx)
			for i := range tasks {
				g.perform(ctx, &tasks[i])
			}
		}
	}
}

// task recurs every so often.
type task struct {
	name  string
	every func() time.Duration
	next  time.Duration // on the monotonic clock; 0 before the first time
	do    func(context.Context) error

	atOnce bool // with the first tick and after a reload, too
}

func (t *task) hurry() {
	if t.atOnce {
		t.next = 0
	}
}

func (g *Gateway) tasks() []task {
	quiet := func(f func(context.Context)) func(context.Context) error {
		return func(ctx context.Context) error { f(ctx); return nil }
	}
	each := func(d time.Duration) func() time.Duration { return func() time.Duration { return d } }
	return []task{
		{name: "checkpoint", every: func() time.Duration { return g.config.Load().Checkpoints.Every }, do: g.checkpoint},
		{name: "strangers", every: each(time.Minute), do: g.strangers.Flush},
		{name: "refusals", every: each(time.Minute), do: g.refusals.Flush},
		{name: "sweep", every: each(10 * time.Second), do: func(ctx context.Context) error { _, err := g.gate.Sweep(ctx); return err }},
		{name: "housekeeping", every: each(5 * time.Second), do: (&housekeeping{Gateway: g}).step},
		{name: "media", every: each(time.Minute), do: g.cleanMedia},
		{name: "erasures", every: each(time.Minute), do: g.finishErasures, atOnce: true},
		{name: "lost_erasures", every: each(10 * time.Minute), do: func(ctx context.Context) error { return g.retain.runner.RepeatLost(ctx) }, atOnce: true},
		{name: "holds", every: each(time.Minute), do: g.watchHolds, atOnce: true},
		{name: "requests", every: each(time.Minute), do: g.watchRequests, atOnce: true},
		{name: "credentials", every: each(5 * time.Second), do: g.rehash},
		{name: "revisions", every: each(time.Minute), do: g.keepAgain},
		{name: "certificates", every: each(5 * time.Second), do: g.lookAtCertificates},
		{name: "tickets", every: each(24 * time.Hour), do: quiet(g.rotateTickets)},
		{name: "expiry", every: each(time.Minute), do: g.warnOfExpiry, atOnce: true},
		{name: "upstream", every: each(30 * time.Second), do: quiet(g.checkUpstream), atOnce: true},
		{name: "tokens", every: each(time.Minute), do: g.watchTokens, atOnce: true},
		{name: "flow_keys", every: each(time.Minute), do: g.watchFlowKeys, atOnce: true},
		{name: "residency", every: each(time.Minute), do: g.watchResidency, atOnce: true},
		{name: "encryption", every: each(5 * time.Minute), do: quiet(g.checkEncryption), atOnce: true},
		{name: "numbers", every: each(5 * time.Minute), do: g.watchNumbers, atOnce: true},
		{name: "exports", every: each(time.Minute), do: quiet(g.watchExports)},
		{name: "templates", every: each(5 * time.Minute), do: quiet(g.refreshTemplates), atOnce: true},
	}
}

// finishErasures first has the log of erasures say what those left that an error
// cut off.
func (g *Gateway) finishErasures(ctx context.Context) error {
	return errors.Join(g.store.Erasures.GoOn(ctx, g.store.Journal, g.now().UnixMicro()), g.admin.FinishErasures(ctx))
}

// perform runs a task that is due; the monotonic clock decides, so a jump of
// the wall clock does not.
func (g *Gateway) perform(ctx context.Context, t *task) {
	now := g.elapsed()
	if t.next == 0 && !t.atOnce {
		t.next = now + t.every()
	}
	if now < t.next {
		return
	}
	t.next = now + t.every()
	if err := t.do(ctx); err != nil && ctx.Err() == nil {
		g.log.Error().Err(err).Str("task", t.name).Msg("task failed")
		g.metrics.Alarm("task_" + t.name)
	}
	g.metrics.tasks.WithLabelValues(t.name).Inc()
}

// jump is how far wall and monotonic clock may part within a tick.
const jump = 5 * time.Second

// distrustSteps of housekeeping are left out after a jump of the clock.
const distrustSteps = 120

// reading is both clocks at one moment.
type reading struct {
	wall      time.Time
	monotonic time.Duration
}

// reading reads them again where much time went by in between: a machine that
// stood still is no jump.
func (g *Gateway) reading() reading {
	for {
		before, wall, after := g.elapsed(), g.now().Round(0), g.elapsed()
		if after-before < jump/5 {
			return reading{wall, after}
		}
	}
}

// watchClock compares wall and monotonic clock and records a jump.
func (g *Gateway) watchClock(ctx context.Context, last reading) reading {
	now := g.reading()
	if d := now.wall.Sub(last.wall) - (now.monotonic - last.monotonic); d > jump || d < -jump {
		g.distrust.Store(distrustSteps)
		g.metrics.Alarm("clock_jump")
		g.log.Warn().Dur("by", d).Msg("clock jumped")
		if err := g.life(ctx, "clock_jump", int(d/time.Second)); err != nil {
			g.log.Error().Err(err).Msg("clock jump not recorded")
		}
	}
	return now
}

// checkpointFile is today's file of signed checkpoints, outside the store.
func (g *Gateway) checkpointFile() string {
	dir := g.config.Load().Checkpoints.Dir
	if err := os.MkdirAll(dir, 0o700); err != nil {
		g.log.Error().Err(err).Msg("checkpoint folder")
	}
	return filepath.Join(dir, g.now().UTC().Format("2006-01-02")+".checkpoints")
}
