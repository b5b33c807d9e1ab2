package export_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"net"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/export"
	"postern/audit/export/exporttest"
	"postern/audit/journal"
)

// clock is a settable time.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 3, 9, 20, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.t
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.t = c.t.Add(d)
}

const chain = "postern.example/gw1"

func openJournal(t *testing.T, dir string, c *clock) *journal.Journal {
	t.Helper()
	j, err := journal.Open(t.Context(), journal.Config{Path: dir, Chain: chain, Now: c.now, MinFree: -1})
	must(t, err)
	t.Cleanup(func() { must(t, j.Close()) })
	return j
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func admission(now time.Time, body string) audit.Record {
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: now.UnixMicro(),
		Tenant: "bank", App: "loans", Number: "106540352242922", Actor: "app:loans", Subject: audit.NewSubjectID(), Country: "BR",
		Direction: "outbound", Dialect: "cloud", Type: "text", Category: "service", Effect: audit.EffectDeny, Reasons: []string{"no_window"},
		Revision: "3f0c6a0f", Facts: `{"window":0}`, Findings: "PERSON_NAME:1", Mac: bytes.Repeat([]byte{7}, 32), MacKey: 1,
		Parts: []audit.Part{
			audit.NewPart(audit.PartBody, []byte(body)),
			audit.NewPart(audit.PartOriginal, bytes.Repeat([]byte{0xaa}, 260)),
		},
	}
}

// fill appends n admissions and gives their sequence numbers.
func fill(t testing.TB, j *journal.Journal, c *clock, n int) (seqs []uint64) {
	t.Helper()
	for n > 0 {
		records := make([]audit.Record, min(n, 500))
		for i := range records {
			records[i] = admission(c.now(), "Dear [NAME], all is well")
		}
		must(t, j.Append(t.Context(), journal.Batch{Records: records}))
		for i := range records {
			seqs = append(seqs, records[i].Seq)
		}
		n -= len(records)
	}
	return seqs
}

// start runs an export until the test ends, or the function is called.
func start(t *testing.T, cfg export.Config) (*export.Export, func()) {
	t.Helper()
	cfg.Wait = 20 * time.Millisecond
	x, err := export.Open(t.Context(), cfg)
	must(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := x.Run(ctx); err != nil {
			t.Errorf("run: %v", err)
		}
	}()
	stop := func() { cancel(); <-done }
	t.Cleanup(stop)
	return x, stop
}

// hasty is a pause that takes no time.
func hasty(ctx context.Context, _ time.Duration) error {
	t := time.NewTimer(time.Millisecond)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// inOrder fails unless every record up to the last is there, each for the first
// time after the one before it, linked by its hashes.
func inOrder(t *testing.T, all []exporttest.Event, last uint64) {
	t.Helper()
	next, leaf := uint64(0), ""
	for i, e := range all {
		if i > 0 && e.Seq == all[i-1].Seq+1 && e.Prev != all[i-1].Leaf {
			t.Errorf("record %d does not follow from the one before it", e.Seq)
		}
		if e.Seq == next {
			next, leaf = next+1, e.Leaf
		} else if e.Seq > next {
			t.Fatalf("record %d came before %d", e.Seq, next)
		}
	}
	if next != last+1 || leaf == "" {
		t.Fatalf("records up to %d came, not up to %d", next, last+1)
	}
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for !ok() {
		if hasty(ctx, 0) != nil {
			t.Fatalf("not in time: %s", what)
		}
	}
}

func httpTo(w *exporttest.Web) export.HTTP {
	return export.HTTP{URL: w.URL, Client: w.Client(), Secret: func() string { return exporttest.Token }}
}

func syslogTo(s *exporttest.Syslog, conf *tls.Config, message int) *export.Syslog {
	return export.NewSyslog(export.SyslogConfig{
		Address: s.Address, Dial: (&net.Dialer{}).DialContext, TLS: conf, Message: message, Timeout: 20 * time.Second,
	})
}

func journalDir(t *testing.T) string { return filepath.Join(t.TempDir(), "journal") }
