// Package canary_test sends marked personal data and secrets through every
// endpoint and every way it can fail, and then looks for them: in logs, metrics,
// answers to others, and in every byte the gateway stored.
package canary_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
	"postern/proxy/edge"
)

// site is a rig with its markers and the switch of the journal's fault.
type site struct {
	*rig.Rig
	*marks
	t       *testing.T
	broken  atomic.Bool
	secrets *marks   // which not even apps and upstream may see
	session string   // of the On-Premises user
	others  [][]byte // answers to callers who may see nothing of anybody
}

var errFault = errors.New("injected")

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{marks: newMarks(t), t: t}
	s.Rig = rig.Start(t, rig.Options{Fault: func(step journal.Step) error {
		if s.broken.Load() && (step == journal.StepWrite || step == journal.StepRecover) {
			return errFault
		}
		return nil
	}})
	s.secrets = newMarks(t)
	for _, name := range []string{"meta-token", "app-secret", "verify-token", "webhook-secret", "operator-key"} {
		raw, err := os.ReadFile(filepath.Join(s.Dir, "secrets", name))
		s.check(err)
		s.secrets.add("secret "+name, s.add("secret "+name, strings.TrimSpace(string(raw))))
	}
	for _, name := range []string{"POSTERN_CLOUD_TOKEN", "POSTERN_D360_V1_KEY", "POSTERN_D360_V2_KEY", "POSTERN_ONPREM_PASSWORD"} {
		s.secrets.add(name, s.add(name, s.Env[name]))
	}
	s.add("DEMO_CONSENTED", s.Env["DEMO_CONSENTED"])
	s.add("DEMO_STRANGER", s.Env["DEMO_STRANGER"])
	return s
}

func (s *site) check(err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
}

// known are the places where the demo's own secrets lie by design; the
// simulator's state is no part of the gateway.
var known = []string{"secrets", "keys.json", "metasim", "postern.yaml", "demo.env"}

// TestNothingMarkedShows is the whole conversation.
func TestNothingMarkedShows(t *testing.T) {
	s := newSite(t)
	for _, part := range []struct {
		name string
		do   func(*site)
	}{
		{"sends", (*site).sends}, {"refusals", (*site).refusals}, {"bad requests", (*site).badRequests},
		{"app settings", (*site).appSettings}, {"reads", (*site).reads},
		{"upstream faults", (*site).upstreamFaults}, {"inbound", (*site).inbound}, {"bad webhooks", (*site).badWebhooks},
		{"deliveries", (*site).deliveries}, {"admin", (*site).admin}, {"commands", (*site).commands}, {"journal faults", (*site).journalFaults},
		{"credentials", (*site).credentials},
	} {
		started := time.Now()
		part.do(s)
		t.Logf("%s: %s, %d markers", part.name, time.Since(started).Round(time.Millisecond), s.count)
	}
	s.scanRunning()
	s.Stop()
	s.scanStopped()
}

// scanRunning looks while the log of the store is not copied into the file.
func (s *site) scanRunning() {
	s.t.Helper()
	for _, path := range []string{"/metrics", "/healthz", "/readyz"} {
		s.text(s.t, path, []byte(s.At(s.t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+path, "").Body))
	}
	for i, body := range s.others {
		s.text(s.t, fmt.Sprintf("answer %d", i), body)
	}
	s.files(s.t, s.Dir, known...)
	for _, hook := range s.Hooks.All() {
		s.secrets.text(s.t, "webhook to an app", fmt.Append(hook.Body, hook.Header))
	}
	taken, _ := s.Sim.Accepted(0, 10_000)
	if len(taken) < 30 {
		s.t.Errorf("upstream took only %d messages", len(taken))
	}
	raw, err := json.Marshal(taken)
	s.check(err)
	s.secrets.text(s.t, "what left", raw)
}

func (s *site) scanStopped() {
	s.t.Helper()
	s.covered()
	text := s.Log.String()
	if !strings.Contains(text, `"level":"error"`) || !strings.Contains(text, "alarm") {
		s.t.Error("the log holds neither errors nor alarms: the paths were not taken")
	}
	s.text(s.t, "log", []byte(text))
	s.files(s.t, s.Dir, known...)
	if n := s.cells(s.t, filepath.Join(s.Dir, "data", "journal.db")); n < 1000 {
		s.t.Errorf("only %d values in the tables", n)
	}
}

// covered wants every kind of record: a path that was not taken shows nothing.
func (s *site) covered() {
	s.t.Helper()
	kinds := map[string]bool{}
	for _, row := range s.SQL(s.t, "SELECT DISTINCT kind FROM audit") {
		kinds[row[0]] = true
	}
	for _, k := range []string{
		"admission", "read", "settle", "inbound", "status", "unmatched_send", "undecodable", "event", "delivery", "consent",
		"config", "access", "trail_read", "life", "unauth",
	} {
		if !kinds[k] {
			s.t.Errorf("no record of kind %s was made", k)
		}
	}
}

// TestScanFinds: the test above would see a marker, in whatever form.
func TestScanFinds(t *testing.T) {
	for _, c := range []struct {
		name string
		form func(m *marks) string
	}{
		{"plain", func(m *marks) string { return m.word("x") }},
		{"base64", func(m *marks) string { return b64("ab " + m.word("x") + " cd") }},
		{"base64 of a number, shifted", func(m *marks) string { return b64(`{"to":"` + m.number("x") + `"}`) }},
		{"hex", func(m *marks) string { return fmt.Sprintf("%x", "id "+m.wamid("x", "491713920001")) }},
		{"JSON escapes", func(m *marks) string { return escaped(m.email("x")) }},
		{"national number", func(m *marks) string { return "0" + m.number("x")[2:] }},
		{"compressed", func(m *marks) string { return packed(m.card("x")) }},
	} {
		probe := &testing.T{}
		m := newMarks(t)
		raw := []byte("some words before " + c.form(m) + " and after")
		m.text(probe, "text", raw)
		m.unpacked(probe, "text", raw)
		if !probe.Failed() {
			t.Errorf("%s was not seen", c.name)
		}
	}
}

// TestPanicShowsNothing: a handler that panics over a request ends the request
// and says nothing of it anywhere.
func TestPanicShowsNothing(t *testing.T) {
	m := newMarks(t)
	var std bytes.Buffer
	log.SetOutput(&std)
	defer log.SetOutput(os.Stderr)
	srv := httptest.NewUnstartedServer(nil)
	srv.Config = edge.NewServer(edge.Config{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		panic(fmt.Sprint(err, string(body), r.Header, r.URL)) // as a defect would
	})})
	srv.EnableHTTP2 = true
	srv.StartTLS()
	defer srv.Close()
	for _, http2 := range []bool{false, true} {
		client := srv.Client()
		client.Transport.(*http.Transport).ForceAttemptHTTP2 = http2
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, srv.URL+"/v1/messages?access_token="+m.word("token"), strings.NewReader(m.word("body")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Authorization", "Bearer "+m.word("key"))
		if resp, err := client.Do(req); err == nil {
			body, err := io.ReadAll(resp.Body)
			m.text(t, "answer", body)
			if err := errors.Join(err, resp.Body.Close()); err == nil && resp.StatusCode == http.StatusOK {
				t.Error("a panic was answered 200")
			}
		}
	}
	m.text(t, "standard log", std.Bytes())
}
