// Package delivery brings events to apps: durable webhooks with order per
// person, growing delays, dead letters and replay.
//
// An event is in the journal, sealed, before Meta hears 200. It leaves the
// journal's queue only when the app answered 200 or its time is over; then it
// is a dead letter that can be replayed. A crash delivers again what was under
// way (at least once). A slow app holds up nobody else: every app has its own
// lane.
package delivery

import (
	"context"
	"net/http"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/settings"
)

// Class is the class of the data keys that seal queued bodies.
const Class = "deliveries"

// Sealer opens the data key under which a body was sealed.
type Sealer interface {
	Opener(ctx context.Context, id audit.SubjectID, class, month string) (*keyring.Sealer, error)
}

// Pace is how fast an app wants its webhooks. Zero fields take what the dialect
// and the Config have.
type Pace struct {
	Step, Most time.Duration // of the flat dialects' delay after a failure: its growth and its bound
	Parallel   int           // requests under way at once
}

// Config is what a Dispatcher needs. Lanes, Hold, Memory, Pace, After and the
// three functions that hear of results may be left out.
type Config struct {
	Journal  *journal.Journal
	Apps     []string // whose queues are looked into at start
	Keys     Sealer
	Rests    func(journal.Delivery) bool // whether nothing may be delivered of the person now: erased, or under restriction; nil: of nobody
	Settings *settings.Store
	Serves   func() bool  // whether secrets of webhooks may be used now; nil: always
	Client   *http.Client // each app gets connections of its own like these
	Now      func() time.Time
	After    func(time.Duration) <-chan time.Time // time.After where no test drives the clock
	Lanes    int                                  // parallel requests per app; default 16
	Hold     time.Duration                        // how long one failing event holds the person's later ones; default 60 s
	Memory   int                                  // events held in memory per app; default 4096
	Pace     func(app string) Pace                // asked at every turn
	Latency  func(app string, d time.Duration)
	Result   func(app string, state journal.DeliveryState, code int64, took time.Duration)
	OnError  func(error)
}

func (c *Config) fill() {
	if c.After == nil {
		c.After = time.After
	}
	if c.Lanes == 0 {
		c.Lanes = 16
	}
	if c.Hold == 0 {
		c.Hold = 60 * time.Second
	}
	if c.Memory == 0 {
		c.Memory = 4096
	}
	if c.Pace == nil {
		c.Pace = func(string) Pace { return Pace{} }
	}
	if c.Rests == nil {
		c.Rests = func(journal.Delivery) bool { return false }
	}
	if c.Latency == nil {
		c.Latency = func(string, time.Duration) {}
	}
	if c.Result == nil {
		c.Result = func(string, journal.DeliveryState, int64, time.Duration) {}
	}
	if c.OnError == nil {
		c.OnError = func(error) {}
	}
}

// Dispatcher delivers until it is closed.
type Dispatcher struct {
	cfg    Config
	ctx    context.Context //nolint:containedctx // the life of the lanes, ended by Close
	cancel context.CancelFunc
	wg     sync.WaitGroup

	mu     sync.Mutex
	lanes  map[string]*lane
	closed bool
}

// Start loads what waits in the journal and begins to deliver.
func Start(ctx context.Context, cfg Config) *Dispatcher {
	cfg.fill()
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	d := &Dispatcher{cfg: cfg, ctx: life, cancel: cancel, lanes: map[string]*lane{}}
	for _, app := range cfg.Apps {
		d.lane(app)
	}
	return d
}

// Event is a delivery that was just committed, with its body still in the clear.
type Event struct {
	Row  journal.Delivery
	Body []byte
}

// Notify hands over deliveries that are durable. It never blocks. After Close
// it does nothing: they wait in the journal.
func (d *Dispatcher) Notify(events []Event) {
	for _, e := range events {
		if l := d.lane(e.Row.App); l != nil {
			l.push(&item{row: e.Row, body: e.Body})
		}
	}
}

// Replay makes the lanes look into the journal again, after dead letters were
// set pending.
func (d *Dispatcher) Replay(app string) {
	if l := d.lane(app); l != nil {
		l.behind()
	}
}

// Resume makes all lanes look into the journal again, where the events of people
// waited of whom nothing was to be delivered.
func (d *Dispatcher) Resume() {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.lanes {
		l.behind()
	}
}

// Forget drops what waits in memory for people who were erased. What is under
// way to an app ends; it is not tried again.
func (d *Dispatcher) Forget(subjects []audit.SubjectID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, l := range d.lanes {
		l.forget(subjects)
	}
}

// Backlog is the number of events in memory per app; an app whose backlog is
// only partly in memory counts what is.
func (d *Dispatcher) Backlog() map[string]int {
	d.mu.Lock()
	defer d.mu.Unlock()
	out := make(map[string]int, len(d.lanes))
	for app, l := range d.lanes {
		l.mu.Lock()
		out[app] = l.queue.size
		l.mu.Unlock()
	}
	return out
}

// Close stops taking new work, ends waiting and lets requests under way finish
// until ctx ends.
func (d *Dispatcher) Close(ctx context.Context) {
	d.mu.Lock()
	d.closed = true
	for _, l := range d.lanes {
		l.stop()
	}
	d.mu.Unlock()
	finished := make(chan struct{})
	go func() { d.wg.Wait(); close(finished) }()
	select {
	case <-finished:
	case <-ctx.Done():
	}
	d.cancel()
	<-finished
	for _, l := range d.lanes {
		l.client.CloseIdleConnections()
	}
}

// lane is the app's lane, nil after Close. A new one first reads what the
// journal holds for the app.
func (d *Dispatcher) lane(app string) *lane {
	d.mu.Lock()
	defer d.mu.Unlock()
	l := d.lanes[app]
	if l == nil && !d.closed {
		l = &lane{
			d: d, app: app, client: ownConnections(d.cfg.Client), queue: newQueue(d.cfg.Hold), unread: true,
			wake: make(chan struct{}, 1), closed: make(chan struct{}),
		}
		d.lanes[app] = l
		d.wg.Go(l.run)
	}
	return l
}

// deliveryError is what went wrong in words without addresses or content.
type deliveryError string

func (e deliveryError) Error() string { return string(e) }

const (
	errNoSecret    = deliveryError("the webhook's secrets must not be used now")
	errNoTarget    = deliveryError("the app has no webhook")
	errUnreachable = deliveryError("the app's webhook did not answer")
)
