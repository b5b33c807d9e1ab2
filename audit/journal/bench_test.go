package journal

import (
	"bytes"
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"postern/audit"
)

// usage is what the process has used so far.
type usage struct {
	cpu     time.Duration
	written int64
}

func used(b *testing.B) usage {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	io, err := os.ReadFile("/proc/self/io")
	if err != nil {
		b.Fatal("needs /proc/self/io")
	}
	var n int64
	for _, line := range bytes.Split(io, []byte("\n")) {
		if _, err := fmt.Sscanf(string(line), "wchar: %d", &n); err == nil {
			break
		}
	}
	return usage{time.Duration(u.Utime.Nano() + u.Stime.Nano()), n}
}

func percentile(all []time.Duration, p float64) float64 {
	if len(all) == 0 {
		return 0
	}
	slices.Sort(all)
	return float64(all[min(int(p*float64(len(all))), len(all)-1)].Nanoseconds()) / 1e6
}

// diskSync is the disk's own time for a 4 KiB append and fdatasync.
func diskSync(b *testing.B, dir string) float64 {
	b.Helper()
	f, err := os.CreateTemp(dir, "sync")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // a scratch file
	var all []time.Duration
	for range 200 {
		start := time.Now()
		if _, err := f.Write(make([]byte, 4096)); err != nil {
			b.Fatal(err)
		}
		if err := unix.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
		all = append(all, time.Since(start))
	}
	return percentile(all, 0.5)
}

// message appends what one outbound message leaves: admission, waited for, and
// a lazy settle with its id map entry. It returns how long the wait was.
func message(b *testing.B, j *Journal, subject audit.SubjectID, at time.Time) time.Duration {
	r := admission(at, subject)
	records := []audit.Record{r}
	start := time.Now()
	if err := j.Append(context.Background(), Batch{Records: records}); err != nil {
		b.Error(err)
	}
	took := time.Since(start)
	m := MessageID{Admission: r.ID, Tenant: "bank", Number: r.Number, Subject: subject, Upstream: make([]byte, 96), Month: "2026-11", Time: r.Time}
	rand.Read(m.Hash[:]) //nolint:errcheck // never fails
	err := j.Append(context.Background(), Batch{
		Records: []audit.Record{settle(at, &r, "accepted")}, MessageIDs: []MessageID{m}, Lazy: true,
	})
	if err != nil {
		b.Error(err)
	}
	return took
}

// BenchmarkMessages is an open loop at a fixed rate: two records a message.
func BenchmarkMessages(b *testing.B) {
	for _, rate := range []int{200, 1000, 2000} {
		b.Run(fmt.Sprintf("rate=%d", rate), func(b *testing.B) { openLoop(b, rate) })
	}
}

func openLoop(b *testing.B, rate int) {
	dir := b.TempDir()
	cfg := config(dir)
	cfg.Now = time.Now
	j := open(b, cfg)
	subjects := make([]audit.SubjectID, 100000)
	for i := range subjects {
		subjects[i] = audit.NewSubjectID()
	}
	var (
		mu  sync.Mutex
		all []time.Duration
		wg  sync.WaitGroup
	)
	n := max(b.N, 2*rate)
	b.ResetTimer()
	before, start := used(b), time.Now()
	for i := range n {
		time.Sleep(time.Until(start.Add(time.Duration(i) * time.Second / time.Duration(rate))))
		wg.Add(1)
		go func() {
			defer wg.Done()
			took := message(b, j, subjects[i*7919%len(subjects)], time.Now())
			mu.Lock()
			all = append(all, took)
			mu.Unlock()
		}()
	}
	wg.Wait()
	commits := j.commits.Load()
	if err := j.Close(); err != nil {
		b.Fatal(err)
	}
	after := used(b)
	b.StopTimer()
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(percentile(all, 0.5), "p50-ms")
	b.ReportMetric(percentile(all, 0.99), "p99-ms")
	b.ReportMetric(float64((after.cpu-before.cpu).Microseconds())/float64(n), "cpu-us/msg")
	b.ReportMetric(float64(after.written-before.written)/float64(n), "B/msg")
	b.ReportMetric(2*float64(n)/float64(commits), "records/commit")
	b.ReportMetric(diskSync(b, dir), "disk-sync-ms")
}

// fill appends n records in large batches.
func fill(b *testing.B, j *Journal, n int) {
	b.Helper()
	subjects := make([]audit.SubjectID, 100000)
	for i := range subjects {
		subjects[i] = audit.NewSubjectID()
	}
	for done := 0; done < n; {
		records := make([]audit.Record, 0, 2048)
		for len(records) < cap(records) && done < n {
			r := admission(j.cfg.Now(), subjects[done*7919%len(subjects)])
			records = append(records, r, settle(j.cfg.Now(), &r, "accepted"))
			done += 2
		}
		if err := j.Append(context.Background(), Batch{Records: records}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkVerify verifies a file end to end with all processors.
func BenchmarkVerify(b *testing.B) {
	dir := b.TempDir()
	j := open(b, config(dir))
	const n = 200_000
	fill(b, j, n)
	if err := j.alone(context.Background(), j.truncateLog); err != nil {
		b.Fatal(err)
	}
	before := used(b)
	for b.Loop() {
		if report := verify(b, dir); !report.OK() || report.Records != n {
			b.Fatal(report.Findings)
		}
	}
	b.ReportMetric(float64((used(b).cpu-before.cpu).Nanoseconds())/1e3/n/float64(b.N), "cpu-us/record")
	b.ReportMetric(float64(n)*float64(b.N)/b.Elapsed().Seconds(), "records/s")
	b.ReportMetric(float64(fileSize(j.path))/n, "B/record")
}
