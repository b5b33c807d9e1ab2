// Package export sends the trail to the systems of others: Splunk, Datadog,
// syslog and files of JSON lines. Each export follows the journal with a cursor
// of its own and sends every record that its filter takes, in order, at least
// once; what an event holds is in README.md.
//
// The cursor moves only when the receiver has the events. A receiver that hangs,
// is away or refuses holds up its own export and nothing else: one batch is in
// memory, and it is tried again, more and more slowly. An event that a receiver
// does not take is sent again without its fields, marked so; it is never passed
// over. Errors and status hold no content of records.
package export

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"postern/audit"
	"postern/audit/journal"
)

// Config is what one export stands on. All but Wait, Pause and OnFault is required.
type Config struct {
	Name    string
	Journal *journal.Journal
	Filter  Filter
	Sink    Sink
	Now     func() time.Time

	// Wait is how long the first record of a batch waits for company; 0 is a second.
	Wait time.Duration
	// Pause waits that long or until ctx ends; nil is a timer.
	Pause func(ctx context.Context, d time.Duration) error
	// OnFault hears of each try that failed. Nil does nothing.
	OnFault func(Status)
}

// Export is one export. It is safe for concurrent use; Run runs once.
type Export struct {
	cfg   Config
	shape *shape // Run's alone
	wake  chan struct{}
	moves chan move

	mu       sync.Mutex // guards what follows
	follower *journal.Follower
	status   Status
}

// State is how an export stands.
type State string

// States.
const (
	Idle     State = "ok"       // sends, or has nothing to send
	Retrying State = "retrying" // the receiver is away or busy
	Refused  State = "refused"  // the receiver takes nothing until somebody acts
	Stopped  State = "stopped"  // no gateway runs
)

// Status is what is known of an export.
type Status struct {
	Name    string `json:"name"`
	State   State  `json:"state"`
	Fault   string `json:"fault,omitempty"` // of the last try
	Since   int64  `json:"since,omitempty"` // when it first failed, Unix seconds; 0 while it is well
	Next    uint64 `json:"next"`            // first record that the receiver does not have
	Waiting uint64 `json:"waiting"`         // records
	Age     int64  `json:"age"`             // of the oldest that waits, in seconds
	Sent    uint64 `json:"sent"`            // events since the start
	Shrunk  uint64 `json:"shrunk"`          // of these without some fields
	Faults  uint64 `json:"faults"`          // tries that failed since the start
}

// Follower is the name under which the journal knows an export.
func Follower(name string) string { return "export/" + name }

// Open makes an export, which sends nothing before Run. It fails where a field
// is none.
func Open(ctx context.Context, cfg Config) (*Export, error) {
	s, err := newShape(cfg.Journal.Head().Chain, cfg.Filter)
	if err != nil {
		return nil, fmt.Errorf("export %s: %w", cfg.Name, err)
	}
	if cfg.Pause == nil {
		cfg.Pause = pause
	}
	cfg.Wait = cmp.Or(cfg.Wait, time.Second)
	x := &Export{cfg: cfg, shape: s, wake: make(chan struct{}, 1), moves: make(chan move, 1), status: Status{Name: cfg.Name, State: Idle}}
	return x, x.follow(ctx)
}

func (x *Export) follow(ctx context.Context) error {
	f, err := x.cfg.Journal.Follow(ctx, Follower(x.cfg.Name))
	if err != nil {
		return fmt.Errorf("export %s: %w", x.cfg.Name, err)
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.follower = f
	return nil
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Status is how the export stands now.
func (x *Export) Status() Status {
	x.mu.Lock()
	f, s := x.follower, x.status
	x.mu.Unlock()
	s.Next = f.Cursor()
	waiting, age := f.Lag()
	s.Waiting, s.Age = waiting, int64(age/time.Second)
	return s
}

// Run sends until ctx ends or the journal closes. Any other error of the
// journal is tried again, like one of the receiver.
func (x *Export) Run(ctx context.Context) error {
	for tries := 0; ; {
		err := x.turn(ctx)
		if ctx.Err() != nil || errors.Is(err, journal.ErrClosed) {
			return nil
		}
		if err == nil {
			tries = 0
			continue
		}
		x.failed(err)
		if x.cfg.Pause(ctx, backoff(tries, later, 0)) != nil {
			return nil
		}
		tries++
	}
}

// turn sends until ctx ends or the cursor is to be moved.
func (x *Export) turn(ctx context.Context) error {
	inner, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		select {
		case <-x.wake:
			cancel()
		case <-inner.Done():
		}
	}()
	err := x.pump(inner)
	woken := inner.Err() != nil && ctx.Err() == nil
	cancel()
	<-done
	select {
	case m := <-x.moves:
		m.done <- x.move(m)
		return nil
	default:
	}
	if woken {
		return nil
	}
	return err
}

// pump sends batch after batch.
func (x *Export) pump(ctx context.Context) error {
	if err := x.recall(ctx); err != nil {
		return err
	}
	for {
		batch, next, err := x.gather(ctx)
		if err != nil {
			return err
		}
		if err := x.deliver(ctx, batch); err != nil {
			return err
		}
		if err := x.commit(ctx, next, x.shape.previous); err != nil {
			return err
		}
	}
}

// Waits between tries: the first ones soon, then each about twice as long. One
// that needs somebody to act comes every five minutes.
const (
	firstWait = time.Second
	lastWait  = 2 * time.Minute
	slowWait  = 5 * time.Minute
)

// backoff is how long to wait after a number of failed tries, with jitter of a
// half, and at least as long as the receiver asked for.
func backoff(tries int, c class, after time.Duration) time.Duration {
	wait := min(firstWait<<min(tries, 10), lastWait)
	if c != later {
		wait = slowWait
	}
	wait = wait/2 + rand.N(wait/2+1) //nolint:gosec // spreads load, guards nothing
	return max(wait, after)
}

// failed notes why the last try did not succeed.
func (x *Export) failed(err error) {
	c, _ := classOf(err)
	x.mu.Lock()
	x.status.Fault = err.Error()
	x.status.Faults++
	x.status.State = Retrying
	if c != later {
		x.status.State = Refused
	}
	if x.status.Since == 0 {
		x.status.Since = x.cfg.Now().Unix()
	}
	x.mu.Unlock()
	if x.cfg.OnFault != nil {
		x.cfg.OnFault(x.Status())
	}
}

// succeeded notes events that the receiver has.
func (x *Export) succeeded(events, shrunk int) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.status.State, x.status.Fault, x.status.Since = Idle, "", 0
	x.status.Sent += uint64(events)   //nolint:gosec // counts
	x.status.Shrunk += uint64(shrunk) //nolint:gosec // counts
}

// move is a request to go back.
type move struct {
	ctx  context.Context
	next uint64
	why  audit.Record
	done chan error
}
