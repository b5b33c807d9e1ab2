package keyring_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"

	"postern/crypto/keyring"
)

func TestRewrapMovesADataKeyToTheActiveVersion(t *testing.T) {
	k, err := keyring.Create(filepath.Join(t.TempDir(), "keys"), keyring.Config{Name: "test"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(k.Close)
	scope := keyring.Scope{Subject: [16]byte{1}, Class: "messages", Month: "2026-11"}
	other := keyring.Scope{Subject: [16]byte{2}, Class: "messages", Month: "2026-11"}
	wrapped := must(t)(k.NewDataKey(scope))
	sealed := must(t)(k.Seal(wrapped, scope, nil, []byte("value")))
	if again := must(t)(k.Rewrap(wrapped, scope)); again != nil {
		t.Fatal("a key under the active version was wrapped again")
	}
	if _, err := k.Rotate(keyring.KEK); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rewrap(wrapped, other); !errors.Is(err, keyring.ErrOpen) {
		t.Fatalf("under another scope: %v", err)
	}
	moved := must(t)(k.Rewrap(wrapped, scope))
	if v, err := keyring.EnvelopeVersion(keyring.KEK, moved); err != nil || v != 2 {
		t.Fatalf("wrapped by version %d, %v", v, err)
	}
	if err := k.Destroy(keyring.KEK, 1); err != nil {
		t.Fatal(err)
	}
	if plain := must(t)(k.Unseal(moved, scope, nil, sealed)); !bytes.Equal(plain, []byte("value")) {
		t.Fatalf("opened %q", plain)
	}
	if _, err := k.Rewrap(wrapped, scope); !errors.Is(err, keyring.ErrDestroyed) {
		t.Fatalf("under a destroyed version: %v", err)
	}
}

func TestEnvelopeVersionKnowsTwoForms(t *testing.T) {
	if _, err := keyring.EnvelopeVersion(keyring.KEK, []byte("short")); !errors.Is(err, keyring.ErrOpen) {
		t.Errorf("what is no envelope: %v", err)
	}
	if _, err := keyring.EnvelopeVersion(keyring.Index, make([]byte, 65)); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("a purpose without envelopes: %v", err)
	}
}

// must is for two results, the second an error.
func must(t *testing.T) func([]byte, error) []byte {
	return func(b []byte, err error) []byte {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
}
