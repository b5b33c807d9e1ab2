package journal

import (
	"context"
	"testing"
	"time"

	"postern/audit"
)

// BenchmarkFull compares commits and a start on a filled file with an empty
// one. -benchtime=Nx fills N thousand records.
func BenchmarkFull(b *testing.B) {
	cfg := config(b.TempDir())
	cfg.Now = time.Now
	j, err := Open(context.Background(), cfg)
	if err != nil {
		b.Fatal(err)
	}
	empty := commits(b, j)
	fill(b, j, 1000*b.N)
	full := commits(b, j)
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	start := time.Now()
	j = open(b, cfg)
	took := time.Since(start)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(j.Head().Size), "records")
	b.ReportMetric(percentile(empty, 0.99), "empty-p99-ms")
	b.ReportMetric(percentile(full, 0.99), "full-p99-ms")
	b.ReportMetric(float64(took.Microseconds())/1000, "start-ms")
}

// commits are the times of a thousand commits, one after the other.
func commits(b *testing.B, j *Journal) (all []time.Duration) {
	b.Helper()
	for range 1000 {
		all = append(all, message(b, j, audit.NewSubjectID(), time.Now()))
	}
	return all
}
