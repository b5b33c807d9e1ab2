package inbound_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"postern/audit"
	"postern/audit/journal"
	"postern/crypto/keyring"
	"postern/policies"
	"postern/policy"
	"postern/policy/facts"
	"postern/policy/pii"
	"postern/proxy"
	"postern/proxy/delivery"
	"postern/proxy/dialect"
	"postern/proxy/edge"
	"postern/proxy/inbound"
	"postern/proxy/limit"
	"postern/proxy/person"
)

const (
	number   = "106540352242922"
	current  = "current app secret"
	previous = "previous app secret"
	verify   = "verify-token-marker"
)

// post is the webhook listener of a bank on a real socket.
type post struct {
	t       *testing.T
	url     string
	client  *http.Client
	broken  atomic.Bool
	journal *journal.Journal
	secrets [][]byte
	log     bytes.Buffer
	seen    []int
}

type silent struct{}

func (silent) Decision(_, _, _ string) {}
func (silent) Commit(time.Duration)    {}
func (silent) Alarm(string)            {}

func newPost(t *testing.T) *post {
	t.Helper()
	p := &post{t: t, secrets: [][]byte{[]byte(current), []byte(previous)}}
	dir := t.TempDir()
	keys, err := keyring.Create(filepath.Join(dir, "keys"), keyring.Config{Name: "test"})
	p.check(err)
	t.Cleanup(keys.Close)
	p.journal, err = journal.Open(t.Context(), journal.Config{Path: dir, Chain: "test", Now: time.Now, MinFree: -1, Hook: p.hook, RecoverWait: time.Millisecond})
	p.check(err)
	t.Cleanup(func() { p.check(p.journal.Close()) })
	srv := httptest.NewUnstartedServer(nil)
	strangers := limit.NewStrangers(p.journal, func(s string) (string, error) { return "hash", nil }, time.Now)
	h := inbound.New(inbound.Config{
		Gate: p.gate(keys), Tenant: p.tenant, Strangers: strangers, Now: time.Now, Log: zerolog.New(&p.log),
		Observe: func(status int, _ time.Duration) { p.seen = append(p.seen, status) },
	})
	srv.Config = edge.NewServer(edge.Config{Handler: h, Refuse: h.Refuse})
	srv.StartTLS()
	t.Cleanup(srv.Close)
	p.url, p.client = srv.URL, srv.Client()
	return p
}

func (p *post) check(err error) {
	p.t.Helper()
	if err != nil {
		p.t.Fatal(err)
	}
}

func (p *post) hook(s journal.Step) error {
	if p.broken.Load() && (s == journal.StepCommit || s == journal.StepRecover) {
		return errors.New("injected")
	}
	return nil
}

// embedded is the policy as it comes, compiled once.
var embedded = sync.OnceValues(func() (*policy.Engine, error) { return policy.Load(context.Background(), policies.Files) })

func (p *post) gate(keys *keyring.Keyring) *proxy.Gate {
	p.t.Helper()
	engine, err := embedded()
	p.check(err)
	people, err := person.Load(p.t.Context(), person.Config{Journal: p.journal, Keys: keys, Now: time.Now, Linked: func(string, audit.SubjectID, audit.SubjectID, bool) {}})
	p.check(err)
	scanner, err := pii.New(pii.Config{})
	p.check(err)
	account := proxy.Account{Tenant: "bank", WABA: "1", App: "loans", Dialect: dialect.Cloud}
	return proxy.New(proxy.Config{
		Journal: p.journal, Keys: keys, Policy: engine, Facts: facts.New(), People: people, Scanner: scanner, Now: time.Now,
		Log: zerolog.Nop(), Deliver: func([]delivery.Event) {}, Observe: silent{}, Unknown: time.Minute,
		Accounts: func(n string) (proxy.Account, bool) { return account, n == number },
	})
}

func (p *post) tenant(name string) (inbound.Tenant, bool) {
	switch name {
	case "bank":
		return inbound.Tenant{Name: name, Secrets: func() [][]byte { return p.secrets }, Verify: func() []byte { return []byte(verify) }}, true
	case "bare": // nothing is set: everything is refused
		return inbound.Tenant{Name: name, Secrets: func() [][]byte { return [][]byte{{}} }, Verify: func() []byte { return nil }}, true
	}
	return inbound.Tenant{}, false
}

func sign(secret string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body) //nolint:errcheck // hash.Hash never returns an error
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// send posts a webhook; an empty signature sends none.
func (p *post) send(tenant, signature string, body []byte) int {
	p.t.Helper()
	req, err := http.NewRequestWithContext(p.t.Context(), http.MethodPost, p.url+"/webhook/"+tenant, bytes.NewReader(body))
	p.check(err)
	req.Header.Set("Content-Type", "application/json")
	if signature != "" {
		req.Header.Set("X-Hub-Signature-256", signature)
	}
	return p.do(req, "")
}

// do gives the status and wants the body to be answer.
func (p *post) do(req *http.Request, answer string) int {
	p.t.Helper()
	resp, err := p.client.Do(req)
	p.check(err)
	body, err := io.ReadAll(resp.Body)
	p.check(errors.Join(err, resp.Body.Close()))
	if string(body) != answer {
		p.t.Errorf("answered %q, want %q", body, answer)
	}
	return resp.StatusCode
}

func webhook(id string) []byte {
	return fmt.Appendf(nil, `{"object":"whatsapp_business_account", "entry":[{"id":"1","changes":[{"field":"messages","value":{"metadata":{"phone_number_id":"%s"},`+
		`"messages":[{"id":"%s","from":"491713920001","timestamp":"%d","type":"text","text":{"body":"caf\u00e9 \/ body-marker"}}]}}]}]}`, number, id, time.Now().Unix())
}

func (p *post) recorded() int {
	p.t.Helper()
	n := 0
	p.check(p.journal.Records(context.Background(), 0, func(r *audit.Record) error {
		if r.Kind == audit.KindInbound || r.Kind == audit.KindUndecodable {
			n++
		}
		return nil
	}))
	return n
}

// TestSignature is over the raw bytes, by the current or the previous secret.
func TestSignature(t *testing.T) {
	p := newPost(t)
	body := webhook("w1")
	respaced := bytes.ReplaceAll(body, []byte(`, "entry"`), []byte(`,"entry"`))
	for _, c := range []struct {
		name, tenant, signature string
		body                    []byte
		want                    int
	}{
		{"current secret", "bank", sign(current, body), body, 200},
		{"previous secret", "bank", sign(previous, webhook("w2")), webhook("w2"), 200},
		{"capital hex", "bank", "sha256=" + strings.ToUpper(sign(current, body)[7:]), body, 200},
		{"no JSON is kept all the same", "bank", sign(current, []byte("not JSON")), []byte("not JSON"), 200},
		{"none", "bank", "", body, 401},
		{"wrong secret", "bank", sign("another", body), body, 401},
		{"of another body", "bank", sign(current, respaced), body, 401},
		{"SHA-1", "bank", strings.Replace(sign(current, body), "sha256=", "sha1=", 1), body, 401},
		{"no prefix", "bank", sign(current, body)[7:], body, 401},
		{"cut short", "bank", sign(current, body)[:40], body, 401},
		{"longer", "bank", sign(current, body) + "00", body, 401},
		{"no hex", "bank", "sha256=" + strings.Repeat("z", 64), body, 401},
		{"empty secret", "bare", sign("", body), body, 401},
		{"unknown tenant", "clinic", sign(current, body), body, 404},
		{"no tenant", "", sign(current, body), body, 400},
		{"deeper path", "bank/more", sign(current, body), body, 404},
	} {
		before := p.recorded()
		if got := p.send(c.tenant, c.signature, c.body); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
		if c.want != 200 && p.recorded() != before {
			t.Errorf("%s: recorded though refused", c.name)
		}
	}
	if n := p.recorded(); n != 3 {
		t.Errorf("%d records, want 3", n)
	}
	p.secrets = p.secrets[:1] // the overlap is over
	if got := p.send("bank", sign(previous, webhook("w3")), webhook("w3")); got != 401 {
		t.Errorf("the previous secret after its end: %d", got)
	}
	if log := p.log.String(); log != "" {
		t.Errorf("logged %s", log)
	}
}

// TestTwoSignatures: which one another parser takes is not known.
func TestTwoSignatures(t *testing.T) {
	p := newPost(t)
	body := webhook("w1")
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/webhook/bank", bytes.NewReader(body))
	p.check(err)
	req.Header["X-Hub-Signature-256"] = []string{sign(current, body), sign("another", body)}
	if got := p.do(req, ""); got != http.StatusBadRequest || p.recorded() != 0 {
		t.Errorf("%d, %d recorded", got, p.recorded())
	}
}

func TestChallenge(t *testing.T) {
	p := newPost(t)
	for _, c := range []struct {
		name, tenant, mode, token, challenge string
		want                                 int
	}{
		{"right", "bank", "subscribe", verify, "1158201444", 200},
		{"wrong token", "bank", "subscribe", "guess", "1158201444", 403},
		{"no token", "bank", "subscribe", "", "1158201444", 403},
		{"no token set", "bare", "subscribe", "", "1158201444", 403},
		{"other mode", "bank", "unsubscribe", verify, "1158201444", 403},
		{"no challenge", "bank", "subscribe", verify, "", 403},
		{"markup", "bank", "subscribe", verify, "<script>", 403},
		{"long", "bank", "subscribe", verify, strings.Repeat("1", 65), 403},
		{"unknown tenant", "clinic", "subscribe", verify, "1158201444", 404},
	} {
		q := url.Values{"hub.mode": {c.mode}, "hub.verify_token": {c.token}, "hub.challenge": {c.challenge}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, p.url+"/webhook/"+c.tenant+"?"+q.Encode(), nil)
		p.check(err)
		answer := ""
		if c.want == 200 {
			answer = c.challenge
		}
		if got := p.do(req, answer); got != c.want {
			t.Errorf("%s: %d, want %d", c.name, got, c.want)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPut, p.url+"/webhook/bank", nil)
	p.check(err)
	if got := p.do(req, ""); got != http.StatusMethodNotAllowed {
		t.Errorf("PUT: %d", got)
	}
}

// TestCommitBeforeAnswer: 200 only after the commit; Meta sends the rest again.
func TestCommitBeforeAnswer(t *testing.T) {
	p := newPost(t)
	body := webhook("w1")
	p.broken.Store(true)
	for range 3 {
		if got := p.send("bank", sign(current, body), body); got != http.StatusServiceUnavailable {
			t.Fatalf("answered %d without record", got)
		}
	}
	p.broken.Store(false)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for late := time.Now().Add(time.Minute); p.journal.Err() != nil && time.Now().Before(late); {
		<-tick.C
	}
	for range 2 { // and a repeat is answered 200
		if got := p.send("bank", sign(current, body), body); got != 200 || p.recorded() != 1 {
			t.Errorf("answered %d, %d recorded", got, p.recorded())
		}
	}
	if log := p.log.String(); !strings.Contains(log, "webhook not recorded") || strings.Contains(log, "marker") || strings.Contains(log, "491713920001") {
		t.Errorf("logged %s", log)
	}
	if !slices.Equal(p.seen, []int{503, 503, 503, 200, 200}) {
		t.Errorf("observed %v", p.seen)
	}
}

// TestSize: Meta's largest webhook is taken, what is beyond any is not read.
func TestSize(t *testing.T) {
	p := newPost(t)
	pad := func(n int) []byte {
		body := webhook("w1")
		return append(body, bytes.Repeat([]byte(" "), n-len(body))...)
	}
	for _, c := range []struct{ size, want int }{{3 << 20, 200}, {inbound.MaxBody, 200}, {inbound.MaxBody + 1, 400}} {
		body := pad(c.size)
		if got := p.send("bank", sign(current, body), body); got != c.want {
			t.Errorf("%d bytes: %d, want %d", c.size, got, c.want)
		}
	}
	body := pad(inbound.MaxBody + 1)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, p.url+"/webhook/bank", io.MultiReader(bytes.NewReader(body))) // chunked
	p.check(err)
	req.Header.Set("X-Hub-Signature-256", sign(current, body))
	if got := p.do(req, ""); got != http.StatusBadRequest {
		t.Errorf("chunked: %d", got)
	}
}
