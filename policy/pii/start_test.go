package pii

import (
	"runtime"
	"testing"
)

// BenchmarkStart builds what all scanners share, rows, words and numbering plan,
// and gives the bytes that stay. Goals: at most 50 ms and 8 MB.
func BenchmarkStart(b *testing.B) {
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	t, plan := build(b)
	runtime.GC()
	runtime.ReadMemStats(&after)
	runtime.KeepAlive(t)
	runtime.KeepAlive(plan)
	for b.Loop() {
		build(b)
	}
	b.ReportMetric(float64(after.HeapAlloc)-float64(before.HeapAlloc), "B/table")
}

func build(b *testing.B) (*table, *plan) {
	t, err := newTable(Config{})
	if err != nil {
		b.Fatal(err)
	}
	return t, parsePlan(phonesText)
}
