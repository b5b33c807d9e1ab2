package keyring_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/crypto/keyring"
)

const (
	phrase      = "correct horse battery staple"
	otherPhrase = "another horse battery staple"
)

func given(text string) func() ([]byte, error) {
	return func() ([]byte, error) { return []byte(text), nil }
}

func TestVectorPassphrase(t *testing.T) {
	content, err := os.ReadFile("testdata/keystore-passphrase.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keystore.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := keyring.Open(path, keyring.Config{Passphrase: given(phrase)})
	if err != nil {
		t.Fatal(err)
	}
	plain, v := openVectors(t)
	if !k.Protected() || k.ID() != plain.ID() || k.Generation() != plain.Generation() || len(k.Versions()) != len(plain.Versions()) {
		t.Errorf("id %q, generation %d, %d versions", k.ID(), k.Generation(), len(k.Versions()))
	}
	if got, err := k.UnsealSecret(v.Secrets[0].AAD, v.Secrets[0].Sealed); err != nil || !bytes.Equal(got, v.Secrets[0].Plain) {
		t.Errorf("secret %x, error %v", got, err)
	}
}

// TestProtection passes a keystore through every state of protection.
func TestProtection(t *testing.T) {
	path := filepath.Join(t.TempDir(), "keystore.json")
	k, err := keyring.Create(path, keyring.Config{Name: "gateway-1", Now: fixedClock, Passphrase: given(phrase)})
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := k.SealSecret(nil, []byte("value")) // reserves seals in the protected file
	if err != nil || !k.Protected() {
		t.Fatalf("protected %v, error %v", k.Protected(), err)
	}
	refused(t, path, nil, "no passphrase is given")
	refused(t, path, given(otherPhrase), "does not open the keystore")
	noMaterial(t, path)

	if err := k.Protect([]byte(otherPhrase)); err != nil {
		t.Fatal(err)
	}
	refused(t, path, given(phrase), "does not open the keystore")
	again, err := keyring.Open(path, keyring.Config{Now: fixedClock, Passphrase: given(otherPhrase)})
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.UnsealSecret(nil, sealed); err != nil || string(plain) != "value" {
		t.Errorf("%q, error %v", plain, err)
	}

	if err := again.Unprotect(); err != nil || again.Protected() {
		t.Fatalf("protected %v, error %v", again.Protected(), err)
	}
	refused(t, path, given(otherPhrase), "is not protected")
	if got := open(t, path); got.Generation() != 4 || got.Protected() {
		t.Errorf("generation %d, protected %v", got.Generation(), got.Protected())
	}
	// The first one does not know how the file is kept now.
	if _, err := k.Rotate(keyring.KEK); err == nil || !strings.Contains(err.Error(), "changed by another process") {
		t.Errorf("rotate under an outdated passphrase: %v", err)
	}
}

func refused(t *testing.T, path string, passphrase func() ([]byte, error), want string) {
	t.Helper()
	_, err := keyring.Open(path, keyring.Config{Passphrase: passphrase})
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "horse") {
		t.Errorf("%v, want %q", err, want)
	}
}

// noMaterial looks for anything of the body in a protected file.
func noMaterial(t *testing.T, path string) {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"gateway-1", "material", "generation", `"purpose"`} {
		if bytes.Contains(content, []byte(word)) {
			t.Errorf("the file holds %q", word)
		}
	}
}

func TestShortPassphraseChangesNothing(t *testing.T) {
	k, path := create(t)
	if err := k.Protect([]byte("too short")); err == nil || !strings.Contains(err.Error(), "15 to 1024 bytes") {
		t.Errorf("got %v", err)
	}
	if err := k.Protect(nil); err == nil {
		t.Error("no passphrase is accepted")
	}
	if k.Protected() || open(t, path).Generation() != 1 {
		t.Error("the keystore changed")
	}
	_, err := keyring.Create(path+"2", keyring.Config{Name: "gateway-1", Passphrase: given("")})
	if _, missing := os.Stat(path + "2"); err == nil || !errors.Is(missing, fs.ErrNotExist) {
		t.Errorf("created with an empty passphrase: %v", err)
	}
}

func TestBackup(t *testing.T) {
	k, path := create(t)
	if err := k.Protect([]byte(phrase)); err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.json")
	if err := k.Backup(to); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(to); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, error %v", info, err)
	}
	backup, err := keyring.Open(to, keyring.Config{Passphrase: given(phrase)})
	if err != nil || backup.ID() != k.ID() || backup.Generation() != k.Generation() {
		t.Fatalf("the copy does not open as it should: %v", err)
	}
	before, err := os.ReadFile(to)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate(keyring.KEK); err != nil {
		t.Fatal(err)
	}
	if err := k.Backup(to); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over a copy: %v", err)
	}
	if err := k.Backup(path); !errors.Is(err, fs.ErrExist) {
		t.Errorf("over itself: %v", err)
	}
	if now, err := os.ReadFile(to); err != nil || !bytes.Equal(now, before) {
		t.Errorf("the first copy was changed, error %v", err)
	}
	if err := k.Backup(filepath.Join(to, "x")); err == nil {
		t.Error("into a file")
	}
}

// TestBackupOfWhatIsNotThisKeystore: a copy that could not be used later must
// not be called one.
func TestBackupOfWhatIsNotThisKeystore(t *testing.T) {
	k, path := create(t)
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate(keyring.KEK); err != nil {
		t.Fatal(err)
	}
	_, strange := create(t)
	other, err := os.ReadFile(strange)
	if err != nil {
		t.Fatal(err)
	}
	to := filepath.Join(t.TempDir(), "copy.json")
	for want, content := range map[string][]byte{"older copy": old, "another one": other, "damaged": old[:len(old)/2]} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := k.Backup(to); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, want %q", err, want)
		}
		if _, err := os.Lstat(to); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("a copy was left: %v", err)
		}
	}
	k.Close()
	if err := k.Backup(to); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("closed: %v", err)
	}
	if err := k.Protect([]byte(phrase)); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("closed: %v", err)
	}
}

func TestChangedHearsEveryChange(t *testing.T) {
	heard := 0
	path := filepath.Join(t.TempDir(), "keystore.json")
	k, err := keyring.Create(path, keyring.Config{Name: "gateway-1", Changed: func() { heard++ }})
	if err != nil {
		t.Fatal(err)
	}
	for i, change := range []func() error{
		func() error { _, err := k.Rotate(keyring.KEK); return err },
		func() error { return k.Destroy(keyring.KEK, 1) },
		func() error { _, err := k.SealSecret(nil, nil); return err }, // reserves
		func() error { return k.Protect([]byte(phrase)) },
	} {
		if err := change(); err != nil || heard != i+1 {
			t.Errorf("change %d: heard %d, error %v", i, heard, err)
		}
	}
	if err := k.Destroy(keyring.KEK, 2); err == nil || heard != 4 {
		t.Errorf("a change that failed was heard: %d, error %v", heard, err)
	}
}
