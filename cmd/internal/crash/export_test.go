package crash

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/export"
	"postern/audit/export/exporttest"
	"postern/audit/journal"
)

// TestKillWhileExporting kills the gateway under load: every record arrives, for
// the first time in order, with the hashes it has in the store.
func TestKillWhileExporting(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	splunk, syslog := exporttest.NewSplunk(t, true), exporttest.NewSyslog(t, nil)
	archive := filepath.Join(t.TempDir(), "archive")
	token := filepath.Join(t.TempDir(), "token")
	check(t, os.WriteFile(token, []byte(exporttest.Token), 0o600))
	raw, err := os.ReadFile(w.env["POSTERN_CONFIG"])
	check(t, err)
	check(t, os.WriteFile(w.env["POSTERN_CONFIG"], fmt.Appendf(raw, `exports:
  - {name: splunk, kind: splunk, url: %q, ca: %q, token: "file:%s", private: true}
  - {name: syslog, kind: syslog, url: "tls://%s", ca: %q, private: true, kinds: [admission, settle, status]}
  - {name: archive, kind: lines, dir: %q, every: 1s}
`, splunk.URL, splunk.CA, token, syslog.Address, syslog.CA, archive), 0o600))
	w.serving(t)
	l, rng := newLoad(t, w), rand.New(rand.NewPCG(1, 1))
	for range 3 {
		l.start(rng, 4, 10*time.Millisecond)
		pause(time.Duration(rng.Int64N(int64(700 * time.Millisecond))))
		w.kill(t)
		l.finish()
		w.serving(t)
	}
	w.gate.end(t, syscall.SIGTERM)
	w.serving(t)
	stored := leaves(t, w)
	last := uint64(len(stored) - 1)
	arrived(t, splunk.AwaitSeq(last), stored, func(uint64) bool { return true })
	await(t, "the archive is written", func() bool {
		found, err := export.Check(archive, nil)
		return err == nil && len(found.Chains) > 0 && found.Chains[0].Last >= last
	})
	w.gate.end(t, syscall.SIGTERM)
	found, err := export.Check(archive, nil)
	check(t, err)
	for _, f := range found.Findings {
		if !strings.Contains(f.What, "no manifest") { // the end may come between a file and its manifest
			t.Errorf("%+v", f)
		}
	}
	narrow := syslog.Events()
	kinds := map[uint64]bool{}
	for _, e := range narrow {
		kinds[e.Seq] = e.Kind == "admission" || e.Kind == "settle" || e.Kind == "status" || e.Kind == "erasure"
		if !kinds[e.Seq] {
			t.Errorf("record %d of kind %s", e.Seq, e.Kind)
		}
	}
	followed(t, narrow)
}

// leaves are the leaf hashes of the store.
func leaves(t *testing.T, w *world) (out []string) {
	t.Helper()
	reader, err := journal.OpenReader(t.Context(), filepath.Join(w.dir, "data", "journal.db"))
	check(t, err)
	defer reader.Close()
	check(t, reader.Records(t.Context(), 0, 1<<62, func(r *audit.Record) error {
		out = append(out, fmt.Sprintf("%x", r.Leaf))
		return nil
	}))
	return out
}

// arrived holds events against the store.
func arrived(t *testing.T, events []exporttest.Event, stored []string, wanted func(uint64) bool) {
	t.Helper()
	next := uint64(0)
	for _, e := range events {
		if e.Seq < uint64(len(stored)) && e.Leaf != stored[e.Seq] {
			t.Errorf("record %d has another leaf hash", e.Seq)
		}
		for next < e.Seq && !wanted(next) {
			next++
		}
		if e.Seq > next {
			t.Fatalf("record %d came before %d", e.Seq, next)
		}
		if e.Seq == next {
			next++
		}
	}
	if next < uint64(len(stored)) {
		t.Errorf("records from %d on did not come", next)
	}
}

// followed: each event names the one before it, as far as it came for the first
// time.
func followed(t *testing.T, events []exporttest.Event) {
	t.Helper()
	if len(events) == 0 {
		t.Fatal("nothing came")
	}
	highest := events[0].Seq
	for _, e := range events[1:] {
		if e.Seq <= highest {
			continue
		}
		if e.Previous == nil || *e.Previous != highest {
			t.Errorf("record %d does not name %d as the event before it", e.Seq, highest)
		}
		highest = e.Seq
	}
}
