package endpoints

import (
	"crypto/tls"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/crypto/certs"
)

// privateHook is an app's webhook under an authority that nobody else knows.
type privateHook struct {
	url, host, ca string
	broken        atomic.Int64 // handshakes that clients ended

	mu  sync.Mutex
	got []string
}

func newPrivateHook(t *testing.T) *privateHook {
	t.Helper()
	authority, err := certs.NewAuthority("an app's own", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue(time.Now(), time.Hour, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	h := &privateHook{ca: string(authority.CertPEM())}
	server := httptest.NewUnstartedServer(h)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = log.New(h, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	h.url, h.host = server.URL+"/events", strings.TrimPrefix(server.URL, "https://")
	return h
}

// Write counts the server's complaints about handshakes.
func (h *privateHook) Write(p []byte) (int, error) {
	if strings.Contains(string(p), "TLS handshake error") {
		h.broken.Add(1)
	}
	return len(p), nil
}

func (h *privateHook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, string(body))
}

func (h *privateHook) has(words string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return strings.Contains(strings.Join(h.got, "\n"), words)
}

func (h *privateHook) say(t *testing.T, r *rig.Rig, words string) {
	t.Helper()
	_, err := r.Sim.Inbound(t.Context(), sim.Inbound{
		PhoneID: r.Env["POSTERN_ONPREM_PHONE_ID"], From: r.Env["DEMO_CONSENTED"], Wait: true,
		Message: map[string]any{"type": "text", "text": map[string]any{"body": words}},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWebhookAuthority: an app's webhook under a private authority gets its
// events from when the app names the authority until it takes it back.
func TestWebhookAuthority(t *testing.T) {
	t.Parallel()
	h := newPrivateHook(t)
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, `allow_targets: [`, `allow_targets: ["`+h.host+`", `, 1)
	}})
	auth := loginAdmin(t, r)
	const path = "/v1/certificates/webhooks/ca"
	walk(t, r, auth, []step{{"target", "PATCH", "/v1/settings/application", `{"webhooks":{"url":"` + h.url + `"}}`, 200, h.url}})
	walk(t, r, auth, []step{
		{"none yet", "GET", path, "", 404, `"code":1006`},
		{"none to delete", "DELETE", path, "", 404, `"code":1006`},
		{"nothing sent", "POST", path, "", 400, "BEGIN CERTIFICATE"},
		{"no PEM", "POST", path, "hello", 400, "BEGIN CERTIFICATE"},
		{"words before it", "POST", path, "hello\n" + h.ca, 400, "BEGIN CERTIFICATE"},
		{"another kind", "POST", path, strings.ReplaceAll(h.ca, "CERTIFICATE", "PUBLIC KEY"), 400, "BEGIN CERTIFICATE"},
		{"damaged", "POST", path, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", 400, "damaged"},
	}, "Content-Type: text/plain")
	h.say(t, r, "the first event")
	rig.Await(t, "a refused handshake", func() bool { return h.broken.Load() > 0 })
	if h.has("the first event") {
		t.Fatal("an event went to a server that nobody vouches for")
	}
	walk(t, r, auth, []step{
		{"named", "POST", path, h.ca, 200, `"meta"`},
		{"shown", "GET", path, "", 200, strings.TrimSpace(h.ca)},
	}, "Content-Type: text/plain")
	rig.Await(t, "the event", func() bool { r.Clock.Forward(time.Second); return h.has("the first event") })
	walk(t, r, auth, []step{{"taken back", "DELETE", path, "", 200, `"meta"`}})
	before := h.broken.Load()
	h.say(t, r, "the second event")
	rig.Await(t, "another refused handshake", func() bool { return h.broken.Load() > before })
	if h.has("the second event") {
		t.Error("an event went out after the authority was taken back")
	}
	var rows [][]string
	rig.Await(t, "both changes on record with their outcome", func() bool {
		rows = r.SQL(t, "SELECT m.type, m.effect, s.result FROM audit m JOIN audit s ON s.ref = m.id WHERE m.kind = 'manage' AND m.type LIKE 'certificate/%' AND s.kind = 'settle' ORDER BY m.seq")
		return len(rows) == 2
	})
	if a, b := strings.Join(rows[0], " "), strings.Join(rows[1], " "); a != "certificate/post allow accepted" || b != "certificate/delete allow accepted" {
		t.Errorf("on record: %s, %s", a, b)
	}
}

// TestWebhookAuthorityClosed: policy decides whether apps may name authorities.
func TestWebhookAuthorityClosed(t *testing.T) {
	t.Parallel()
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "management: {deny: [certificate]}\n"}})
	h := newPrivateHook(t)
	walk(t, r, loginAdmin(t, r), []step{
		{"refused", "POST", "/v1/certificates/webhooks/ca", h.ca, 403, "policy:call_not_allowed"},
		{"nothing kept", "GET", "/v1/certificates/webhooks/ca", "", 404, `"code":1006`},
	}, "Content-Type: text/plain")
}
