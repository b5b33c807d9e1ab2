package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"postern/audit/journal"
)

// outage is a time in which nothing could be recorded. The journal's writer
// says when something fails, clocks ends it.
type outage struct {
	mu       sync.Mutex
	since    time.Time // zero for none
	failures int       // heard so far
}

// failed notes a failure and reports whether an outage begins with it.
func (o *outage) failed(at time.Time) bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.failures++
	begins := o.since.IsZero()
	if begins {
		o.since = at
	}
	return begins
}

// current is when the outage began, and the failures heard until now.
func (o *outage) current() (since time.Time, failures int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.since, o.failures
}

// over ends the outage. What failed meanwhile, while its end was recorded, is
// the next one and begins then: over reports whether there is one.
func (o *outage) over(failures int, at time.Time) (again bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.since = time.Time{}
	if again = o.failures != failures; again {
		o.since = at
	}
	return again
}

// journalFailed hears what goes wrong in the journal and nobody waits for.
func (g *Gateway) journalFailed(err error) {
	g.onError(err)
	if errors.Is(err, journal.ErrDown) && g.outage.failed(g.now()) {
		g.metrics.Alarm("recording_stopped")
	}
}

// watchRecording records an outage once it is over: how many seconds it took,
// begun ones counted whole.
func (g *Gateway) watchRecording(ctx context.Context) {
	since, failures := g.outage.current()
	if since.IsZero() || g.store.Journal.Err() != nil {
		return
	}
	took := g.now().Sub(since)
	if err := g.life(ctx, "recording_stopped", int((took+time.Second-1)/time.Second)); err != nil {
		return // it stopped again: the outage goes on
	}
	if g.outage.over(failures, g.now()) {
		g.metrics.Alarm("recording_stopped")
	}
}
