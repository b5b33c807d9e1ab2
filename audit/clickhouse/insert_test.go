package clickhouse

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"postern/audit"
	"postern/audit/clickhouse/chtest"
)

// sent is one statement as the server gets it.
type sent struct {
	text     string // without the rows of an insert
	settings url.Values
	bytes    int64
}

// front stands before the engine, notes every statement and may change it.
type front struct {
	addr   string
	change *strings.Replacer // of texts; nil: none

	mu   sync.Mutex
	seen []sent
}

func newFront(t *testing.T, e *chtest.Server) *front {
	t.Helper()
	target, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	f := &front{}
	proxy := httputil.NewSingleHostReverseProxy(target)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f.note(t, r)
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.addr = server.Listener.Addr().String()
	return f
}

func (f *front) note(t *testing.T, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		t.Error(err)
	}
	s := sent{settings: r.URL.Query(), bytes: int64(len(body))}
	if s.text = s.settings.Get("query"); s.text == "" {
		if f.change != nil {
			body = []byte(f.change.Replace(string(body)))
		}
		s.text = string(body)
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, s)
}

// said are the statements that hold some words.
func (f *front) said(words string) (out []sent) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, s := range f.seen {
		if strings.Contains(s.text, words) {
			out = append(out, s)
		}
	}
	return out
}

// through is a store behind the front.
func through(t *testing.T, f *front, s *Store, with func(*Config)) *Store {
	t.Helper()
	cfg := s.cfg
	cfg.Endpoints = []string{f.addr}
	with(&cfg)
	out, err := Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = out.Close() }) // its part is over
	return out
}

// TestInsertSays: every insert carries its range as the token of deduplication,
// waits until it is done on as many replicas as are asked for, and is packed;
// what is read to know what is there waits for the quorum, too.
func TestInsertSays(t *testing.T) {
	e := chtest.Start(t)
	plain := store(t, e)
	f, j := newFront(t, e), openJournal(t, t.TempDir())
	appendMessages(t, j, 40)
	s := through(t, f, plain, func(c *Config) { c.Quorum = 2 })
	h, stop := shipping(t, s, j, ShipConfig{Rows: 25})
	shipped(t, h, j)
	stop()
	same(t, plain, j)
	inserts := f.said("INSERT INTO")
	if len(inserts) != 6 {
		t.Fatalf("%d inserts, want those of rows, leaves and counts of two batches", len(inserts))
	}
	for i, in := range inserts {
		rangeOfIt := []string{"test-chain 0-25 ", "test-chain 25-40 "}[i/3]
		if token := in.settings.Get("insert_deduplication_token"); !strings.HasPrefix(token, rangeOfIt) {
			t.Errorf("insert %d has the token %q", i, token)
		}
		for name, want := range map[string]string{
			"insert_deduplicate": "1", "async_insert": "0", "wait_end_of_query": "1", "distributed_foreground_insert": "1",
			"insert_quorum": "2", "insert_quorum_parallel": "0", "decompress": "1",
		} {
			if got := in.settings.Get(name); got != want {
				t.Errorf("insert %d: %s is %q, want %s", i, name, got, want)
			}
		}
	}
	if most := int64(25 * 1000); inserts[0].bytes > most {
		t.Errorf("25 rows take %d bytes on their way, more than %d: they are not packed", inserts[0].bytes, most)
	}
	looks := f.said("max(seq) + 1")
	for _, look := range looks {
		if look.settings.Get("select_sequential_consistency") != "1" {
			t.Errorf("does not wait for the quorum: %s", look.text)
		}
	}
	if len(looks) == 0 {
		t.Error("nobody looked at what is there")
	}
}

// TestInsertAgain: a batch that comes twice with the same range is there once,
// though it is packed otherwise.
func TestInsertAgain(t *testing.T) {
	e := chtest.Start(t)
	s := store(t, e)
	for _, reason := range []string{"ok", "another"} {
		b := newBuilder(s)
		b.begin("test-chain", 0, nil)
		for seq := range uint64(3) {
			r := placed(t, "test-chain", seq)
			r.Reasons = []string{reason}
			leaf, err := audit.AppendLeaf(nil, &r)
			if err != nil {
				t.Fatal(err)
			}
			r.Leaf = audit.LeafHash(leaf)
			if _, err := b.add(&r); err != nil {
				t.Fatal(err)
			}
		}
		packed, err := b.done()
		if err != nil {
			t.Fatal(err)
		}
		if err := s.put(t.Context(), packed); err != nil {
			t.Fatal(err)
		}
	}
	for _, table := range []string{"records", "leaves"} {
		if got := e.Query(t, "SELECT count(), uniqExact(seq) FROM "+s.table(table)); got != "3\t3" {
			t.Errorf("%s has rows and numbers %q", table, got)
		}
	}
}

// TestRunningInsertIsAwaited: while an insert of an earlier life runs, nobody
// knows what will be there, so nothing is sent.
func TestRunningInsertIsAwaited(t *testing.T) {
	e := chtest.Start(t)
	plain := store(t, e)
	running := plain.table("running") // stands in for system.processes
	e.Query(t, "CREATE TABLE "+running+" (query_id String, is_initial_query UInt8) ENGINE = Memory")
	e.Query(t, fmt.Sprintf("INSERT INTO %s VALUES ('%s', 1), ('another', 1)", running, queryID("test-chain")))
	f, j := newFront(t, e), openJournal(t, t.TempDir())
	f.change = strings.NewReplacer("system.processes", running)
	appendMessages(t, j, 5)
	h, stop := shipping(t, through(t, f, plain, func(c *Config) { c.Compression = "" }), j, ShipConfig{})
	await(t, "the insert to be noticed", func() bool { err := h.Status().Err; return err != nil && err.Error() == errRunning.Error() })
	if n := len(f.said("INSERT INTO")); n > 0 || h.Confirmed() != 0 {
		t.Errorf("%d inserts were sent, %d records are confirmed", n, h.Confirmed())
	}
	e.Query(t, "TRUNCATE TABLE "+running)
	shipped(t, h, j)
	stop()
	same(t, plain, j)
}

// TestBatchOfLargeRecords: a batch ends with its bytes, too.
func TestBatchOfLargeRecords(t *testing.T) {
	b := newBuilder(aside(t, "", false))
	b.begin("test-chain", 0, nil)
	body := bytes.Repeat([]byte("x"), batchBytes/4)
	for seq := range uint64(6) {
		r := placed(t, "test-chain", seq)
		r.Parts[0] = audit.NewPart(audit.PartBody, body)
		leaf, err := audit.AppendLeaf(nil, &r)
		if err != nil {
			t.Fatal(err)
		}
		r.Leaf = audit.LeafHash(leaf)
		enough, err := b.add(&r)
		if err != nil {
			t.Fatal(err)
		}
		if enough {
			if seq != 3 {
				t.Errorf("it ends with record %d", seq)
			}
			return
		}
	}
	t.Error("it does not end")
}
