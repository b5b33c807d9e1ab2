package gateway

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"postern/audit/journal"
)

// outage is a time in which nothing could be recorded: when it was first seen,
// in microseconds, 0 for none. The journal's writer sets it, clocks ends it.
type outage struct{ since atomic.Int64 }

// journalFailed hears what goes wrong in the journal and nobody waits for.
func (g *Gateway) journalFailed(err error) {
	g.onError(err)
	if errors.Is(err, journal.ErrDown) && g.outage.since.CompareAndSwap(0, g.now().UnixMicro()) {
		g.metrics.Alarm("recording_stopped")
	}
}

// watchRecording records an outage once it is over: how many seconds it took,
// begun ones counted whole.
func (g *Gateway) watchRecording(ctx context.Context) {
	since := g.outage.since.Load()
	if since == 0 || g.store.Journal.Err() != nil {
		return
	}
	took := g.now().Sub(time.UnixMicro(since))
	if err := g.life(ctx, "recording_stopped", int((took+time.Second-1)/time.Second)); err != nil {
		return // it stopped again: the outage goes on
	}
	g.outage.since.Store(0)
}
