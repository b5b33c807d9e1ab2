package boot_test

import (
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/boot"
)

func TestSecretFromKeystore(t *testing.T) {
	const secret = "secret: file:secrets/shop-webhook"
	c, err := boot.Load(folder(t, replace(secret, "secret_from: keystore")))
	if err != nil {
		t.Fatal(err)
	}
	if w := c.Tenants[0].Apps[0].Webhook; !w.FromKeystore || w.Overlap != 24*time.Hour || w.Secret.IsSet() {
		t.Errorf("%+v", w)
	}
	for text, want := range map[string]string{
		"secret_from: vault":                         "is neither config nor keystore",
		secret + "\n          secret_from: keystore": "stands beside secret_from: keystore",
		"secret_from: config":                        "webhook.secret is missing",
		"overlap: 91d":                               "webhook.overlap",
	} {
		if _, err := boot.Load(folder(t, replace(secret, text))); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", text, err, want)
		}
	}
}
