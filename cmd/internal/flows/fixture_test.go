package flows_test

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/flows"
)

// app serves the flows of the demo's Cloud number.
type app struct {
	mu     sync.Mutex
	asked  []*http.Request
	bodies []string
	answer http.HandlerFunc
}

// ServeHTTP keeps the request and answers as told.
func (a *app) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	a.mu.Lock()
	if err == nil {
		a.asked, a.bodies = append(a.asked, r), append(a.bodies, string(body))
	}
	answer := a.answer
	a.mu.Unlock()
	r.Body = io.NopCloser(bytes.NewReader(body))
	answer(w, r)
}

func (a *app) says(answer http.HandlerFunc) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answer, a.asked, a.bodies = answer, nil, nil
}

func (a *app) calls() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.bodies)
}

func (a *app) last(t *testing.T) (*http.Request, string) {
	t.Helper()
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.bodies) != 1 {
		t.Fatalf("the app was asked %d times", len(a.bodies))
	}
	return a.asked[0], a.bodies[0]
}

func status(code int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(code)
		io.WriteString(w, body) //nolint:errcheck // the gateway reads what it gets
	}
}

// world is a rig whose Cloud number has flows.
type world struct {
	*rig.Rig
	app           *app
	current, last *flows.Key
}

func start(t *testing.T, plain bool, fault func(journal.Step) error) *world {
	t.Helper()
	refusal := "encrypted"
	if plain {
		refusal = "plain"
	}
	return startWith(t, "timeout: 1s, token_refusal: "+refusal, "", fault)
}

// startWith adds members to the number's flow and to its endpoint.
func startWith(t *testing.T, members, endpoint string, fault func(journal.Step) error) *world {
	t.Helper()
	w := &world{app: &app{}}
	w.app.says(status(http.StatusOK, `{"screen":"NEXT","data":{}}`))
	server := httptest.NewServer(w.app)
	t.Cleanup(server.Close)
	w.current, w.last = newKey(t, "FLOW_KEY"), newKey(t, "FLOW_KEY_PREVIOUS")
	w.Rig = rig.Start(t, rig.Options{Fault: fault, Config: func(text string) string {
		text = strings.Replace(text, `allow_targets: ["`, `allow_targets: ["`+strings.TrimPrefix(server.URL, "http://")+`", "`, 1)
		_, host, _ := strings.Cut(text, `base_url: "https://`)
		host, _, _ = strings.Cut(host, `"`)
		members := strings.ReplaceAll(members, "SIMULATOR", host)
		return strings.Replace(text, `display: "+49 30 23125 001"`, `display: "+49 30 23125 001", flow: {key: "env:FLOW_KEY", key_previous: "env:FLOW_KEY_PREVIOUS", `+
			members+`, endpoint: {`+endpoint+`url: "`+server.URL+`/flow", headers: {X-Origin: postern}, secret: "file:secrets/webhook-secret"}}`, 1)
	}})
	w.upload(t, w.current)
	return w
}

// newKey makes a key and puts it where the configuration finds it.
func newKey(t *testing.T, name string) *flows.Key {
	t.Helper()
	k, err := flows.NewKey()
	if err != nil {
		t.Fatal(err)
	}
	text, err := k.Private()
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(name, string(text))
	return k
}

func public(t *testing.T, k *flows.Key) string {
	t.Helper()
	text, err := k.Public()
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// upload gives Meta a public key.
func (w *world) upload(t *testing.T, k *flows.Key) {
	t.Helper()
	a := w.At(t, http.MethodPost, w.Env["METASIM_GRAPH_URL"]+"/v25.0/"+w.Env["POSTERN_PHONE_ID"]+"/whatsapp_business_encryption",
		url.Values{"business_public_key": {public(t, k)}}.Encode(),
		"Authorization: Bearer "+w.Secret(t, "meta-token"), "Content-Type: application/x-www-form-urlencoded")
	if a.Status != http.StatusOK {
		t.Fatalf("upload: %d %s", a.Status, a.Body)
	}
}

// client sends a request as a person's client does.
func (w *world) client(t *testing.T, call sim.FlowCall) sim.FlowReply {
	t.Helper()
	out, err := w.Sim.Flow(t.Context(), call)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// does is client for a request alone.
func (w *world) does(t *testing.T, request string) sim.FlowReply {
	t.Helper()
	return w.client(t, sim.FlowCall{Request: []byte(request)})
}
