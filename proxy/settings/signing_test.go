package settings_test

import (
	"bytes"
	"path/filepath"
	"testing"
	"time"

	"postern/crypto/keyring"
	"postern/proxy/settings"
)

// TestSigning: a rotation gives a new secret, the old one stays for the
// overlap, and no two apps share one.
func TestSigning(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	clock := func() time.Time { return now }
	keys, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), keyring.Config{Name: "test", Now: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer keys.Close()
	s := settings.Signing{Keys: keys, Overlap: time.Hour, Now: clock}
	first := s.Secret("shop")
	if len(first) != 64 || !bytes.Equal(first, s.Secret("shop")) || bytes.Equal(first, s.Secret("desk")) {
		t.Fatalf("secret of %d digits, or not the app's own", len(first))
	}
	if s.Previous("shop") != nil {
		t.Error("there is a previous secret before any rotation")
	}
	if _, err := keys.Rotate(keyring.Webhook); err != nil {
		t.Fatal(err)
	}
	second := s.Secret("shop")
	if bytes.Equal(first, second) || !bytes.Equal(first, s.Previous("shop")) {
		t.Error("after the rotation old and new secret do not overlap")
	}
	now = now.Add(time.Hour)
	if s.Previous("shop") != nil || !bytes.Equal(second, s.Secret("shop")) {
		t.Error("the old secret signs after the overlap")
	}
	if _, err := keys.Rotate(keyring.Webhook); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(second, s.Previous("shop")) {
		t.Error("after another rotation not the version before overlaps")
	}
	if err := keys.Destroy(keyring.Webhook, 2); err != nil {
		t.Fatal(err)
	}
	if s.Previous("shop") != nil {
		t.Error("a destroyed version signs, or one that came before it")
	}
	keys.Close()
	if s.Secret("shop") != nil || s.Previous("shop") != nil {
		t.Error("a closed keystore signs")
	}
}
