package vaulted

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
)

// gate is a rig whose secrets come from Vault.
type gate struct {
	*rig.Rig
	vault  *server
	fields map[string]string
}

func gateway(t *testing.T) *gate {
	t.Helper()
	v := start(t)
	return gatewayOf(t, v, v.Address, nil)
}

// gatewayOf reaches Vault at an address, which may be a proxy's. change is given
// the configuration with its folder, and may be nil.
func gatewayOf(t *testing.T, v *server, address string, change func(dir, text string) string) *gate {
	t.Helper()
	dir := t.TempDir()
	v.issue(t, "token", "1h")
	g := &gate{vault: v, fields: map[string]string{}}
	g.Rig = rig.Start(t, rig.Options{Keep: dir, Config: func(text string) string {
		for field, file := range map[string]string{"token": "meta-token", "app_secret": "app-secret", "webhook": "webhook-secret"} {
			raw, err := os.ReadFile(filepath.Join(dir, "secrets", file))
			check(t, err)
			g.fields[field] = strings.TrimSpace(string(raw))
			text = strings.NewReplacer(": file:secrets/"+file, ": \"vault:team/"+field+"#value\"", "\"file:secrets/"+file+"\"", "\"vault:team/"+field+"#value\"").Replace(text)
			g.set(t, field, g.fields[field])
		}
		text += "vault: {address: \"" + address + "\", ca: " + v.file("ca.pem") + ", token_file: " + v.file("token") + ", poll: 100ms, timeout: 2s}\n"
		if change != nil {
			text = change(dir, text)
		}
		return text
	}})
	return g
}

func (g *gate) set(t *testing.T, field, value string) {
	t.Helper()
	g.vault.put(t, "team/"+field, map[string]string{"value": value})
}

// posts a webhook as Meta does, signed with the secret.
func (g *gate) posts(t *testing.T, secret string) int {
	t.Helper()
	const body = `{"object":"whatsapp_business_account","entry":[]}`
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return g.At(t, http.MethodPost, g.Env["POSTERN_WEBHOOK_URL"], body, "X-Hub-Signature-256: sha256="+hex.EncodeToString(mac.Sum(nil))).Status
}

func (g *gate) sends(t *testing.T) rig.Reply {
	t.Helper()
	return g.Cloud(t, `{"to":"+`+g.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`)
}

func (g *gate) state(t *testing.T, purpose string) string {
	t.Helper()
	all, _ := g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/readyz", "").JSON(t)["vault"].(map[string]any)
	one, _ := all[purpose].(map[string]any)
	said, _ := one["state"].(string)
	return said
}

func (g *gate) awaits(t *testing.T, state string, purposes ...string) {
	t.Helper()
	for _, p := range purposes {
		rig.Await(t, p+" "+state, func() bool { return g.state(t, p) == state })
	}
}

func want(t *testing.T, what string, got, status int) {
	t.Helper()
	if got != status {
		t.Errorf("%s: status %d, want %d", what, got, status)
	}
}

var all = []string{"send", "receive", "deliver"}

func TestSecretsAreFollowed(t *testing.T) {
	g := gateway(t)
	want(t, "a send", g.sends(t).Status, http.StatusOK)
	want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusOK)

	g.set(t, "app_secret", "another-app-secret")
	rig.Await(t, "the new app secret", func() bool { return g.posts(t, "another-app-secret") == http.StatusOK })
	want(t, "the old app secret in its overlap", g.posts(t, g.fields["app_secret"]), http.StatusOK)
	g.set(t, "app_secret", "a-third-app-secret")
	rig.Await(t, "the third app secret", func() bool { return g.posts(t, "a-third-app-secret") == http.StatusOK })
	want(t, "the second in its overlap", g.posts(t, "another-app-secret"), http.StatusOK)
	g.vault.do(t, "POST", "secret/delete/team/app_secret", map[string]any{"versions": []int{2}})
	rig.Await(t, "the end of a deleted version", func() bool { return g.posts(t, "another-app-secret") == http.StatusUnauthorized })

	g.set(t, "token", "wrong-token")
	rig.Await(t, "sends with another token", func() bool { return g.sends(t).Status != http.StatusOK })
	g.set(t, "token", g.fields["token"])
	rig.Await(t, "sends with the token again", func() bool { return g.sends(t).Status == http.StatusOK })

	g.set(t, "app_secret", "a-fourth-app-secret")
	rig.Await(t, "the fourth app secret", func() bool { return g.posts(t, "a-fourth-app-secret") == http.StatusOK })
	want(t, "the third in its overlap", g.posts(t, "a-third-app-secret"), http.StatusOK)
	g.Clock.Forward(25 * time.Hour)
	rig.Await(t, "the end of the overlap", func() bool { return g.posts(t, "a-third-app-secret") == http.StatusUnauthorized })
	want(t, "the fourth later", g.posts(t, "a-fourth-app-secret"), http.StatusOK)

	rows := func() string {
		return g.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'config' AND type = 'vault'")[0][0]
	}
	rig.Await(t, "six revisions on record", func() bool { return rows() == "6" })
	for _, secret := range []string{"another-app-secret", "wrong-token", g.fields["token"], g.fields["app_secret"]} {
		if strings.Contains(g.Log.String(), secret) {
			t.Error("the log holds a secret")
		}
	}
}

// TestBrokenVersionChangesNothing: a version without the field is refused, and
// what was in force stays.
func TestBrokenVersionChangesNothing(t *testing.T) {
	g := gateway(t)
	g.vault.put(t, "team/app_secret", map[string]string{"vlaue": "x"})
	rig.Await(t, "the alarm", func() bool {
		return strings.Contains(g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, `alarm="vault_secrets"`)
	})
	want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusOK)
	want(t, "a send", g.sends(t).Status, http.StatusOK)
}

// TestVaultAway: secrets in memory serve for max_offline, then everything that
// needs them stops, and goes on by itself once Vault is back.
func TestVaultAway(t *testing.T) {
	g := gateway(t)
	for name, fault := range map[string]struct{ away, back func(*testing.T) }{
		"sealed":  {g.vault.seal, g.vault.unseal},
		"hanging": {g.vault.hang, g.vault.resume},
	} {
		t.Run(name, func(t *testing.T) {
			fault.away(t)
			g.awaits(t, "away", all...)
			want(t, "a send", g.sends(t).Status, http.StatusOK)
			want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusOK)
			g.Admin(t, "config.reload", admin.None{}, nil)
			g.Clock.Forward(2 * time.Hour)
			g.awaits(t, "stopped", all...)
			if status := g.sends(t).Status; status < 500 {
				t.Errorf("a send without Vault: %d", status)
			}
			want(t, "a webhook without Vault", g.posts(t, g.fields["app_secret"]), http.StatusServiceUnavailable)
			fault.back(t)
			g.awaits(t, "ok", all...)
			want(t, "a webhook later", g.posts(t, g.fields["app_secret"]), http.StatusOK)
		})
	}
}

// TestVaultForbids: a clear no to one purpose stops that one at once.
func TestVaultForbids(t *testing.T) {
	g := gateway(t)
	g.vault.policy(t, `path "secret/metadata/team/webhook" { capabilities = ["read"] }
path "secret/metadata/team/app_secret" { capabilities = ["read"] }
path "secret/data/*" { capabilities = ["read"] }`)
	g.awaits(t, "refused", "send")
	g.awaits(t, "ok", "receive", "deliver")
	if status := g.sends(t).Status; status < 500 {
		t.Errorf("a send that Vault forbids: %d", status)
	}
	want(t, "a webhook", g.posts(t, g.fields["app_secret"]), http.StatusOK)
	g.vault.policy(t, `path "secret/*" { capabilities = ["read"] }`)
	g.awaits(t, "ok", "send")
}

// TestWebhookSecretsOverlap: an app may check with either secret while it
// learns the new one.
func TestWebhookSecretsOverlap(t *testing.T) {
	g := gateway(t)
	g.set(t, "webhook", "another-webhook-secret")
	signs := func(h rig.Hook, header, secret string) bool {
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(h.Body)
		return h.Header.Get(header) == "sha256="+hex.EncodeToString(mac.Sum(nil))
	}
	rig.Await(t, "deliveries under both secrets", func() bool {
		want(t, "a send", g.sends(t).Status, http.StatusOK) // its statuses are delivered
		for _, h := range g.Hooks.All() {
			if signs(h, "X-Hub-Signature-256", "another-webhook-secret") {
				return signs(h, "X-Postern-Signature-256-Previous", g.fields["webhook"])
			}
		}
		return false
	})
}
