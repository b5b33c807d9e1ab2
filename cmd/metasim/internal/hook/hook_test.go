package hook_test

import (
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
)

func TestSignatureVector(t *testing.T) {
	got := hook.Sign([]byte("test_app_secret"), []byte(`{"object":"whatsapp_business_account","entry":[]}`))
	want := "sha256=dec6a680679a968e7e0319355b23599cbfc54502c0784668e9618baa0c633756"
	if got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestEscape(t *testing.T) {
	cases := map[string]string{
		`{"a":"x"}`: `{"a":"x"}`,
		`"Ünï"`:     `"\u00dcn\u00ef"`,
		`"👍 ok"`:    `"\ud83d\udc4d ok"`,
		`"漢/é"`:     `"\u6f22/\u00e9"`,
	}
	for in, want := range cases {
		if got := string(hook.Escape([]byte(in))); got != want {
			t.Errorf("%s: got %s, want %s", in, got, want)
		}
	}
}

func message(id string) hook.Update {
	return hook.Update{
		ID: id, Account: "w", Field: "messages", PhoneID: "1", Display: "49151", List: hook.Messages,
		Person: jsontext.Value(`{"wa_id":"5"}`), Item: jsontext.Value(`{"id":"` + id + `"}`),
	}
}

func TestEnvelope(t *testing.T) {
	now := time.Unix(1767225600, 0)
	status := message("c")
	status.List = hook.Statuses
	other := hook.Update{Account: "w", Field: "account_update", Item: jsontext.Value(`{"event":"X"}`)}
	elsewhere := message("d")
	elsewhere.Account = "v"
	got := string(hook.Envelope([]hook.Update{message("a"), message("b"), status, other, elsewhere}, now))
	head := `{"messaging_product":"whatsapp","metadata":{"display_phone_number":"49151","phone_number_id":"1"},"contacts":[{"wa_id":"5"}],`
	want := `{"object":"whatsapp_business_account","entry":[{"id":"w","changes":[` +
		`{"field":"messages","value":` + head + `"messages":[{"id":"a"},{"id":"b"}]}},` +
		`{"field":"messages","value":` + head + `"statuses":[{"id":"c"}]}},` +
		`{"field":"account_update","value":{"event":"X"}}]},` +
		`{"id":"v","changes":[{"field":"messages","value":` + head + `"messages":[{"id":"d"}]}}]}]}`
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	alone := string(hook.Envelope([]hook.Update{other}, now))
	if !strings.Contains(alone, `"id":"w","time":1767225600,"changes"`) {
		t.Errorf("an account field has no time: %s", alone)
	}
}

// app is a webhook receiver that answers from a list of statuses, the last
// one for ever.
type app struct {
	mu      sync.Mutex
	answers []int
	bodies  []string
	wrong   int // posts with a bad signature
}

func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	a.mu.Lock()
	defer a.mu.Unlock()
	if err != nil || r.Header.Get("X-Hub-Signature-256") != hook.Sign([]byte("s"), body) {
		a.wrong++
	}
	a.bodies = append(a.bodies, string(body))
	status := a.answers[0]
	if len(a.answers) > 1 {
		a.answers = a.answers[1:]
	}
	w.WriteHeader(status)
}

// start runs a sender against the app; the channel gets every attempt.
func start(t *testing.T, a *app, change func(*hook.Config)) (*hook.Sender, chan hook.Delivery) {
	t.Helper()
	srv := httptest.NewServer(a)
	t.Cleanup(srv.Close)
	attempts := make(chan hook.Delivery, 4096)
	cfg := hook.Config{
		Endpoint: func(_ hook.Update, body []byte) (string, http.Header) {
			return srv.URL, http.Header{"X-Hub-Signature-256": {hook.Sign([]byte("s"), body)}}
		},
		Client:    srv.Client(),
		Now:       time.Now,
		Record:    func(d hook.Delivery) { attempts <- d },
		RetryBase: time.Millisecond, RetryMax: 2 * time.Millisecond, Attempts: 3, Workers: 4,
	}
	if change != nil {
		change(&cfg)
	}
	s := hook.New(cfg)
	t.Cleanup(s.Close)
	return s, attempts
}

func TestRetriesUntilAnswered(t *testing.T) {
	a := &app{answers: []int{503, 204, 200}}
	s, attempts := start(t, a, nil)
	done := make(chan hook.Delivery, 1)
	s.Enqueue(message("a"), func(d hook.Delivery) { done <- d })
	last := <-done
	if last.Outcome != hook.Delivered || last.Attempt != 3 || last.Status != 200 {
		t.Errorf("last attempt: %+v", last)
	}
	for i, status := range []int{503, 204, 200} {
		if d := <-attempts; d.Status != status || d.Attempt != i+1 || d.IDs[0] != "a" {
			t.Errorf("attempt %d: %+v", i+1, d)
		}
	}
	if a.wrong != 0 || a.bodies[0] != a.bodies[2] {
		t.Errorf("%d bad signatures; bodies %q", a.wrong, a.bodies)
	}
}

func TestGivesUp(t *testing.T) {
	s, _ := start(t, &app{answers: []int{500}}, nil)
	done := make(chan hook.Delivery, 1)
	s.Enqueue(message("a"), func(d hook.Delivery) { done <- d })
	if d := <-done; d.Outcome != hook.GivenUp || d.Attempt != 3 {
		t.Errorf("got %+v", d)
	}
	if s.Pending() != 0 {
		t.Errorf("%d still pending", s.Pending())
	}
}

func TestUnreachable(t *testing.T) {
	s, _ := start(t, &app{answers: []int{200}}, func(c *hook.Config) {
		c.Endpoint = func(hook.Update, []byte) (string, http.Header) { return "http://127.0.0.1:1/x", nil }
	})
	done := make(chan hook.Delivery, 1)
	s.Enqueue(message("a"), func(d hook.Delivery) { done <- d })
	if d := <-done; d.Status != 0 || d.Error == "" || d.Outcome != hook.GivenUp {
		t.Errorf("got %+v", d)
	}
}

func TestOrderWithinOneMessage(t *testing.T) {
	a := &app{answers: []int{200}}
	s, attempts := start(t, a, nil)
	for i := range 20 {
		u := message("same")
		u.Serial = int64(i)
		s.Enqueue(u, nil)
	}
	for i := range 20 {
		if d := <-attempts; d.Serials[0] != int64(i) {
			t.Fatalf("update %d came as number %d", d.Serials[0], i)
		}
	}
}

func TestBatch(t *testing.T) {
	a := &app{answers: []int{200}}
	busy, release := make(chan struct{}), make(chan struct{})
	s, attempts := start(t, a, func(c *hook.Config) {
		endpoint, hold := c.Endpoint, sync.OnceFunc(func() { close(busy); <-release })
		c.Endpoint = func(u hook.Update, body []byte) (string, http.Header) { hold(); return endpoint(u, body) }
	})
	s.Batch(1000, time.Millisecond)
	s.Enqueue(message("m"), nil)
	<-busy // what comes now waits together
	for range 1500 {
		s.Enqueue(message("m"), nil)
	}
	close(release)
	<-attempts
	first, second := <-attempts, <-attempts
	if len(first.Serials) != 1000 || len(second.Serials) != 500 {
		t.Errorf("batches of %d and %d", len(first.Serials), len(second.Serials))
	}
	var body struct {
		Entry []struct {
			Changes []struct {
				Value struct {
					Messages []jsontext.Value `json:"messages"`
				} `json:"value"`
			} `json:"changes"`
		} `json:"entry"`
	}
	if err := json.Unmarshal(first.Body, &body); err != nil || len(body.Entry[0].Changes[0].Value.Messages) != 1000 {
		t.Errorf("first body: %v", err)
	}
}

func TestDropsAboveLimit(t *testing.T) {
	s, attempts := start(t, &app{answers: []int{200}}, func(c *hook.Config) { c.Limit = 1 })
	s.EnqueueAll([]hook.Update{message("a"), message("b")}, nil)
	if d := <-attempts; d.Outcome != hook.Dropped || s.Pending() != 0 {
		t.Errorf("got %+v, pending %d", d, s.Pending())
	}
}
