package vaulted

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/cmd/internal/rotation"
	"postern/crypto/keyring"
	"postern/crypto/vault"
)

const transitConfig = "keystore: {transit: postern-team}\n"

// section is what the gateway's configuration says of this Vault.
func (v *server) section(address string) string {
	return "vault: {address: \"" + address + "\", ca: " + v.file("ca.pem") + ", token_file: " + v.file("token") + ", poll: 100ms, timeout: 2s}\n"
}

// keystore is a rig whose keystore is wrapped by Vault.
func keystore(t *testing.T) *gate {
	t.Helper()
	v, dir := start(t), t.TempDir()
	v.transit(t)
	v.issue(t, "token", "24h")
	return &gate{vault: v, Rig: rig.Start(t, rig.Options{Keep: dir, Config: func(text string) string {
		k, err := keyring.Open(filepath.Join(dir, "data", "keystore.json"), keyring.Config{})
		check(t, err)
		defer k.Close()
		check(t, k.WrapBy(open(t, v.config(vault.Login{TokenFile: v.file("token")})).Transit("transit", "postern-team")))
		return text + transitConfig + v.section(v.Address)
	}})}
}

func (g *gate) file() string { return filepath.Join(g.Dir, "data", "keystore.json") }

// works sends, and receives a webhook.
func (g *gate) works(t *testing.T) {
	t.Helper()
	want(t, "a send", g.sends(t).Status, http.StatusOK)
	want(t, "a webhook", g.posts(t, g.Secret(t, "app-secret")), http.StatusOK)
}

// stands neither sends nor receives, and records nothing of it.
func (g *gate) stands(t *testing.T) {
	t.Helper()
	admissions := func() string { return g.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'admission'")[0][0] }
	before := admissions()
	if before == "0" {
		t.Error("no admission is on record: the question is wrong")
	}
	if r := g.sends(t); r.Status < 500 || !strings.Contains(r.Body, "error") {
		t.Errorf("a send without keys: %d", r.Status)
	}
	if after := admissions(); after != before {
		t.Errorf("%s admissions on record, there were %s", after, before)
	}
	want(t, "a webhook", g.posts(t, g.Secret(t, "app-secret")), http.StatusServiceUnavailable)
}

// under awaits that all keys are wrapped by one version of the transit key.
func (g *gate) under(t *testing.T, version int) {
	t.Helper()
	rig.Await(t, "keys under the new version", func() bool {
		var all []admin.KeyVersion
		g.Admin(t, "keys.list", admin.None{}, &all)
		return !slices.ContainsFunc(all, func(k admin.KeyVersion) bool { return k.Vault != version && k.State != keyring.Destroyed })
	})
}

func (g *gate) wrapping(t *testing.T) rotation.Work {
	t.Helper()
	var all []rotation.Work
	g.Admin(t, "keys.status", admin.None{}, &all)
	i := slices.IndexFunc(all, func(w rotation.Work) bool { return w.Purpose == "keystore" })
	if i < 0 {
		t.Fatal("the status says nothing of the keystore")
	}
	return all[i]
}

func (g *gate) alarmed(t *testing.T, kind string) bool {
	t.Helper()
	return strings.Contains(g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body, `alarm="`+kind+`"`)
}

// TestTransitIsFollowed: new versions of the transit key are taken over, and
// the old one may be shut out, before and after.
func TestTransitIsFollowed(t *testing.T) {
	t.Parallel()
	g := keystore(t)
	g.works(t)
	g.vault.rotateTransit(t)
	g.under(t, 2)
	rows := g.SQL(t, "SELECT result, actor FROM audit WHERE kind = 'config' AND type = 'key_wrapped'")
	if len(rows) != 1 || rows[0][0] != "vault/2" || rows[0][1] != "system" {
		t.Errorf("on record: %v", rows)
	}
	g.Admin(t, "keys.rotate", admin.KeyRotate{Purpose: keyring.KEK}, nil)
	g.under(t, 2)
	g.vault.configureTransit(t, map[string]any{"min_decryption_version": 2})
	g.Halt()
	g.Resume(t)
	g.works(t)

	// The old version is shut out before the new one could wrap.
	reads := strings.Replace(rules(t, "postern.hcl"), `path "transit/encrypt/`, `path "transit/nothing/`, 1)
	g.vault.policy(t, reads)
	g.vault.rotateTransit(t)
	g.vault.configureTransit(t, map[string]any{"min_decryption_version": 3})
	rig.Await(t, "the status that names what is shut out", func() bool {
		w := g.wrapping(t)
		return w.Version == 3 && w.Stuck == int(w.Total) && w.State == "waiting" && strings.Contains(w.Problem, "kek/1")
	})
	for _, alarm := range []string{"vault_keys_shut_out", "vault_keys"} {
		rig.Await(t, alarm, func() bool { return g.alarmed(t, alarm) })
	}
	if said := g.At(t, http.MethodGet, g.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Body; !strings.Contains(said, `"shut_out":["kek/1"`) {
		t.Errorf("readyz: %s", said)
	}
	g.awaits(t, "ok", "keys")
	g.works(t)
	g.vault.policy(t, rules(t, "postern.hcl"))
	g.under(t, 3)
	if w := g.wrapping(t); w.Stuck != 0 || w.State != "done" {
		t.Errorf("%+v", w)
	}
	g.Halt()
	g.Resume(t)
	g.works(t)
	for _, text := range []string{"vault:v", g.vault.RootToken} {
		if strings.Contains(g.Log.String(), text) {
			t.Error("the log holds what was wrapped, or a token")
		}
	}
}

// TestTransitAway: keys in memory serve for max_offline, then nothing does, and
// it goes on by itself. There is no start without Vault.
func TestTransitAway(t *testing.T) {
	t.Parallel()
	g := keystore(t)
	for name, fault := range map[string]struct{ away, back func(*testing.T) }{
		"sealed":  {g.vault.seal, g.vault.unseal},
		"hanging": {g.vault.hang, g.vault.resume},
	} {
		t.Run(name, func(t *testing.T) {
			fault.away(t)
			g.awaits(t, "away", "keys")
			g.works(t)
			if err := g.TryAdmin(t, "keys.rotate", admin.KeyRotate{Purpose: keyring.KEK}, nil); err == nil || !strings.Contains(err.Error(), "nothing was changed") {
				t.Errorf("a rotation without Vault: %v", err)
			}
			g.Clock.Forward(2 * time.Hour)
			g.awaits(t, "stopped", "keys")
			g.stands(t)
			fault.back(t)
			g.awaits(t, "ok", "keys")
			g.works(t)
		})
	}
	g.vault.seal(t)
	g.Halt()
	if err := g.Refused(t); !isAway(err) || !strings.Contains(err.Error(), "sealed") {
		t.Errorf("a start without Vault: %v", err)
	}
	g.vault.unseal(t)
	rig.Await(t, "unsealed", func() bool {
		status, _ := g.vault.ask(t, http.MethodGet, "transit/keys/postern-team", nil)
		return status == http.StatusOK
	})
	g.Resume(t)
	g.works(t)
}

// TestTransitForbidden: a clear no stops everything at once, and ends by itself.
func TestTransitForbidden(t *testing.T) {
	t.Parallel()
	g := keystore(t)
	g.works(t)
	for _, what := range []string{"keys", "decrypt"} {
		g.vault.policy(t, strings.Replace(rules(t, "postern.hcl"), `path "transit/`+what+`/`, `path "transit/nothing/`, 1))
		g.awaits(t, "refused", "keys")
		g.stands(t)
		g.vault.policy(t, rules(t, "postern.hcl"))
		g.awaits(t, "ok", "keys")
		g.works(t)
	}
}

// TestTransitLost: a key that was deleted is noticed, and the running gateway
// has another one in its place wrap the keystore. A start cannot.
func TestTransitLost(t *testing.T) {
	t.Parallel()
	g := keystore(t)
	g.works(t)
	g.vault.loseTransit(t)
	g.awaits(t, "refused", "keys")
	g.stands(t)
	g.vault.do(t, "POST", "transit/keys/postern-team", map[string]any{"type": "aes256-gcm96"})
	g.awaits(t, "ok", "keys")
	if !g.alarmed(t, "vault_keys_shut_out") {
		t.Error("no alarm")
	}
	g.works(t)
	g.Halt()
	g.Resume(t)
	g.works(t)

	g.Halt()
	g.vault.loseTransit(t)
	wants(t, g.Refused(t), vault.ErrRefused, "404")
	g.vault.do(t, "POST", "transit/keys/postern-team", map[string]any{"type": "aes256-gcm96"})
	wants(t, g.Refused(t), vault.ErrReplaced, "restore the transit key")
}

// TestOlderWrappedKeystore: a copy from before a rotation is refused, whatever
// wraps it.
func TestOlderWrappedKeystore(t *testing.T) {
	t.Parallel()
	g := keystore(t)
	old, err := os.ReadFile(g.file())
	check(t, err)
	g.Admin(t, "keys.rotate", admin.KeyRotate{Purpose: keyring.KEK}, nil)
	g.Halt()
	now, err := os.ReadFile(g.file())
	check(t, err)
	check(t, os.WriteFile(g.file(), old, 0o600))
	if err := g.Refused(t); err == nil || !strings.Contains(err.Error(), "older copy") {
		t.Errorf("an older copy: %v", err)
	}
	check(t, os.WriteFile(g.file(), now, 0o600))
	g.Resume(t)
	g.works(t)
}
