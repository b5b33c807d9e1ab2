package vaulted

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
)

// way is one of the dialects in which an app sends.
type way struct {
	name, path, auth, lead string
	refused                int // what it answers while the secrets may not be used
}

func (g *gate) ways(t *testing.T) []way {
	t.Helper()
	basic := base64.StdEncoding.EncodeToString([]byte(g.Env["POSTERN_ONPREM_USER"] + ":" + g.Env["POSTERN_ONPREM_PASSWORD"]))
	users := g.Do(t, http.MethodPost, "/v1/users/login", "", "Authorization: Basic "+basic).JSON(t)["users"].([]any)
	onprem := users[0].(map[string]any)["token"].(string)
	return []way{
		{"cloud", "/v25.0/" + g.Env["POSTERN_PHONE_ID"] + "/messages", "Authorization: Bearer " + g.Env["POSTERN_CLOUD_TOKEN"], `"messaging_product":"whatsapp",`, http.StatusInternalServerError},
		{"d360 v2", "/messages", "D360-API-KEY: " + g.Env["POSTERN_D360_V2_KEY"], `"messaging_product":"whatsapp",`, http.StatusInternalServerError},
		{"d360 v1", "/v1/messages", "D360-API-KEY: " + g.Env["POSTERN_D360_V1_KEY"], "", http.StatusServiceUnavailable},
		{"onprem", "/v1/messages", "Authorization: Bearer " + onprem, "", http.StatusServiceUnavailable},
	}
}

func (g *gate) sendsAs(t *testing.T, w way) rig.Reply {
	t.Helper()
	return g.Do(t, http.MethodPost, w.path, "{"+w.lead+`"to":"+`+g.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`, w.auth)
}

// passes wants sends of every dialect and Meta's webhooks to go through.
func (g *gate) passes(t *testing.T, ways []way) {
	t.Helper()
	for _, w := range ways {
		if a := g.sendsAs(t, w); a.Status >= 300 {
			t.Errorf("%s: %d %s", w.name, a.Status, a.Body)
		}
	}
	want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusOK)
}

// TestFaultsBetween: whatever goes wrong between gateway and Vault, messages go
// on from memory for max_offline, then everything is refused in its dialect,
// and all goes on by itself once the fault is over.
func TestFaultsBetween(t *testing.T) {
	t.Parallel()
	v := start(t)
	p := between(t, v)
	g := gatewayOf(t, v, p.address, nil)
	ways := g.ways(t)
	g.passes(t, ways)
	for _, fault := range []struct {
		name string
		put  func()
	}{
		{"slow", func() { p.toxic(t, "latency", map[string]any{"latency": 60_000}) }},
		{"a trickle", func() { p.toxic(t, "slicer", map[string]any{"average_size": 1, "size_variation": 0, "delay": 500_000}) }},
		{"no bandwidth", func() { p.toxic(t, "bandwidth", map[string]any{"rate": 0}) }},
		{"reset", func() { p.toxic(t, "reset_peer", map[string]any{"timeout": 0}) }},
		{"cut in an answer", func() { p.toxic(t, "limit_data", map[string]any{"bytes": 100}) }},
		{"silent", func() { p.toxic(t, "timeout", map[string]any{"timeout": 0}) }},
		{"gone", func() { p.enable(t, false) }},
	} {
		t.Run(fault.name, func(t *testing.T) {
			fault.put()
			g.awaits(t, "away", all...)
			g.passes(t, ways)
			g.told(t, true)
			g.Clock.Forward(2 * time.Hour)
			g.awaits(t, "stopped", all...)
			for _, w := range ways {
				if a := g.sendsAs(t, w); a.Status != w.refused || strings.Contains(a.Body, `"messages":[{"id"`) {
					t.Errorf("%s is answered %d %s", w.name, a.Status, a.Body)
				}
			}
			want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusServiceUnavailable)
			if a := g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/readyz", ""); a.Status != http.StatusServiceUnavailable {
				t.Errorf("readyz: %d", a.Status)
			}
			p.clear(t)
			g.awaits(t, "ok", all...)
			g.passes(t, ways)
			g.told(t, false)
		})
	}
	for _, purpose := range all {
		g.records(t, "life", "vault_away_"+purpose, "1 = 1", "7")
		g.records(t, "life", "vault_ok_"+purpose, "1 = 1", "7")
	}
}

// told holds health and metrics to which purpose is in trouble since when.
func (g *gate) told(t *testing.T, trouble bool) {
	t.Helper()
	state, _ := g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/readyz", "").JSON(t)["vault"].(map[string]any)
	for _, purpose := range all {
		since, said := state[purpose].(map[string]any)["since"].(string)
		if at, err := time.Parse(time.RFC3339, since); said != trouble || said && (err != nil || at.After(g.Clock.Now())) {
			t.Errorf("readyz: %s since %q", purpose, since)
		}
		if g.metric(t, `postern_vault_trouble_since_seconds{purpose="`+purpose+`"} 0`) == trouble {
			t.Errorf("the metric does not know of %s", purpose)
		}
	}
	if !trouble {
		return
	}
	if !g.metric(t, `postern_alarms_total{alarm="vault_away"} `) {
		t.Error("no alarm")
	}
}

// TestNothingWaitsForVault: Vault hangs, and one call of it may take a minute.
// A request that made one would outlive its client's patience.
func TestNothingWaitsForVault(t *testing.T) {
	t.Parallel()
	v := start(t)
	p := between(t, v)
	g := gatewayOf(t, v, p.address, func(_, text string) string { return strings.Replace(text, "timeout: 2s", "timeout: 1m", 1) })
	client := g.Client(t)
	client.Timeout = 30 * time.Second
	p.toxic(t, "latency", map[string]any{"latency": 3_600_000})
	for _, w := range g.ways(t) {
		body := "{" + w.lead + `"to":"+` + g.Env["DEMO_CONSENTED"] + `","type":"text","text":{"body":"On its way"}}`
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, g.Env["POSTERN_URL"]+w.path, strings.NewReader(body))
		check(t, err)
		name, value, _ := strings.Cut(w.auth, ": ")
		req.Header.Set(name, value)
		req.Header.Set("Content-Type", "application/json")
		if err := g.fine(client, req); err != nil {
			t.Errorf("%s: %v", w.name, err)
		}
	}
	p.enable(t, false)
}

// TestDeletedSecretStops: what needs a deleted secret stops at once, nothing
// else does, and a new version ends it.
func TestDeletedSecretStops(t *testing.T) {
	t.Parallel()
	g := gateway(t)
	g.vault.do(t, "DELETE", "secret/data/team/app_secret", nil)
	g.awaits(t, "refused", "receive")
	g.awaits(t, "ok", "send", "deliver")
	want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusServiceUnavailable)
	want(t, "a send", g.sends(t).Status, http.StatusOK)
	g.vault.do(t, "POST", "secret/undelete/team/app_secret", map[string]any{"versions": []int{1}})
	g.awaits(t, "ok", "receive")
	want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusOK)
	g.vault.do(t, "DELETE", "secret/metadata/team/token", nil)
	g.awaits(t, "refused", "send")
	if status := g.sends(t).Status; status < 500 {
		t.Errorf("a send without its secret: %d", status)
	}
	g.set(t, "token", g.fields["token"])
	g.awaits(t, "ok", "send")
	want(t, "a send", g.sends(t).Status, http.StatusOK)
}

// TestSecretWrittenAnew: a secret that was removed with its history has a
// version 1 again, and that is another one.
func TestSecretWrittenAnew(t *testing.T) {
	t.Parallel()
	g := gateway(t)
	g.vault.do(t, "DELETE", "secret/metadata/team/app_secret", nil)
	g.set(t, "app_secret", "another-app-secret")
	rig.Await(t, "the new app secret", func() bool { return g.posts(t, "another-app-secret") == http.StatusOK })
	want(t, "the removed app secret", g.posts(t, g.fields["app_secret"]), http.StatusUnauthorized)
}

// TestVaultClockAhead: what Vault took "in ten hours" overlaps no longer than
// what it took now.
func TestVaultClockAhead(t *testing.T) {
	t.Parallel()
	g := gateway(t)
	g.Clock.Jump(-10 * time.Hour)
	g.set(t, "app_secret", "another-app-secret")
	rig.Await(t, "the new app secret", func() bool { return g.posts(t, "another-app-secret") == http.StatusOK })
	want(t, "the old app secret in its overlap", g.posts(t, g.fields["app_secret"]), http.StatusOK)
	g.Clock.Forward(23 * time.Hour)
	want(t, "the old app secret near its end", g.posts(t, g.fields["app_secret"]), http.StatusOK)
	g.Clock.Forward(2 * time.Hour)
	rig.Await(t, "the end of the overlap", func() bool { return g.posts(t, g.fields["app_secret"]) == http.StatusUnauthorized })
	want(t, "the new one later", g.posts(t, "another-app-secret"), http.StatusOK)
}
