package main

import (
	"context"
	"errors"
	"io"
	stdlog "log"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"postern/cmd/internal/bench/load"
)

const (
	backlogRate = 250 // messages a second
	statusCount = 3   // sent, delivered, read
	drainTime   = 30 * time.Second
)

// Backlog says whether status events reach the app as fast as they arise.
type Backlog struct {
	Messages  float64 `json:"messages"`
	Failed    float64 `json:"failed"`
	Events    float64 `json:"events"`          // three a message
	Delivered float64 `json:"delivered"`       // taken by the app's receiver
	Growth    float64 `json:"growth_per_s"`    // of what is under way, by least squares
	Highest   float64 `json:"highest"`         // events under way at once
	Drained   float64 `json:"drained_after_s"` // from the last message until all had arrived
	P99       float64 `json:"p99_ms"`          // of the sends meanwhile
}

// receiver is the app's webhook: it counts what it takes.
type receiver struct {
	server  *http.Server
	address string
	taken   atomic.Int64
}

func newReceiver(ctx context.Context, s site) (*receiver, error) {
	tls, err := s.serverTLS()
	if err != nil {
		return nil, err
	}
	l, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	r := &receiver{address: l.Addr().String()}
	r.server = &http.Server{Handler: r, TLSConfig: tls, ReadHeaderTimeout: 10 * time.Second, ErrorLog: stdlog.New(io.Discard, "", 0)}
	go r.serve(l)
	return r, nil
}

// serve ends with close; before that it cannot fail on loopback, and if it
// did, the backlog would show it.
func (r *receiver) serve(l net.Listener) { _ = r.server.ServeTLS(l, "", "") }

func (r *receiver) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if _, err := io.Copy(io.Discard, req.Body); err == nil {
		r.taken.Add(1)
	}
	writeJSON(w, nil)
}

func (r *receiver) close() error { return r.server.Close() }

// backlog sends at its rate while the simulator answers each message with
// three statuses, and watches how many events are between the two.
func (b *bench) backlog(ctx context.Context) (*Backlog, error) {
	if err := b.upstream.useStub(ctx, false); err != nil {
		return nil, err
	}
	if err := b.upstream.statuses(ctx, b.gateway.webhookURL()); err != nil {
		return nil, err
	}
	w := &underWay{taken: &b.receiver.taken, before: b.receiver.taken.Load(), start: time.Now()}
	stop := make(chan struct{})
	var watching sync.WaitGroup
	watching.Go(func() { w.watch(stop) })
	result := w.send(ctx, b)
	close(stop)
	watching.Wait()
	drained := w.drain(ctx)
	return w.summary(result, drained), errors.Join(ctx.Err(), b.upstream.statuses(ctx, ""))
}

// underWay counts events that arose and did not arrive yet.
type underWay struct {
	taken    *atomic.Int64
	before   int64 // taken before it began
	start    time.Time
	answered atomic.Int64

	seconds, events []float64 // the watcher's until it ended
}

func (w *underWay) arrived() float64 { return float64(w.taken.Load() - w.before) }

func (w *underWay) now() float64 { return float64(statusCount*w.answered.Load()) - w.arrived() }

func (w *underWay) send(ctx context.Context, b *bench) load.Result {
	s := scenario{partBacklog, backlogRate, 128}
	sheet := b.postern.letters.sheets(s.workers)
	return load.Run(ctx, generator(s, b.options.Backlog), func(worker, i int) error {
		err := b.postern.pool.Do(ctx, sheet(worker, i))
		if err == nil {
			w.answered.Add(1)
		}
		return err
	})
}

// watch notes twice a second how many events are under way.
func (w *underWay) watch(stop <-chan struct{}) {
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			w.seconds = append(w.seconds, time.Since(w.start).Seconds())
			w.events = append(w.events, w.now())
		}
	}
}

// drain waits until every event has arrived and returns how long that took, or
// the whole time it waited.
func (w *underWay) drain(ctx context.Context) time.Duration {
	begin := time.Now()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for w.now() > 0 && time.Since(begin) < drainTime && ctx.Err() == nil {
		<-tick.C
	}
	return time.Since(begin)
}

// summary leaves the first second out of the growth: the way is empty then.
func (w *underWay) summary(r load.Result, drained time.Duration) *Backlog {
	answered := float64(len(r.Latencies))
	const settled = 2 // samples
	out := &Backlog{
		Messages: answered, Failed: float64(r.Failed), Events: statusCount * answered, Delivered: w.arrived(),
		Drained: drained.Seconds(), P99: load.Milliseconds(load.Quantile(r.Latencies, 0.99)),
	}
	if len(w.events) > 0 {
		out.Highest = slices.Max(w.events)
	}
	if len(w.events) > settled+1 {
		out.Growth = load.Slope(w.seconds[settled:], w.events[settled:])
	}
	return out
}
