package keyring_test

import (
	"bytes"
	"errors"
	"os"
	"testing"

	"postern/crypto/keyring"
)

func stateOf(k *keyring.Keyring, p keyring.Purpose, version uint32) keyring.State {
	for _, v := range k.Versions() {
		if v.Purpose == p && v.Number == version {
			return v.State
		}
	}
	return ""
}

func TestRotateEveryPurpose(t *testing.T) {
	k, path := create(t)
	for i, p := range allPurposes {
		version, err := k.Rotate(p)
		if err != nil || version != 2 {
			t.Fatalf("%s: version %d, error %v", p, version, err)
		}
		for _, r := range []*keyring.Keyring{k, open(t, path)} {
			if stateOf(r, p, 1) != keyring.Retired || stateOf(r, p, 2) != keyring.Active {
				t.Errorf("%s: states %q and %q", p, stateOf(r, p, 1), stateOf(r, p, 2))
			}
			if want := uint64(i) + 2; r.Generation() != want {
				t.Errorf("%s: generation %d, want %d", p, r.Generation(), want)
			}
		}
	}
	if _, err := k.Rotate("other"); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("unknown purpose: %v", err)
	}
}

func TestRetiredOpensUntilDestroyed(t *testing.T) {
	k, _ := create(t)
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := k.SealSecret(nil, []byte("setting"))
	if err != nil {
		t.Fatal(err)
	}
	sum := sumOf(t, k, keyring.App, "token")
	for _, p := range []keyring.Purpose{keyring.KEK, keyring.Secret, keyring.App} {
		if _, err := k.Rotate(p); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.DataKey(wrapped, scope); err != nil {
		t.Errorf("retired key-encryption key: %v", err)
	}
	if plain, err := k.UnsealSecret(nil, secret); err != nil || string(plain) != "setting" {
		t.Errorf("retired secret key: %v", err)
	}
	if !k.VerifyMAC(keyring.App, 1, sum[:], []byte("token")) {
		t.Error("retired MAC key does not verify")
	}
	for _, p := range []keyring.Purpose{keyring.KEK, keyring.Secret, keyring.App} {
		if err := k.Destroy(p, 1); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := k.DataKey(wrapped, scope); !errors.Is(err, keyring.ErrDestroyed) {
		t.Errorf("destroyed key-encryption key: %v", err)
	}
	if _, err := k.UnsealSecret(nil, secret); !errors.Is(err, keyring.ErrDestroyed) {
		t.Errorf("destroyed secret key: %v", err)
	}
	if k.VerifyMAC(keyring.App, 1, sum[:], []byte("token")) {
		t.Error("destroyed MAC key verifies")
	}
}

func TestRotationSealsUnderTheNewVersion(t *testing.T) {
	k, _ := create(t)
	for want := byte(1); want <= 3; want++ {
		wrapped, err := k.NewDataKey(scope)
		if err != nil || wrapped[4] != want {
			t.Fatalf("wrapped by version %d, want %d, error %v", wrapped[4], want, err)
		}
		secret, err := k.SealSecret(nil, nil)
		if err != nil || secret[4] != want {
			t.Fatalf("sealed by version %d, want %d, error %v", secret[4], want, err)
		}
		for _, p := range []keyring.Purpose{keyring.KEK, keyring.Secret} {
			if _, err := k.Rotate(p); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestPrepare(t *testing.T) {
	k, path := create(t)
	before := sumOf(t, k, keyring.Index, "id")
	version, err := k.Prepare(keyring.Index)
	if err != nil || version != 2 || stateOf(open(t, path), keyring.Index, 2) != keyring.Next {
		t.Fatalf("version %d, error %v", version, err)
	}
	if sumOf(t, k, keyring.Index, "id") != before {
		t.Error("a prepared version is used")
	}
	if list, err := k.MACs(keyring.Index, []byte("id")); err != nil || len(list) != 1 {
		t.Errorf("%d MACs with a prepared version, error %v", len(list), err)
	}
	if _, err := k.Prepare(keyring.Index); err == nil {
		t.Error("a second version was prepared")
	}
	if _, err := k.Prepare(keyring.Webhook); err != nil {
		t.Fatal(err)
	}
	if _, err := k.DeriveVersion(keyring.Webhook, 2, "app/1", 32); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("a prepared version derives: %v", err)
	}
	if version, err := k.Rotate(keyring.Index); err != nil || version != 2 {
		t.Errorf("rotated to %d, error %v", version, err)
	}
	if sumOf(t, k, keyring.Index, "id") == before {
		t.Error("the old key is still used")
	}
}

func TestDestroyRefuses(t *testing.T) {
	k, path := create(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := k.Destroy(keyring.KEK, 1); err == nil {
		t.Error("the active version was destroyed")
	}
	for _, err := range []error{k.Destroy(keyring.KEK, 0), k.Destroy(keyring.KEK, 2), k.Destroy("", 1)} {
		if !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("unknown version: %v", err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil || !bytes.Equal(before, after) {
		t.Errorf("a refusal changed the file, error %v", err)
	}
	if _, err := k.Rotate(keyring.KEK); err != nil {
		t.Fatal(err)
	}
	if err := k.Destroy(keyring.KEK, 1); err != nil {
		t.Fatal(err)
	}
	if err := k.Destroy(keyring.KEK, 1); !errors.Is(err, keyring.ErrDestroyed) {
		t.Errorf("destroyed twice: %v", err)
	}
	if version, err := k.Rotate(keyring.KEK); err != nil || version != 3 {
		t.Errorf("version %d after destroying, error %v", version, err)
	}
}

func TestChangesOfAnotherProcessAreKept(t *testing.T) {
	a, path := create(t)
	b := open(t, path)
	if _, err := a.Rotate(keyring.Index); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Rotate(keyring.App); err != nil {
		t.Fatal(err)
	}
	if stateOf(b, keyring.Index, 2) != keyring.Active || b.Generation() != 3 {
		t.Errorf("generation %d, index version 2 is %q", b.Generation(), stateOf(b, keyring.Index, 2))
	}
	if sumOf(t, a, keyring.Index, "id") != sumOf(t, b, keyring.Index, "id") {
		t.Error("two openings of one keystore disagree")
	}
}

func TestChangeRefusesAnotherFile(t *testing.T) {
	k, path := create(t)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate(keyring.KEK); err != nil {
		t.Fatal(err)
	}
	other, foreign := create(t)
	for range 3 { // further than k, so that only its identity gives it away
		if _, err := other.Rotate(keyring.KEK); err != nil {
			t.Fatal(err)
		}
	}
	stranger, err := os.ReadFile(foreign)
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"older copy": old, "foreign": stranger, "damaged": old[:100]} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := k.Rotate(keyring.KEK); err == nil {
			t.Errorf("%s: rotated", name)
		}
		if got, err := os.ReadFile(path); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: the file was changed, error %v", name, err)
		}
		if stateOf(k, keyring.KEK, 2) != keyring.Active || k.Generation() != 2 {
			t.Errorf("%s: the state in memory changed", name)
		}
	}
}
