package extproc_test

import (
	"runtime"
	"testing"

	"postern/proxy/extproc"
)

// BenchmarkIdleStream tells what a stream takes that waits for its body, with
// Envoy's side in the same process: an upper bound.
func BenchmarkIdleStream(b *testing.B) {
	const streams = 900 // of one connection
	_, open := start(b, func(c *extproc.Config) { c.Streams = streams + 1 })
	idle := func() {
		e := open()
		e.say(request("/x", false))
		e.hear()
	}
	idle()
	for b.Loop() {
		before := used()
		for range streams {
			idle()
		}
		b.ReportMetric(float64(used()-before)/streams, "B/stream")
	}
}

func used() uint64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapInuse + m.StackInuse
}
