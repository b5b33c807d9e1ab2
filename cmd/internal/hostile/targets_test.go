package hostile_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/proxy/egress/egresstest"
)

// inside are targets that lead inside, or may.
var inside = []string{
	"http://app.example/hook", "https://127.0.0.1/hook", "https://127.0.0.1:8445/admin/v1/app.list", "https://localhost/hook", "https://app.localhost/hook",
	"https://10.1.2.3/hook", "https://172.16.0.1/hook", "https://192.168.1.1/hook", "https://169.254.169.254/latest/meta-data", "https://[fd00:ec2::254]/latest",
	"https://100.64.0.1/hook", "https://100.100.100.200/latest", "https://0.0.0.0/hook", "https://[::]/hook", "https://[::1]/hook", "https://[fe80::1]/hook",
	"https://[::ffff:127.0.0.1]/hook", "https://[::ffff:7f00:1]/hook", "https://[64:ff9b::7f00:1]/hook", "https://[64:ff9b::169.254.169.254]/hook", "https://[2002:7f00:1::]/hook",
	"https://2130706433/hook", "https://0x7f000001/hook", "https://0x7f.1/hook", "https://0177.0.0.1/hook", "https://127.1/hook", "https://0/hook",
	"https://metadata.google.internal/computeMetadata/v1", "https://printer.local/hook", "https://intranet/hook",
	"https://user:password@app.example/hook", "https://app.example/hook#x", "file:///etc/passwd", "gopher://127.0.0.1:25/", "https:///hook", "//app.example/hook", "hook",
	"https://app.example\\@127.0.0.1/hook", "https://１２７.0.0.1/hook", "https://app.example:0x50/hook", "https://app.example/ho ok", "https://app.example/\u0000",
}

// TestTargetsAreRefusedWhenSet: an app's own setting of its webhook, in each
// dialect that has one, is refused in its words, recorded, and changes nothing.
func TestTargetsAreRefusedWhenSet(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	token := login(t, r)
	allowed := r.Hooks.URL
	for name, c := range map[string]struct {
		method, path, credential string
		body                     func(url string) any
		shape                    func(int, []byte) error
	}{
		"on-premises": {http.MethodPatch, "/v1/settings/application", "Authorization: Bearer " + token,
			func(u string) any { return map[string]any{"webhooks": map[string]any{"url": u}} }, flatShape},
		"360dialog v1": {http.MethodPost, "/v1/configs/webhook", "D360-API-KEY: " + r.Env["POSTERN_D360_V1_KEY"],
			func(u string) any { return map[string]any{"url": u} }, flatShape},
		"360dialog v2": {http.MethodPost, "/v1/configs/webhook", "D360-API-KEY: " + r.Env["POSTERN_D360_V2_KEY"],
			func(u string) any { return map[string]any{"url": u} }, cloudShape},
	} {
		t.Run(name, func(t *testing.T) {
			set := func(u string) rig.Reply {
				body, err := json.Marshal(c.body(u))
				if err != nil {
					t.Fatal(err)
				}
				return r.Do(t, c.method, c.path, string(body), c.credential)
			}
			current := func() string { return r.Do(t, http.MethodGet, c.path, "", c.credential).Body }
			if a := set(allowed + "/own"); a.Status != http.StatusOK {
				t.Fatalf("an allowed target: %d %s", a.Status, a.Body)
			}
			before := current()
			for _, u := range append([]string{strings.Replace(allowed, "127.0.0.1", "localhost", 1), strings.Replace(allowed, "http:", "ftp:", 1), "http://127.0.0.1:1/"}, inside...) {
				a := set(u)
				if err := c.shape(a.Status, []byte(a.Body)); err != nil {
					t.Errorf("%s: %v", u, err)
				}
			}
			if now := current(); now != before || !strings.Contains(now, "/own") {
				t.Errorf("the setting changed from %s to %s", before, now)
			}
		})
	}
	rig.Await(t, "the refused settings on record", func() bool {
		rows := r.SQL(t, "SELECT app, count(*) FROM audit WHERE reason = 'request_invalid' GROUP BY app ORDER BY app")
		return len(rows) == 2 && number(t, rows[0][1]) >= 2*len(inside) && number(t, rows[1][1]) >= len(inside)
	})
}

// vault is a server inside that nobody may reach.
func vault(t *testing.T) (hits *atomic.Int64, port string) {
	t.Helper()
	hits = &atomic.Int64{}
	server := httptest.NewUnstartedServer(http.NotFoundHandler())
	server.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			hits.Add(1)
		}
	}
	server.Start()
	t.Cleanup(server.Close)
	return hits, mustURL(t, server.URL).Port()
}

// TestTargetsAreRefusedWhenCalled: what was allowed when it was set, and leads
// inside when it is called, is not called: a name that was bound anew, a
// redirect, and a target that the operator no longer allows. The event waits.
func TestTargetsAreRefusedWhenCalled(t *testing.T) {
	hits, port := vault(t)
	var redirected atomic.Int64
	redirect := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		redirected.Add(1)
		http.Redirect(w, q, "http://127.0.0.1:"+port+"/inside", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(redirect.Close)
	var asked atomic.Int64
	allow := func(hosts string) func(string) string {
		return func(text string) string {
			return strings.Replace(text, "allow_targets: [", "allow_targets: ["+hosts+", ", 1)
		}
	}
	r := rig.Start(t, rig.Options{
		Config:   allow(`"` + redirect.Listener.Addr().String() + `", "127.0.0.1:` + port + `"`),
		Resolver: egresstest.Names{"app.example.": {"127.0.0.1"}}.Serve(t, func(string) { asked.Add(1) }),
	})
	token := login(t, r)
	setTo := func(u string) {
		t.Helper()
		a := r.Do(t, http.MethodPatch, "/v1/settings/application", `{"webhooks":{"url":"`+u+`"}}`, "Authorization: Bearer "+token)
		if a.Status != http.StatusOK {
			t.Fatalf("set %s: %d %s", u, a.Status, a.Body)
		}
	}
	event := func(id string) {
		t.Helper()
		_, err := r.Sim.Inbound(t.Context(), inboundText(r.Env["POSTERN_ONPREM_PHONE_ID"], id))
		if err != nil {
			t.Fatal(err)
		}
	}

	setTo("https://app.example:" + port + "/hook")
	event("4915100000001")
	rig.Await(t, "the name to be looked up", func() bool { return asked.Load() > 0 })
	rig.Await(t, "a failed attempt", func() bool { return attempts(t, r) > 0 })

	setTo(redirect.URL)
	event("4915100000002")
	rig.Await(t, "the redirect", func() bool { return redirected.Load() > 0 })

	setTo("http://127.0.0.1:" + port + "/hook")
	r.Stop()
	before := hits.Load()
	after := rig.Start(t, rig.Options{Keep: r.Dir})
	if _, err := after.Sim.Inbound(t.Context(), inboundText(after.Env["POSTERN_ONPREM_PHONE_ID"], "4915100000003")); err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "a failed attempt", func() bool { return attempts(t, after) > 0 })
	if hits.Load() != before || before != 0 {
		t.Errorf("%d connections got inside", hits.Load())
	}
	if strings.Contains(r.Log.String()+after.Log.String(), "app.example") {
		t.Error("the log names a target")
	}
}

func inboundText(number, from string) sim.Inbound {
	return sim.Inbound{PhoneID: number, From: from, Message: map[string]any{"type": "text", "text": map[string]any{"body": "Hello"}}}
}

// attempts is how often the waiting events were tried in vain.
func attempts(t *testing.T, r *rig.Rig) int {
	t.Helper()
	var list []struct{ Attempts, LastCode int }
	r.Admin(t, "deliveries.list", map[string]any{"app": "onprem-demo", "dead": false, "after": 0, "limit": 100}, &list)
	n := 0
	for _, d := range list {
		n += d.Attempts
	}
	return n
}
