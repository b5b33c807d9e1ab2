package delivery_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/egress"
	"postern/proxy/person"
	"postern/proxy/settings"
)

// clock stands still until a test moves it. Every wait on it ends early now
// and then, which a lane must bear.
type clock struct {
	mu      sync.Mutex
	now     time.Time
	waiting []chan time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) After(time.Duration) <-chan time.Time {
	ch := make(chan time.Time, 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.waiting = append(c.waiting, ch)
	return ch
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
	for _, ch := range c.waiting {
		ch <- c.now
	}
	c.waiting = nil
}

// app is a receiver of webhooks on a real socket.
type app struct {
	srv *httptest.Server

	mu     sync.Mutex
	got    []post
	answer func(path, body string) int // -1 closes the connection; nil answers 200
}

type post struct {
	path, body string
	header     http.Header
}

func newApp(t *testing.T, answer func(path, body string) int) *app {
	t.Helper()
	a := &app{answer: answer}
	a.srv = httptest.NewTLSServer(a)
	t.Cleanup(a.srv.Close)
	return a
}

// ServeHTTP is http.Handler's.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	a.mu.Lock()
	a.got = append(a.got, post{r.URL.Path, string(b), r.Header.Clone()})
	answer := a.answer
	a.mu.Unlock()
	status := http.StatusOK
	if answer != nil {
		status = answer(r.URL.Path, string(b))
	}
	if status < 0 {
		panic(http.ErrAbortHandler)
	}
	w.WriteHeader(status)
}

func (a *app) setAnswer(f func(path, body string) int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer = f
}

func (a *app) posts() []post {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.got)
}

func (a *app) bodies(path string) []string {
	var out []string
	for _, p := range a.posts() {
		if p.path == path {
			out = append(out, p.body)
		}
	}
	return out
}

func always(status int) func(string, string) int {
	return func(string, string) int { return status }
}

// post office: journal, keys and dispatcher over one folder.
type office struct {
	t      *testing.T
	dir    string
	clock  *clock
	client *http.Client
	guard  *egress.Guard
	hooks  map[string]settings.Webhook
	cfg    delivery.Config

	journal *journal.Journal
	keys    *keyring.Keyring
	people  *person.Directory
	store   *settings.Store
	d       *delivery.Dispatcher
}

func newOffice(t *testing.T, a *app, change func(*delivery.Config)) *office {
	t.Helper()
	o := &office{
		t: t, dir: t.TempDir(), clock: &clock{now: time.Unix(1_764_000_000, 0)},
		hooks: map[string]settings.Webhook{},
	}
	roots := x509.NewCertPool()
	roots.AddCert(a.srv.Certificate())
	guard, err := egress.NewGuard([]string{a.srv.Listener.Addr().String()})
	if err != nil {
		t.Fatal(err)
	}
	o.guard = guard
	o.client = guard.Client(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, 2, time.Minute)
	for _, name := range []string{"bank", "clinic"} {
		o.hooks[name] = settings.Webhook{URL: a.srv.URL + "/" + name, Secret: func() []byte { return []byte("webhook-secret") }}
	}
	o.cfg = delivery.Config{Apps: []string{"bank", "clinic"}, Client: o.client, Now: o.clock.Now, After: o.clock.After}
	if change != nil {
		change(&o.cfg)
	}
	if o.keys, err = keyring.Create(filepath.Join(o.dir, "keys"), keyring.Config{Name: "test", Now: o.clock.Now}); err != nil {
		t.Fatal(err)
	}
	o.open()
	t.Cleanup(func() { o.close(); o.keys.Close() })
	return o
}

func (o *office) open() {
	o.t.Helper()
	ctx := context.Background()
	var err error
	o.journal, err = journal.Open(ctx, journal.Config{Path: o.dir, Chain: "test", Now: o.clock.Now, MinFree: -1})
	if err != nil {
		o.t.Fatal(err)
	}
	o.people, err = person.Load(ctx, person.Config{
		Journal: o.journal, Keys: o.keys, Now: o.clock.Now, Linked: func(string, audit.SubjectID, audit.SubjectID, bool) {},
	})
	if err != nil {
		o.t.Fatal(err)
	}
	o.store, err = settings.Load(ctx, settings.Config{Journal: o.journal, Keys: o.keys, Guard: o.guard, Now: o.clock.Now})
	if err != nil {
		o.t.Fatal(err)
	}
	o.store.Configure(o.hooks)
	cfg := o.cfg
	cfg.Journal, cfg.Keys, cfg.Settings = o.journal, o.people, o.store
	if cfg.OnError == nil {
		cfg.OnError = func(err error) { o.t.Errorf("dispatcher: %v", err) }
	}
	o.d = delivery.Start(ctx, cfg)
}

func (o *office) close() {
	o.t.Helper()
	if o.journal == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	o.d.Close(ctx)
	if err := o.journal.Close(); err != nil {
		o.t.Errorf("close journal: %v", err)
	}
	o.journal = nil
}

// event is one delivery to be queued.
type event struct {
	app     string
	subject audit.SubjectID
	dialect dialect.Dialect
	body    string
}

// emit commits events in one batch and announces them, as the gate does.
func (o *office) emit(events ...event) []audit.ID {
	o.t.Helper()
	ctx := context.Background()
	now := o.clock.Now()
	rows, batch := &person.Rows{}, journal.Batch{}
	var out []delivery.Event
	var ids []audit.ID
	for _, e := range events {
		id := audit.NewID(now)
		sealer, err := o.people.Sealer(ctx, e.subject, delivery.Class, person.Month(now), rows)
		if err != nil {
			o.t.Fatal(err)
		}
		sealed, err := sealer.Seal(id[:], []byte(e.body))
		if err != nil {
			o.t.Fatal(err)
		}
		row := journal.Delivery{
			ID: id, Tenant: "t", App: e.app, Subject: e.subject, Number: "106540352242922", Dialect: string(e.dialect),
			Month: person.Month(now), Body: sealed, NotAfter: now.Add(delivery.Life(e.dialect)).UnixMicro(),
			NextAt: now.UnixMicro(), Created: now.UnixMicro(),
		}
		batch.Deliveries = append(batch.Deliveries, row)
		out, ids = append(out, delivery.Event{Row: row, Body: []byte(e.body)}), append(ids, id)
	}
	rows.AddTo(&batch)
	batch.OnCommit(func() {
		for i := range out {
			out[i].Row.Seq = batch.Deliveries[i].Seq
		}
		o.d.Notify(out)
	})
	if err := o.journal.Append(ctx, batch); err != nil {
		o.t.Fatalf("append: %v", err)
	}
	return ids
}

// await lets the lanes look again until ok.
func (o *office) await(what string, ok func() bool) {
	o.t.Helper()
	deadline := time.After(time.Minute)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			o.t.Fatalf("waited for %s in vain; backlog %v", what, o.d.Backlog())
		case <-tick.C:
			o.clock.advance(0)
		}
	}
}

func (o *office) row(id audit.ID, name string) journal.Delivery {
	o.t.Helper()
	d, err := o.journal.Delivery(context.Background(), id, name)
	if err != nil {
		o.t.Fatalf("read delivery: %v", err)
	}
	return d
}

// tried waits until the n-th attempt is in the journal.
func (o *office) tried(id audit.ID, n int) journal.Delivery {
	o.t.Helper()
	o.await("an attempt", func() bool { return o.row(id, "bank").Attempts >= n })
	d := o.row(id, "bank")
	if d.Attempts != n {
		o.t.Fatalf("%d attempts, want %d", d.Attempts, n)
	}
	return d
}

// results lists how deliveries ended, in the order of the trail.
func (o *office) results() []string {
	o.t.Helper()
	var out []string
	err := o.journal.Records(context.Background(), 0, func(r *audit.Record) error {
		if r.Kind == audit.KindDelivery {
			out = append(out, r.Result)
		}
		return nil
	})
	if err != nil {
		o.t.Fatal(err)
	}
	return out
}
