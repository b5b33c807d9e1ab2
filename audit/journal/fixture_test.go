package journal

import (
	"bytes"
	"context"
	"errors"
	"os"
	"reflect"
	"sync"
	"testing"
	"time"

	"postern/audit"
)

// clock is a settable time.
type clock struct {
	mu sync.Mutex
	t  time.Time
}

func newClock() *clock { return &clock{t: time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)} }

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

func config(dir string) Config {
	return Config{Path: dir, Chain: "test-chain", Now: newClock().now, MinFree: -1, RecoverWait: 20 * time.Millisecond}
}

func open(t testing.TB, cfg Config) *Journal {
	t.Helper()
	j, err := Open(context.Background(), cfg)
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() {
		if err := j.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return j
}

// admission is a typical record of an allowed text message.
func admission(now time.Time, subject audit.SubjectID) audit.Record {
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindAdmission, Time: now.UnixMicro(),
		Tenant: "bank", App: "loans", Number: "106540352242922", Actor: "app:loans", Subject: subject, Country: "BR",
		Direction: "outbound", Dialect: "cloud", Type: "text", Category: "service",
		Effect: audit.EffectAllow, Reasons: []string{"ok"},
		Revision: "3f0c6a0f8f5b4c8db4c0bb1f6a0f8f5b", Facts: `{"window":{"until":1762160400,"record":"0193"},"consent":{"marketing":false}}`,
		Findings: "PERSON_NAME:1", Mac: bytes.Repeat([]byte{7}, 32), MacKey: 1, Retention: "standard",
		Parts: []audit.Part{
			audit.NewPart(audit.PartBody, []byte("Dear customer, your appointment is confirmed for tomorrow at ten.")),
			audit.NewPart(audit.PartOriginal, bytes.Repeat([]byte{0xaa}, 260)),
		},
	}
}

func settle(now time.Time, of *audit.Record, result string) audit.Record {
	return audit.Record{
		Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindSettle, Time: now.UnixMicro(), Ref: of.ID,
		Tenant: of.Tenant, App: of.App, Number: of.Number, Actor: "meta", Subject: of.Subject, Direction: "outbound",
		Dialect: of.Dialect, Effect: audit.EffectAllow, Result: result, Code: 200, Retention: "standard",
		MessageID: bytes.Repeat([]byte{9}, 16),
	}
}

func appendOne(t testing.TB, j *Journal, r audit.Record) audit.Record {
	t.Helper()
	records := []audit.Record{r}
	if err := j.Append(context.Background(), Batch{Records: records}); err != nil {
		t.Fatalf("append: %v", err)
	}
	return records[0]
}

// recorder collects what OnError hears.
type recorder struct {
	mu   sync.Mutex
	errs []error
}

func (r *recorder) hear(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.errs = append(r.errs, err)
}

func (r *recorder) heard(target error) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, err := range r.errs {
		if errors.Is(err, target) {
			return true
		}
	}
	return false
}

// await polls until ok, for a minute at most.
func await(t testing.TB, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited for %s in vain", what)
		case <-tick.C:
		}
	}
}

// checkChain reads every record and recomputes leaf, chain and tree.
func checkChain(t testing.TB, j *Journal) uint64 {
	t.Helper()
	var next uint64
	var prev [32]byte
	var tree audit.Tree
	err := j.Records(context.Background(), 0, func(r *audit.Record) error {
		leaf, err := audit.AppendLeaf(nil, r)
		if err != nil {
			return err
		}
		hash := audit.LeafHash(leaf)
		if r.Seq != next || r.Prev != prev || r.Leaf != hash {
			t.Fatalf("record %d does not follow %d", r.Seq, next)
		}
		for _, p := range r.Parts {
			if !p.Erased && p.Hash != audit.PartHash(p.Salt, p.Body) {
				t.Fatalf("part %s of record %d does not agree", p.Name, r.Seq)
			}
		}
		next, prev = next+1, hash
		tree.Append(hash)
		return nil
	})
	if err != nil {
		t.Fatalf("read chain: %v", err)
	}
	if h := j.Head(); h.Size != next || h.Root != tree.Root() || h.Leaf != prev {
		t.Fatalf("head says %d records, %d were read, or another root", h.Size, next)
	}
	return next
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(name) //nolint:gosec // a file of the test
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func equal(a, b any) bool { return reflect.DeepEqual(a, b) }
