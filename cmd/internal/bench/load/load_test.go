package load_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"testing/synctest"
	"time"

	"postern/cmd/internal/bench/load"
)

func config(rate float64, d time.Duration, workers int) load.Config {
	return load.Config{Rate: rate, Duration: d, Workers: workers, Now: time.Now, Wait: time.Sleep}
}

// A server that takes one millisecond and stands still from 0.2 s to 0.7 s.
// Half of all requests fall due while it stands: an honest measurement shows
// that, one that measures from the send shows four slow requests of 1,000.
func TestLatencyCountsFromTheIntendedStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const workers = 4
		start := time.Now()
		slowSends := 0
		var mu = make(chan struct{}, 1)
		r := load.Run(t.Context(), config(1000, time.Second, workers), func(_, _ int) error {
			began := time.Since(start)
			if began >= 200*time.Millisecond && began < 700*time.Millisecond {
				mu <- struct{}{}
				slowSends++
				<-mu
				time.Sleep(700*time.Millisecond - began)
			}
			time.Sleep(time.Millisecond)
			return nil
		})
		if len(r.Latencies) != 1000 || r.Failed != 0 {
			t.Fatalf("%d answered, %d failed, want 1000 and 0", len(r.Latencies), r.Failed)
		}
		if slowSends != workers {
			t.Fatalf("%d sends met the stall, want one for each of %d workers", slowSends, workers)
		}
		slow := 0
		for _, d := range r.Latencies {
			if d > 100*time.Millisecond {
				slow++
			}
		}
		if slow < 400 {
			t.Errorf("%d requests took over 100 ms, want at least the 400 that were due before 0.6 s", slow)
		}
		if got := load.Quantile(r.Latencies, 0.999); got < 480*time.Millisecond || got > 510*time.Millisecond {
			t.Errorf("p99.9 = %v, want about the stall of 500 ms", got)
		}
		if got := load.Quantile(r.Latencies, 0.1); got != time.Millisecond {
			t.Errorf("p10 = %v, want the 1 ms of an idle server", got)
		}
	})
}

func TestOpenLoopKeepsItsRateWhateverTheServerTakes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := load.Run(t.Context(), config(200, 2*time.Second, 64), func(_, _ int) error {
			time.Sleep(40 * time.Millisecond)
			return nil
		})
		if len(r.Latencies) != 400 || len(r.Late) != 400 {
			t.Fatalf("%d answered, %d handed out, want 400", len(r.Latencies), len(r.Late))
		}
		if r.Late[399] != 0 {
			t.Errorf("latest hand-out %v late, want none under an exact clock", r.Late[399])
		}
		if got := load.Quantile(r.Latencies, 1); got != 40*time.Millisecond {
			t.Errorf("slowest %v, want 40 ms: 64 workers are enough for 200/s", got)
		}
	})
}

func TestClosedLoopRateIsWhatTheServerGives(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := load.Run(t.Context(), config(0, 2*time.Second, 8), func(_, _ int) error {
			time.Sleep(10 * time.Millisecond)
			return nil
		})
		if got := r.Rate(); math.Abs(got-800) > 1 {
			t.Errorf("rate %.1f/s, want 800/s of 8 workers at 10 ms", got)
		}
	})
}

func TestFailedRequestsAreNotQuickOnes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		broken := errors.New("refused")
		r := load.Run(t.Context(), config(1000, time.Second, 4), func(_, i int) error {
			if i%10 == 0 {
				return broken
			}
			time.Sleep(time.Millisecond)
			return nil
		})
		if r.Failed != 100 || len(r.Latencies) != 900 || !errors.Is(r.First, broken) {
			t.Errorf("%d failed, %d good, first %v; want 100, 900, %v", r.Failed, len(r.Latencies), r.First, broken)
		}
		if r.Latencies[0] < time.Millisecond {
			t.Errorf("quickest %v: a failed request was counted", r.Latencies[0])
		}
	})
}

func TestRunEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		r := load.Run(ctx, config(1000, time.Hour, 4), func(_, _ int) error { return nil })
		if n := len(r.Latencies); n < 99 || n > 101 {
			t.Errorf("%d requests in 100 ms at 1,000/s, want 100", n)
		}
	})
}
