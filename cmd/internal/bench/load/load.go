// Package load sends requests at a server and measures how long each took.
//
// The open loop asks for a request at fixed moments, whatever the server does,
// and measures from the moment at which the request was due. A server that
// stalls therefore shows the wait of everyone who would have come meanwhile,
// which a measurement from the actual send leaves out. A request that fails
// counts as failed and never as quick.
package load

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Config says how requests are sent. Workers is the largest number under way
// at once.
type Config struct {
	Rate     float64 // requests per second of the open loop; 0 is the closed loop
	Duration time.Duration
	Workers  int
	Now      func() time.Time
	Wait     func(time.Duration) // sleeps; exact to well below a millisecond
}

// Send does request number i on behalf of one worker and returns nil once its
// good answer was read whole.
type Send func(worker, i int) error

// Result is what was measured. Latencies are those of good requests, ascending.
type Result struct {
	Latencies []time.Duration
	Late      []time.Duration // of the open loop: how late a request was handed to a worker, ascending
	Failed    int
	First     error         // of the failed ones
	Elapsed   time.Duration // from the first moment due to the last answer
}

// Rate is good requests per second.
func (r Result) Rate() float64 {
	if r.Elapsed <= 0 {
		return 0
	}
	return float64(len(r.Latencies)) / r.Elapsed.Seconds()
}

// Run sends until the duration is over, ctx ends, or, in the open loop, every
// request that fell due was answered.
func Run(ctx context.Context, cfg Config, send Send) Result {
	r := &run{cfg: cfg, send: send, start: cfg.Now(), tallies: make([]tally, max(cfg.Workers, 1))}
	if cfg.Rate > 0 {
		r.open(ctx)
	} else {
		r.closed(ctx)
	}
	return r.result()
}

// tally is what one worker saw; nobody else touches it before the end.
type tally struct {
	took   []time.Duration
	failed int
	first  error
}

type run struct {
	cfg     Config
	send    Send
	start   time.Time
	tallies []tally
	late    []time.Duration // the dispatcher's
}

// due is a request of the open loop and the moment it should be sent.
type due struct {
	i  int
	at time.Time
}

// open hands out requests at their moments. Handing over never waits for a
// worker: the queue has room for all.
func (r *run) open(ctx context.Context) {
	n := int(r.cfg.Rate * r.cfg.Duration.Seconds())
	queue := make(chan due, n)
	wg := r.workers(func(worker int) {
		for d := range queue {
			r.do(worker, d.i, d.at)
		}
	})
	r.late = make([]time.Duration, 0, n)
	for i := range n {
		at := r.start.Add(time.Duration(float64(i) / r.cfg.Rate * float64(time.Second)))
		if wait := at.Sub(r.cfg.Now()); wait > 0 {
			r.cfg.Wait(wait)
		}
		if ctx.Err() != nil {
			break
		}
		r.late = append(r.late, max(r.cfg.Now().Sub(at), 0))
		queue <- due{i, at}
	}
	close(queue)
	wg.Wait()
}

// closed lets every worker send its next request once the last was answered.
func (r *run) closed(ctx context.Context) {
	var next atomic.Int64
	end := r.start.Add(r.cfg.Duration)
	r.workers(func(worker int) {
		for now := r.cfg.Now(); now.Before(end) && ctx.Err() == nil; now = r.cfg.Now() {
			r.do(worker, int(next.Add(1)-1), now)
		}
	}).Wait()
}

func (r *run) workers(work func(worker int)) *sync.WaitGroup {
	wg := &sync.WaitGroup{}
	for w := range r.tallies {
		wg.Go(func() { work(w) })
	}
	return wg
}

// do sends one request and measures from the given moment.
func (r *run) do(worker, i int, from time.Time) {
	t := &r.tallies[worker]
	if err := r.send(worker, i); err != nil {
		t.failed++
		if t.first == nil {
			t.first = err
		}
		return
	}
	t.took = append(t.took, r.cfg.Now().Sub(from))
}

func (r *run) result() Result {
	out := Result{Elapsed: r.cfg.Now().Sub(r.start), Late: r.late}
	for _, t := range r.tallies {
		out.Latencies = append(out.Latencies, t.took...)
		out.Failed += t.failed
		if out.First == nil {
			out.First = t.first
		}
	}
	slices.Sort(out.Latencies)
	slices.Sort(out.Late)
	return out
}
