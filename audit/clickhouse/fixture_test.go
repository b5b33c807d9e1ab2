package clickhouse

import (
	"bytes"
	"context"
	"fmt"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
	"postern/audit/journal"
)

var start = time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)

func now() time.Time { return start }

// store is a migrated place in the engine's own database.
func store(t testing.TB, e *chtest.Server) *Store {
	t.Helper()
	return storeIn(t, e, e.Database(t))
}

func storeIn(t testing.TB, e *chtest.Server, database string) *Store {
	t.Helper()
	s, err := Open(Config{Endpoints: []string{e.Addr}, Database: database, Chain: "test-chain", Compression: "lz4", Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	if _, err := s.Migrate(context.Background()); err != nil {
		t.Fatal(err)
	}
	return s
}

func openJournal(t testing.TB, dir string) *journal.Journal {
	t.Helper()
	j, err := journal.Open(context.Background(), journal.Config{Path: dir, Chain: "test-chain", Now: now, MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = j.Close() }) // tests that close it themselves check the error
	return j
}

// message is a typical record of an allowed text message, i-th of its trail.
func message(i int) audit.Record {
	at := start.Add(time.Duration(i) * time.Second)
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(at), Kind: audit.KindAdmission, Time: at.UnixMicro(),
		Tenant: "bank", App: "loans", Number: "106540352242922", Actor: "app:loans", Subject: audit.NewSubjectID(), Country: "BR",
		Direction: "outbound", Dialect: "cloud", Type: "text", Category: "service",
		Effect: audit.EffectAllow, Reasons: []string{"ok", "window_open"}, Observed: []string{"quiet_hours"},
		Revision: "3f0c6a0f8f5b4c8db4c0bb1f6a0f8f5b", Facts: `{"window":{"until":1762160400}}`,
		Findings: "PERSON_NAME:1", Changed: i%2 == 0, Mac: bytes.Repeat([]byte{byte(i)}, 32), MacKey: 1, MessageID: bytes.Repeat([]byte{byte(i)}, 16),
		Result: "accepted", Code: 200, Labels: []string{"a", "b"},
		Parts: []audit.Part{
			audit.NewPart(audit.PartBody, fmt.Appendf(nil, "Dear customer, your appointment %d is confirmed.", i)),
			audit.NewPart(audit.PartInput, []byte(`{"direction":"outbound"}`)),
			audit.NewPart(audit.PartOriginal, bytes.Repeat([]byte{0xaa}, 260)),
		},
	}
}

func appendMessages(t testing.TB, j *journal.Journal, n int) {
	t.Helper()
	from := int(j.Head().Size) //nolint:gosec // small
	records := make([]audit.Record, n)
	for i := range records {
		records[i] = message(from + i)
	}
	appendRecords(t, j, records...)
}

func appendRecords(t testing.TB, j *journal.Journal, records ...audit.Record) {
	t.Helper()
	if err := j.Append(context.Background(), journal.Batch{Records: records}); err != nil {
		t.Fatalf("append: %v", err)
	}
}

// await polls until ok, for a minute at most.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited for %s in vain", what)
		case <-tick.C:
		}
	}
}

// shipping runs a shipper until stop is called.
func shipping(t testing.TB, s *Store, j *journal.Journal, cfg ShipConfig) (h *Shipper, stop func()) {
	t.Helper()
	f, err := j.Follow(context.Background(), FollowerName)
	if err != nil {
		t.Fatal(err)
	}
	if cfg.Wait == 0 {
		cfg.Wait = time.Millisecond
	}
	cfg.MinPause, cfg.MaxPause = time.Millisecond, 50*time.Millisecond
	h = NewShipper(s, f, cfg)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.Run(ctx) }()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; err != nil {
			t.Errorf("ship: %v", err)
		}
	}
	t.Cleanup(stop)
	return h, stop
}

// shipped waits until everything in the journal is confirmed.
func shipped(t testing.TB, h *Shipper, j *journal.Journal) {
	t.Helper()
	await(t, "everything to be shipped", func() bool { return h.follower.Cursor() == j.Head().Size })
}

// shipAll ships until the tables have all that the journal has.
func shipAll(t testing.TB, s *Store, j *journal.Journal) {
	t.Helper()
	h, stop := shipping(t, s, j, ShipConfig{})
	shipped(t, h, j)
	stop()
}

// same holds the tables against the journal: every record exactly once, with
// its own leaf.
func same(t testing.TB, s *Store, j *journal.Journal) {
	t.Helper()
	got := make(map[int64]string)
	read := func(what, from string) {
		clear(got)
		err := s.query(context.Background(), what, "SELECT seq, leaf FROM "+from, ask{}, func(scan func(...any) error) error {
			var seq int64
			var leaf string
			if err := scan(&seq, &leaf); err != nil {
				return err
			}
			if _, twice := got[seq]; twice {
				t.Errorf("%s: record %d is there twice", what, seq)
			}
			got[seq] = leaf
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	hold := func(what string) {
		n := 0
		err := j.Records(context.Background(), 0, func(r *audit.Record) error {
			n++
			if got[int64(r.Seq)] != fmt.Sprintf("%x", r.Leaf) { //nolint:gosec // small
				t.Errorf("%s: record %d has another leaf or is missing", what, r.Seq)
			}
			return nil
		})
		if err != nil || n != len(got) {
			t.Errorf("%s: %d rows for %d records, %v", what, len(got), n, err)
		}
	}
	read("audit", s.table("audit"))
	hold("audit")
	read("leaves", "(SELECT seq, lower(hex(leaf)) AS leaf FROM "+s.table("leaves")+")")
	hold("leaves")
}
