package keyring_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"postern/crypto/keyring"
)

// allPurposes is written out: the tests must notice one that is lost.
var allPurposes = []keyring.Purpose{
	keyring.KEK, keyring.Index, keyring.Original, keyring.Suppression,
	keyring.App, keyring.Checkpoint, keyring.Webhook, keyring.Secret,
}

var day = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

func fixedClock() time.Time { return day }

// create makes a keystore in a folder of its own.
func create(t testing.TB) (*keyring.Keyring, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "keystore.json")
	k, err := keyring.Create(path, keyring.Config{Name: "gateway-1", Now: fixedClock})
	if err != nil {
		t.Fatal(err)
	}
	return k, path
}

func open(t testing.TB, path string) *keyring.Keyring {
	t.Helper()
	k, err := keyring.Open(path, keyring.Config{Now: fixedClock})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestCreateMakesEveryPurpose(t *testing.T) {
	k, path := create(t)
	if len(k.ID()) != 32 || k.Name() != "gateway-1" || k.Generation() != 1 {
		t.Errorf("id %q, name %q, generation %d", k.ID(), k.Name(), k.Generation())
	}
	var got []keyring.Purpose
	for _, v := range k.Versions() {
		if v.Number != 1 || v.State != keyring.Active || !v.Created.Equal(day) {
			t.Errorf("unexpected version %+v", v)
		}
		got = append(got, v.Purpose)
	}
	if !slices.Equal(got, allPurposes) {
		t.Errorf("purposes %v, want %v", got, allPurposes)
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	if again := open(t, path); again.ID() != k.ID() {
		t.Errorf("reopened id %q, want %q", again.ID(), k.ID())
	}
}

func TestCreateNeverOverwrites(t *testing.T) {
	_, path := create(t)
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keyring.Create(path, keyring.Config{Name: "other"}); !errors.Is(err, fs.ErrExist) {
		t.Errorf("second create: %v, want fs.ErrExist", err)
	}
	after, err := os.ReadFile(path)
	if err != nil || string(after) != string(before) {
		t.Errorf("the file changed, error %v", err)
	}
	if left, _ := filepath.Glob(path + "?*"); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestCreateRefusesNames(t *testing.T) {
	long := string(make([]byte, 101))
	for _, name := range []string{"", "two words", "a+b", "line\nbreak", "käse", "a,b", "a:b", long} {
		path := filepath.Join(t.TempDir(), "keystore.json")
		if _, err := keyring.Create(path, keyring.Config{Name: name}); err == nil {
			t.Errorf("name %q was taken", name)
		}
		if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("name %q left a file", name)
		}
	}
}

func TestOpenChecksName(t *testing.T) {
	_, path := create(t)
	if _, err := keyring.Open(path, keyring.Config{Name: "gateway-2"}); err == nil {
		t.Error("a keystore of another name was opened")
	}
	if _, err := keyring.Open(path, keyring.Config{Name: "gateway-1"}); err != nil {
		t.Error(err)
	}
	if _, err := keyring.Open(path+"x", keyring.Config{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing file: %v, want fs.ErrNotExist", err)
	}
}

func TestZeroAndClosedRefuse(t *testing.T) {
	closed, _ := create(t)
	wrapped, err := closed.NewDataKey(scope)
	if err != nil {
		t.Fatal(err)
	}
	_, mac, err := closed.MAC(keyring.Index, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	secret, err := closed.SealSecret(nil, []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	for name, k := range map[string]*keyring.Keyring{"zero": {}, "closed": closed} {
		t.Run(name, func(t *testing.T) {
			refusesAll(t, k, wrapped, mac[:], secret)
		})
	}
}

func refusesAll(t *testing.T, k *keyring.Keyring, wrapped, mac, secret []byte) {
	t.Helper()
	calls := map[string]func() error{
		"NewDataKey":   func() error { _, err := k.NewDataKey(scope); return err },
		"DataKey":      func() error { _, err := k.DataKey(wrapped, scope); return err },
		"Seal":         func() error { _, err := k.Seal(wrapped, scope, nil, nil); return err },
		"Unseal":       func() error { _, err := k.Unseal(wrapped, scope, nil, nil); return err },
		"SealSecret":   func() error { _, err := k.SealSecret(nil, nil); return err },
		"UnsealSecret": func() error { _, err := k.UnsealSecret(nil, secret); return err },
		"MAC":          func() error { _, _, err := k.MAC(keyring.Index, []byte("x")); return err },
		"MACs":         func() error { _, err := k.MACs(keyring.Index, []byte("x")); return err },
		"Derive":       func() error { _, _, err := k.Derive(keyring.Webhook, "x", 32); return err },
		"DeriveVersion": func() error {
			_, err := k.DeriveVersion(keyring.Webhook, 1, "x", 32)
			return err
		},
		"SignCheckpoint": func() error { _, _, err := k.SignCheckpoint(nil); return err },
		"Prepare":        func() error { _, err := k.Prepare(keyring.KEK); return err },
		"Rotate":         func() error { _, err := k.Rotate(keyring.KEK); return err },
		"Destroy":        func() error { return k.Destroy(keyring.KEK, 1) },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("%s: %v, want ErrNoKey", name, err)
		}
	}
	if k.VerifyMAC(keyring.Index, 1, mac, []byte("x")) {
		t.Error("VerifyMAC said yes")
	}
	if len(k.CheckpointKeys()) != 0 || len(k.Versions()) != 0 {
		t.Error("it lists keys")
	}
}
