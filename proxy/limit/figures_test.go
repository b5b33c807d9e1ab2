package limit

import (
	"runtime"
	"testing"
	"time"

	"golang.org/x/time/rate"
)

const million = 1_000_000

// heap is what lives in memory now.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// filled is a limiter that knows so many pairs.
func filled(n uint64) (*Limiter, *time.Time) {
	l, now := standing(Rates{PerNumber: 0, PerApp: 1e9, Pair: 1.0 / 6, PairBurst: 45, Pairs: 2 * million})
	for i := range n {
		l.pairs.take(l.pairs.key(Message{Number: "1", Person: somebody(i)}), 0, 0)
	}
	return l, now
}

// TestBytesPerPair: a million pairs that are all remembered.
func TestBytesPerPair(t *testing.T) {
	before := heap()
	l, _ := filled(million)
	per := (float64(heap()) - float64(before)) / million
	if l.pairs.len() != million || per > 200 {
		t.Errorf("%d pairs of %.0f bytes, want 200 at most", l.pairs.len(), per)
	}
	runtime.KeepAlive(l)
}

// BenchmarkTake decides over a million active pairs: here, and with a bucket of
// x/time/rate for each, which is what this replaced.
func BenchmarkTake(b *testing.B) {
	b.Run("here", func(b *testing.B) {
		before := heap()
		l, now := filled(million)
		size := heap() - before
		b.ReportAllocs()
		i := uint64(0)
		for b.Loop() {
			*now = now.Add(time.Microsecond)
			l.Take(Message{Tenant: "t", App: "a", Number: "1", Person: somebody(i * 7919 % million)})
			i++
		}
		b.ReportMetric(float64(size)/million, "bytes/pair")
	})
	b.Run("x-time-rate", func(b *testing.B) {
		type key struct {
			number string
			person [16]byte
		}
		before, now := heap(), time.Unix(1_764_000_000, 0)
		pairs := map[key]*rate.Limiter{}
		for i := range uint64(million) {
			r := rate.NewLimiter(rate.Limit(1.0/6), 45)
			r.ReserveN(now, 1)
			pairs[key{"1", somebody(i)}] = r
		}
		size := heap() - before
		b.ReportAllocs()
		i := uint64(0)
		for b.Loop() {
			now = now.Add(time.Microsecond)
			pairs[key{"1", somebody(i * 7919 % million)}].ReserveN(now, 1)
			i++
		}
		b.ReportMetric(float64(size)/million, "bytes/pair")
	})
}
