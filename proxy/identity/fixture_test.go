package identity_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/identity"
)

var ctx = context.Background()

type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// house is a directory over a real journal and keystore in one folder.
type house struct {
	*identity.Directory
	t       *testing.T
	dir     string
	clock   *clock
	keys    *keyring.Keyring
	journal *journal.Journal
	apps    []identity.App
}

func newHouse(t *testing.T) *house {
	t.Helper()
	h := &house{t: t, dir: t.TempDir(), clock: &clock{now: time.Unix(1_764_000_000, 0)}, apps: []identity.App{
		{Tenant: "bank", Name: "loans", Family: "cloud", Numbers: []string{"1", "2"}},
		{Tenant: "bank", Name: "cards", Family: "d360", Numbers: []string{"3"}},
		{Tenant: "city", Name: "desk", Family: "onprem", Numbers: []string{"4"}},
		{Tenant: "city", Name: "tax", Family: "onprem", Numbers: []string{"5"}},
	}}
	var err error
	if h.keys, err = keyring.Create(filepath.Join(h.dir, "keys"), keyring.Config{Name: "test", Now: h.clock.Now}); err != nil {
		t.Fatal(err)
	}
	h.open()
	t.Cleanup(func() { h.close(); h.keys.Close() })
	return h
}

func (h *house) open() {
	h.t.Helper()
	var err error
	h.journal, err = journal.Open(ctx, journal.Config{Path: h.dir, Chain: "test", Now: h.clock.Now, MinFree: -1})
	if err != nil {
		h.t.Fatal(err)
	}
	h.Directory, err = identity.Load(ctx, identity.Config{Journal: h.journal, Keys: h.keys, Now: h.clock.Now}, h.apps)
	if err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) close() {
	h.t.Helper()
	if err := h.journal.Close(); err != nil {
		h.t.Error(err)
	}
}

func (h *house) reopen() {
	h.t.Helper()
	h.close()
	h.open()
}

// records counts the access records by type.
func (h *house) records() map[string]int {
	h.t.Helper()
	out := map[string]int{}
	err := h.journal.Records(ctx, 0, func(r *audit.Record) error {
		if r.Kind == audit.KindAccess {
			out[r.Type]++
		}
		return nil
	})
	if err != nil {
		h.t.Fatal(err)
	}
	return out
}

// nowhere fails where a secret is in the clear in a file of the store.
func (h *house) nowhere(secrets ...string) {
	h.t.Helper()
	files, err := filepath.Glob(filepath.Join(h.dir, "*"))
	if err != nil || len(files) < 2 {
		h.t.Fatalf("files of the store: %v, %v", files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f) //nolint:gosec // a file of the test
		if err != nil {
			h.t.Fatal(err)
		}
		for _, s := range secrets {
			if bytes.Contains(b, []byte(s)) {
				h.t.Errorf("a secret is in the clear in %s", filepath.Base(f))
			}
		}
	}
}
