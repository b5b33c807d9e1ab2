// Package exporttest has receivers of exports for tests: Splunk's HTTP Event
// Collector, Datadog's intake of logs and a syslog collector, each over TLS on
// loopback. They take what the documents of each allow and nothing else: what is
// not so fails the test.
package exporttest

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

// Event is what of an event the tests look at.
type Event struct {
	Schema   int      `json:"schema"`
	Chain    string   `json:"chain"`
	Seq      uint64   `json:"seq"`
	Prev     string   `json:"prev"`
	Leaf     string   `json:"leaf"`
	Previous *uint64  `json:"previous_exported"`
	Kind     string   `json:"kind"`
	Time     int64    `json:"time"` // microseconds
	Effect   string   `json:"effect"`
	Body     string   `json:"body"`
	Omitted  []string `json:"omitted"`
	Raw      []byte   `json:"-"`
	Stamped  bool     `json:"-"` // the receiver was told its time
}

// at is the event's own time.
func (e Event) at() time.Time { return time.UnixMicro(e.Time).UTC() }

// urgent reports whether an event may be told to be that urgent to who watches.
// One that came without its fields does not say.
func (e Event) urgent(what string) bool {
	return what == e.urgency() || slices.Contains(e.Omitted, "*") && what == "notice"
}

func (e Event) urgency() string {
	switch {
	case e.Kind == "unmatched_send", e.Kind == "undecodable":
		return "warning"
	case e.Effect == "deny":
		return "notice"
	}
	return "info"
}

// Inbox keeps what arrived, in order.
type Inbox struct {
	t  testing.TB
	mu sync.Mutex

	events  []Event
	arrived chan struct{}
}

func newInbox(t testing.TB) *Inbox { return &Inbox{t: t, arrived: make(chan struct{}, 1)} }

func (in *Inbox) add(batch ...Event) {
	in.mu.Lock()
	in.events = append(in.events, batch...)
	in.mu.Unlock()
	select {
	case in.arrived <- struct{}{}:
	default:
	}
}

// Events are those that arrived so far.
func (in *Inbox) Events() []Event {
	in.mu.Lock()
	defer in.mu.Unlock()
	return append([]Event(nil), in.events...)
}

// Await waits until what arrived is enough, and gives it.
func (in *Inbox) Await(enough func([]Event) bool) []Event {
	in.t.Helper()
	ctx, cancel := context.WithTimeout(in.t.Context(), 60*time.Second)
	defer cancel()
	for {
		if got := in.Events(); enough(got) {
			return got
		}
		select {
		case <-in.arrived:
		case <-ctx.Done():
			in.t.Fatalf("%d events came, which is not enough", len(in.Events()))
		}
	}
}

// AwaitSeq waits for one record.
func (in *Inbox) AwaitSeq(seq uint64) []Event {
	in.t.Helper()
	return in.Await(func(all []Event) bool {
		for _, e := range all {
			if e.Seq == seq {
				return true
			}
		}
		return false
	})
}

func (in *Inbox) decode(raw []byte) (Event, bool) {
	var e Event
	if err := json.Unmarshal(raw, &e); err != nil || e.Schema != 1 || e.Chain == "" || len(e.Leaf) != 64 || len(e.Prev) != 64 || e.Kind == "" {
		in.t.Errorf("what came is no event: %v", err)
		return e, false
	}
	for _, c := range raw {
		if c < ' ' || c > '~' {
			in.t.Errorf("record %d has byte %#x", e.Seq, c)
			return e, false
		}
	}
	e.Raw = append([]byte(nil), raw...)
	return e, true
}

// Web is an HTTPS receiver.
type Web struct {
	*Inbox
	URL    string
	CA     string // PEM file of its root
	server *httptest.Server

	mu      sync.Mutex
	hook    func(w http.ResponseWriter, r *http.Request) bool
	clients *x509.CertPool
}

// Answer lets a hook answer requests: where it returns true, the receiver itself
// neither looks nor answers. Nil takes it away.
func (s *Web) Answer(hook func(w http.ResponseWriter, r *http.Request) bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.hook = hook
}

// Ask demands of every connection from now on a certificate that one of the roots
// vouches for.
func (s *Web) Ask(clients *x509.CertPool) {
	s.mu.Lock()
	s.clients = clients
	s.mu.Unlock()
	s.server.CloseClientConnections()
}

// config is what a connection is judged by; nil: as the server began.
func (s *Web) config(*tls.ClientHelloInfo) (*tls.Config, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients == nil {
		return nil, nil
	}
	conf := s.server.TLS.Clone()
	conf.ClientAuth, conf.ClientCAs = tls.RequireAndVerifyClientCert, s.clients
	return conf, nil
}

// Client trusts the receiver.
func (s *Web) Client() *http.Client { return s.server.Client() }

// TLS trusts the receiver.
func (s *Web) TLS() *tls.Config { return s.server.Client().Transport.(*http.Transport).TLSClientConfig }

func newWeb(t testing.TB, serve http.HandlerFunc) *Web {
	s := &Web{Inbox: newInbox(t)}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		hook := s.hook
		s.mu.Unlock()
		if hook == nil || !hook(w, r) {
			serve(w, r)
		}
	}))
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of each client that it refuses
	s.server.TLS = &tls.Config{GetConfigForClient: s.config, MinVersion: tls.VersionTLS12}
	s.server.StartTLS()
	t.Cleanup(func() { s.server.CloseClientConnections(); s.server.Close() })
	s.URL, s.CA = s.server.URL, writeRoot(t, s.server)
	return s
}

// writeRoot writes the server's own certificate as a root.
func writeRoot(t testing.TB, s *httptest.Server) string {
	path := filepath.Join(t.TempDir(), "root.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}
