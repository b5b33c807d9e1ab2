package rotation_test

import (
	"testing"

	"postern/crypto/keyring"
)

// people in the benchmarks: each has two data keys.
const people = 50_000

func bench(b *testing.B, p keyring.Purpose, each string) {
	f := newFolder(b)
	f.fill(people)
	moved := 0
	for b.Loop() {
		f.rotate(p)
		f.check(f.worker.Finish(b.Context()))
		moved += f.state(p).Moved
	}
	b.ReportMetric(float64(moved)/b.Elapsed().Seconds(), each+"/s")
}

// BenchmarkRewrap wraps data keys again, one by one made durable in steps.
func BenchmarkRewrap(b *testing.B) { bench(b, keyring.KEK, "keys") }

// BenchmarkReindex moves people to a new epoch of the blind index.
func BenchmarkReindex(b *testing.B) { bench(b, keyring.Index, "people") }
