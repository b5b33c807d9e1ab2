package sim_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"postern/cmd/metasim/internal/hook"
	"postern/cmd/metasim/sim"
)

const (
	phoneID = "106540000000001"
	account = "200000000000001"
	secret  = "test_app_secret"
	token   = "EAATESTTOKEN"
	ana     = "+4915112345678"
)

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) forward(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

// app receives webhooks and answers 200, or what answer says.
type app struct {
	mu     sync.Mutex
	bodies []string
	bad    int // posts whose signature or alphabet is wrong
	answer func(n int) int
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		if r.URL.Query().Get("hub.verify_token") != "verify-me" {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
		return
	}
	body, err := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	wide := strings.ContainsFunc(string(body), func(c rune) bool { return c > 127 })
	if err != nil || wide || r.Header.Get("X-Hub-Signature-256") != hook.Sign([]byte(secret), body) {
		a.bad++
	}
	a.bodies = append(a.bodies, string(body))
	if a.answer != nil {
		w.WriteHeader(a.answer(len(a.bodies)))
	}
}

// world is a simulator with its webhook receiver.
type world struct {
	*testing.T
	sim   *sim.Server
	url   string
	app   *app
	clock *clock
}

// start runs a simulator whose statuses come without delay.
func start(t *testing.T, changes ...func(*sim.Config, *sim.Settings)) *world {
	t.Helper()
	w := &world{T: t, app: &app{}, clock: &clock{at: time.Unix(1767225600, 0).UTC()}}
	receiver := httptest.NewServer(w.app)
	t.Cleanup(receiver.Close)
	settings := sim.DefaultSettings()
	settings.Webhook, settings.DelaysMS, settings.Window = receiver.URL, []int{0}, sim.WindowOff
	cfg := sim.Config{
		Numbers: []sim.Number{
			{ID: phoneID, Display: "+49 1555 0100001", Account: account},
			{ID: "106540000000002", Display: "+1 555 0100002", Account: "200000000000002", Name: "Second"},
		},
		Tokens: []string{token}, AppSecret: secret, VerifyToken: "verify-me", Seed: 7, Now: w.clock.now,
		RetryBase: time.Millisecond, RetryMax: time.Millisecond, RetryAttempts: 3,
	}
	for _, change := range changes {
		change(&cfg, &settings)
	}
	cfg.Settings = &settings
	s, err := sim.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(s)
	w.sim, w.url = s, srv.URL
	t.Cleanup(func() {
		s.Release()
		srv.Close()
		_ = s.Close() // closed before by tests of restarts
	})
	return w
}

// call makes a Graph call with the token; body may be empty.
func (w *world) call(method, path, body string) (int, string) {
	w.Helper()
	req, err := http.NewRequestWithContext(w.Context(), method, w.url+path, strings.NewReader(body))
	if err != nil {
		w.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+token)
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	return w.do(req)
}

func (w *world) do(req *http.Request) (int, string) {
	w.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		w.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	out, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return res.StatusCode, string(out)
}

func (w *world) send(body string) (int, string) {
	w.Helper()
	return w.call("POST", "/v24.0/"+phoneID+"/messages", body)
}

func text(to string) string {
	return `{"messaging_product":"whatsapp","to":"` + to + `","type":"text","text":{"body":"x"}}`
}

func templated(to, name, components string) string {
	return `{"messaging_product":"whatsapp","to":"` + to + `","type":"template","template":{"name":"` + name +
		`","language":{"code":"en_US"},"components":[` + components + `]}}`
}

const oneParameter = `{"type":"body","parameters":[{"type":"text","text":"42"}]}`

// idle waits for all webhooks and checks that every one was signed.
func (w *world) idle() []string {
	w.Helper()
	ctx, cancel := context.WithTimeout(w.Context(), time.Minute)
	defer cancel()
	if err := w.sim.Idle(ctx); err != nil {
		w.Fatalf("webhooks are still under way: %v", err)
	}
	w.app.mu.Lock()
	defer w.app.mu.Unlock()
	if w.app.bad > 0 {
		w.Errorf("%d webhooks with a bad signature or beyond ASCII", w.app.bad)
	}
	return w.app.bodies
}

// await looks until the condition holds.
func (w *world) await(what string, holds func() bool) {
	w.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	deadline := time.After(time.Minute)
	for !holds() {
		select {
		case <-tick.C:
		case <-deadline:
			w.Fatalf("%s never came", what)
		}
	}
}

// dig follows names and indexes into JSON; the result is its text.
func dig(t *testing.T, doc string, path ...any) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(doc), &v); err != nil {
		t.Fatalf("%v in %s", err, doc)
	}
	for _, p := range path {
		switch key := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[key]
		case int:
			l, _ := v.([]any)
			if key >= len(l) {
				return "<nil>"
			}
			v = l[key]
		}
	}
	if s, ok := v.(string); ok {
		return s
	}
	if v == nil {
		return "<nil>"
	}
	out, err := json.Marshal(v, json.Deterministic(true), jsontext.CanonicalizeRawInts(false))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// value is the path to the value of the first change of a webhook.
func value(rest ...any) []any {
	return append([]any{"entry", 0, "changes", 0, "value"}, rest...)
}

func expect(t *testing.T, what, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %s, want %s", what, got, want)
	}
}

func (w *world) expectCode(what string, status int, body string, wantStatus, wantCode int) {
	w.Helper()
	if status != wantStatus || dig(w.T, body, "error", "code") != fmt.Sprint(wantCode) {
		w.Errorf("%s: got %d %s, want %d with code %d", what, status, body, wantStatus, wantCode)
	}
}
