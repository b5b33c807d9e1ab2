package gateway_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/crypto/certs"
)

// swapped gives a change of the configuration that must find what it replaces.
func swapped(t *testing.T, old, now string) func(string) string {
	return func(text string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("the configuration has no %q", old)
		}
		return strings.Replace(text, old, now, 1)
	}
}

func reload(t *testing.T, r *rig.Rig) {
	t.Helper()
	r.Admin(t, "config.reload", admin.None{}, nil)
}

func send(t *testing.T, r *rig.Rig) rig.Reply {
	t.Helper()
	return r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`)
}

func wantStatus(t *testing.T, a rig.Reply, status int) {
	t.Helper()
	if a.Status != status {
		t.Errorf("status %d, want %d: %s", a.Status, status, a.Body)
	}
}

// metaPosts posts a webhook as Meta does, signed with the secret.
func metaPosts(t *testing.T, r *rig.Rig, secret string) int {
	t.Helper()
	const body = `{"object":"whatsapp_business_account","entry":[]}`
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(body))
	return r.At(t, http.MethodPost, r.Env["POSTERN_WEBHOOK_URL"], body, "X-Hub-Signature-256: sha256="+hex.EncodeToString(mac.Sum(nil))).Status
}

// TestReload changes one thing after the other in a running gateway and looks
// at what it does, not at what it says.
func TestReload(t *testing.T) {
	r := rig.Start(t, rig.Options{Policies: map[string]string{"settings.yaml": "messages: {outbound: [text, template]}\n"}})
	wantStatus(t, send(t, r), http.StatusOK)

	t.Run("policy", func(t *testing.T) {
		r.Write(t, "policies/settings.yaml", "messages: {outbound: [template]}\n")
		wantStatus(t, send(t, r), http.StatusOK) // not before it is asked for
		reload(t, r)
		if a := send(t, r); !strings.Contains(a.Body, "policy:type_not_allowed") {
			t.Errorf("text is still sent: %d %s", a.Status, a.Body)
		}
		r.Write(t, "policies/settings.yaml", "messages: {outbound: [text, template]}\n")
		reload(t, r)
		wantStatus(t, send(t, r), http.StatusOK)
	})
	t.Run("limits", func(t *testing.T) {
		restore := r.Rewrite(t, swapped(t, "per_number_rate: 0,", "per_number_rate: 0.001,"))
		reload(t, r)
		wantStatus(t, send(t, r), http.StatusOK)
		if a := send(t, r); a.Status == http.StatusOK {
			t.Error("a second message in the same second went through")
		}
		restore()
		reload(t, r)
		wantStatus(t, send(t, r), http.StatusOK)
	})
	t.Run("upstream token", func(t *testing.T) { reloadToken(t, r) })
	t.Run("app secret", func(t *testing.T) { reloadAppSecret(t, r) })
	t.Run("apps and numbers", func(t *testing.T) { reloadApps(t, r) })
	t.Run("webhook target", func(t *testing.T) { reloadTarget(t, r) })
	t.Run("certificates", func(t *testing.T) { reloadCertificate(t, r) })
	t.Run("refused", func(t *testing.T) { reloadRefused(t, r) })

	rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'life' AND type = 'reload' AND actor = 'demo'")
	if rows[0][0] == "0" {
		t.Error("no reload is on record with the operator's name")
	}
	if rows := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'config' AND type = 'policy' AND actor = 'demo'"); rows[0][0] != "2" {
		t.Errorf("%s revisions of the policy on record, want both changes", rows[0][0])
	}
}

// readySays waits for what /readyz says of the tenant's upstream.
func readySays(t *testing.T, r *rig.Rig, state string, status int) {
	t.Helper()
	rig.Await(t, "readiness "+state, func() bool {
		a := r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/readyz", "")
		return a.Status == status && strings.Contains(a.Body, `"demo":"`+state+`"`)
	})
}

func reloadToken(t *testing.T, r *rig.Rig) {
	readySays(t, r, "ok", http.StatusOK)
	was, err := os.ReadFile(filepath.Join(r.Dir, "secrets", "meta-token"))
	if err != nil {
		t.Fatal(err)
	}
	r.Write(t, "secrets/meta-token", "EAArevoked\n")
	reload(t, r)
	readySays(t, r, "token", http.StatusServiceUnavailable)
	if a := send(t, r); a.Status == http.StatusOK {
		t.Error("sent with a token that upstream refuses")
	}
	r.Write(t, "secrets/meta-token", string(was))
	reload(t, r)
	readySays(t, r, "ok", http.StatusOK)
	wantStatus(t, send(t, r), http.StatusOK)
}

func reloadAppSecret(t *testing.T, r *rig.Rig) {
	old := r.Env["META_APP_SECRET"]
	r.Write(t, "secrets/app-secret", "the-next-secret\n")
	r.Write(t, "secrets/old-app-secret", old+"\n")
	restore := r.Rewrite(t, swapped(t, "app_secret: file:secrets/app-secret\n", "app_secret: file:secrets/app-secret\n    app_secret_previous: file:secrets/old-app-secret\n"))
	reload(t, r)
	for _, secret := range []string{old, "the-next-secret"} {
		if status := metaPosts(t, r, secret); status != http.StatusOK {
			t.Errorf("a webhook signed with one of two secrets is answered %d", status)
		}
	}
	restore()
	reload(t, r)
	if status := metaPosts(t, r, old); status == http.StatusOK {
		t.Error("a webhook signed with a secret that is gone is taken")
	}
	r.Write(t, "secrets/app-secret", old+"\n")
	reload(t, r)
	if status := metaPosts(t, r, old); status != http.StatusOK {
		t.Errorf("after the way back: %d", status)
	}
}

// reloadApps gives the On-Premises app's number to an app of another dialect.
func reloadApps(t *testing.T, r *rig.Rig) {
	login := func() int {
		return r.Do(t, http.MethodPost, "/v1/users/login", "", "Authorization: "+basic(r.Env["POSTERN_ONPREM_USER"], r.Env["POSTERN_ONPREM_PASSWORD"])).Status
	}
	if status := login(); status != http.StatusOK {
		t.Fatalf("login: %d", status)
	}
	restore := r.Rewrite(t, swapped(t, "name: onprem-demo, dialect: onprem", "name: moved, dialect: cloud"))
	restoreSecret := r.Rewrite(t, swapped(t, `numbers: ["`+r.Env["POSTERN_ONPREM_PHONE_ID"]+`"], webhook: {`, `numbers: ["`+r.Env["POSTERN_ONPREM_PHONE_ID"]+`"], webhook: {secret: "file:secrets/webhook-secret", `))
	reload(t, r)
	if status := login(); status == http.StatusOK {
		t.Error("the user of an app that is gone can log in")
	}
	var key admin.AppKey
	r.Admin(t, "app.add", admin.AppAdd{App: "moved"}, &key)
	a := r.Do(t, http.MethodPost, "/v25.0/"+r.Env["POSTERN_ONPREM_PHONE_ID"]+"/messages",
		`{"messaging_product":"whatsapp","to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"moved"}}`, "Authorization: Bearer "+key.Key)
	wantStatus(t, a, http.StatusOK)
	r.Hooks.With(t, `"delivered"`, r.Env["POSTERN_ONPREM_PHONE_ID"])
	restoreSecret()
	restore()
	reload(t, r)
	if a := r.Do(t, http.MethodPost, "/v25.0/"+r.Env["POSTERN_ONPREM_PHONE_ID"]+"/messages", `{}`, "Authorization: Bearer "+key.Key); a.Status != http.StatusUnauthorized {
		t.Errorf("the key of an app that is gone is answered %d", a.Status)
	}
	if status := login(); status != http.StatusOK {
		t.Errorf("login after the way back: %d", status)
	}
}

// reloadTarget sends the Cloud app's events elsewhere. The new target is taken
// only once the allow-list names it, which one reload does.
func reloadTarget(t *testing.T, r *rig.Rig) {
	second := rig.NewReceiver(t)
	host := strings.TrimPrefix(strings.TrimSuffix(second.URL, "/events"), "http://")
	old := strings.TrimPrefix(strings.TrimSuffix(r.Hooks.URL, "/events"), "http://")
	restore := r.Rewrite(t, func(text string) string { return strings.ReplaceAll(text, old, host) })
	reload(t, r)
	wantStatus(t, send(t, r), http.StatusOK)
	second.With(t, `"delivered"`)
	restore()
	reload(t, r)
}

func reloadCertificate(t *testing.T, r *rig.Rig) {
	server, key := filepath.Join(r.Dir, "certs", "server.pem"), filepath.Join(r.Dir, "certs", "server-key.pem")
	wasCert, err := os.ReadFile(server)
	if err != nil {
		t.Fatal(err)
	}
	wasKey, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	other, err := certs.NewAuthority("another", time.Now(), time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, private, err := other.Issue(time.Now(), time.Hour, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	r.Write(t, "certs/server.pem", string(cert))
	if err := r.TryAdmin(t, "config.reload", admin.None{}, nil); err == nil || !strings.Contains(err.Error(), "no matching") {
		t.Errorf("a certificate without its key: %v", err)
	}
	wantStatus(t, send(t, r), http.StatusOK) // the old pair is still in use
	r.Write(t, "certs/server-key.pem", string(private))
	reload(t, r)
	if _, err := r.Client(t).Get(r.Env["POSTERN_URL"]); err == nil {
		t.Error("the new certificate is not in use")
	}
	r.Write(t, "certs/server.pem", string(wasCert))
	r.Write(t, "certs/server-key.pem", string(wasKey))
	reload(t, r)
	wantStatus(t, send(t, r), http.StatusOK)
}

// reloadRefused holds that a file with one bad point changes nothing of the
// good ones beside it.
func reloadRefused(t *testing.T, r *rig.Rig) {
	for name, c := range map[string]struct{ old, now, want string }{
		"unknown key":   {"unknown_after: 60s", "unknown_afterwards: 60s", "postern.yaml:"},
		"needs restart": {"timeout: 10s", "timeout: 11s", "need a restart: upstream"},
		"no secret":     {"file:secrets/meta-token", "file:secrets/none", "does not exist"},
		"bad policy":    {"policy: {dir: ./policies}", "policy: {dir: ./broken}", "settings.yaml:1:"},
		"a country":     {"countries: [DE]", "countries: [DE, BR]", "countries"},
	} {
		t.Run(name, func(t *testing.T) {
			r.Write(t, "broken/settings.yaml", "surprise: true\n")
			restore := r.Rewrite(t, swapped(t, c.old, c.now))
			limit := r.Rewrite(t, swapped(t, "per_number_rate: 0,", "per_number_rate: 0.001,"))
			before := r.SQL(t, "SELECT count(*) FROM audit WHERE kind IN ('life', 'config')")[0][0]
			err := r.TryAdmin(t, "config.reload", admin.None{}, nil)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("answer: %v", err)
			}
			for range 3 {
				wantStatus(t, send(t, r), http.StatusOK)
			}
			if after := r.SQL(t, "SELECT count(*) FROM audit WHERE kind IN ('life', 'config')")[0][0]; after != before {
				t.Errorf("%s records of life and configuration, %s before", after, before)
			}
			limit()
			restore()
		})
	}
}

func TestHangupReloads(t *testing.T) {
	r := rig.Start(t, rig.Options{})
	r.Rewrite(t, swapped(t, "per_number_rate: 0,", "per_number_rate: 0.001,"))
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "the reload's record", func() bool {
		return r.SQL(t, "SELECT count(*) FROM audit WHERE type = 'reload' AND actor = 'system'")[0][0] == "1"
	})
	wantStatus(t, send(t, r), http.StatusOK)
	if a := send(t, r); a.Status == http.StatusOK {
		t.Error("SIGHUP took nothing over")
	}
	r.Write(t, "postern.yaml", "version: 9\n")
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		t.Fatal(err)
	}
	rig.Await(t, "the refusal in the log", func() bool { return strings.Contains(r.Log.String(), "nothing was changed") })
	rig.Await(t, "the alarm", func() bool {
		return strings.Contains(r.At(t, http.MethodGet, r.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, `postern_alarms_total{alarm="reload"} 1`)
	})
}
