package keyring_test

import (
	"crypto/ed25519"
	"errors"
	"testing"

	"postern/crypto/keyring"
)

func TestSignAs(t *testing.T) {
	k, _ := create(t)
	for range 2 {
		if _, err := k.Rotate(keyring.Checkpoint); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.Prepare(keyring.Checkpoint); err != nil {
		t.Fatal(err)
	}
	if err := k.Destroy(keyring.Checkpoint, 1); err != nil {
		t.Fatal(err)
	}
	msg := []byte("statement\n")
	for _, version := range []uint32{2, 3} { // retired, active
		public, sig, err := k.SignAs(version, msg)
		if err != nil || public.Version != version || !ed25519.Verify(public.Key, msg, sig) {
			t.Errorf("version %d: %v", version, err)
		}
	}
	if _, _, err := k.SignAs(1, msg); !errors.Is(err, keyring.ErrDestroyed) {
		t.Errorf("destroyed: %v", err)
	}
	for _, version := range []uint32{0, 4, 9} { // never made, next, never made
		if _, _, err := k.SignAs(version, msg); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("version %d: %v", version, err)
		}
	}
}
