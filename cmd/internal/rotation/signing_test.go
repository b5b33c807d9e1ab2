package rotation_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/rig"
	"postern/crypto/keyring"
)

// signature of a body as an app computes it.
func signature(secret string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// TestWebhookSecretsOfTheKeystore: the app checks with the secret it was shown;
// after a rotation old and new sign for the overlap, then the new alone.
func TestWebhookSecretsOfTheKeystore(t *testing.T) {
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return strings.Replace(text, `secret: "file:secrets/webhook-secret"`, "secret_from: keystore, overlap: 1h", 1)
	}})
	o := &office{Rig: r, http: r.Client(t)}
	shown := func() (s admin.AppSecret) {
		t.Helper()
		o.Admin(t, "app.secret", admin.AppSecretOf{App: "cloud-demo"}, &s)
		return s
	}
	err := o.TryAdmin(t, "app.secret", admin.AppSecretOf{App: "d360-demo"}, nil)
	if err == nil || !strings.Contains(err.Error(), "secret_from: keystore") {
		t.Errorf("the secret of an app that has none: %v", err)
	}
	hook := func(text string) rig.Hook {
		t.Helper()
		o.hears(t, "491760406902", text)
		var found rig.Hook
		rig.Await(t, "the app to hear "+text, func() bool {
			for _, h := range o.Hooks.All() {
				if strings.Contains(string(h.Body), text) {
					found = h
					return true
				}
			}
			return false
		})
		return found
	}
	check := func(h rig.Hook, secret, previous string) {
		t.Helper()
		if got := h.Header.Get("X-Hub-Signature-256"); got != signature(secret, h.Body) {
			t.Errorf("the event is not signed with the secret of now: %s", got)
		}
		want := ""
		if previous != "" {
			want = signature(previous, h.Body)
		}
		if got := h.Header.Get("X-Postern-Signature-256-Previous"); got != want {
			t.Errorf("signature with the secret before is %q, want %q", got, want)
		}
	}
	first := shown()
	check(hook("alder"), first.Secret, "")
	o.Admin(t, "keys.rotate", admin.KeyRotate{Purpose: keyring.Webhook}, nil)
	second := shown()
	if second.Previous != first.Secret || second.Secret == first.Secret {
		t.Error("after the rotation not the old secret is shown as the one before")
	}
	check(hook("birch"), second.Secret, first.Secret)
	o.Clock.Forward(time.Hour + time.Second)
	check(hook("cedar"), second.Secret, "")
	if rows := o.SQL(t, "SELECT app FROM audit WHERE type = 'webhook_secret_shown'"); len(rows) != 2 || rows[0][0] != "cloud-demo" {
		t.Errorf("records of secrets shown: %v", rows)
	}
}
