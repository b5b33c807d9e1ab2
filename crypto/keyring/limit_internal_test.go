package keyring

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

func sealsOf(k *Keyring, p Purpose) uint64 {
	for _, v := range k.Versions() {
		if v.Purpose == p && v.State == Active {
			return v.Seals
		}
	}
	return 0
}

func TestSealsAreReservedAhead(t *testing.T) {
	k, path, _ := newStore(t)
	if sealsOf(k, Secret) != 0 {
		t.Error("a new key has seals")
	}
	for range 3 {
		if _, err := k.SealSecret(nil, nil); err != nil {
			t.Fatal(err)
		}
	}
	again, err := Open(path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	if sealsOf(again, Secret) != sealBlock || k.Generation() != 2 {
		t.Errorf("%d seals in the file, generation %d", sealsOf(again, Secret), k.Generation())
	}
	if _, err := again.SealSecret(nil, nil); err != nil || sealsOf(again, Secret) != 2*sealBlock {
		t.Errorf("%d seals after another start, error %v", sealsOf(again, Secret), err)
	}
}

func TestBlockIsSpentExactly(t *testing.T) {
	k, _, _ := newStore(t)
	var wait sync.WaitGroup
	for range 8 {
		wait.Go(func() {
			for range sealBlock / 8 {
				if _, err := k.sealing(KEK); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	wait.Wait()
	if sealsOf(k, KEK) != sealBlock {
		t.Errorf("%d seals reserved after %d", sealsOf(k, KEK), sealBlock)
	}
	if _, err := k.sealing(KEK); err != nil || sealsOf(k, KEK) != 2*sealBlock {
		t.Errorf("%d seals reserved after one more, error %v", sealsOf(k, KEK), err)
	}
}

func TestLimitOfSeals(t *testing.T) {
	_, path, content := newStore(t)
	b, _, err := decodeBody(content, Config{}.unlock)
	if err != nil {
		t.Fatal(err)
	}
	b.inState(KEK, Active).Seals = sealLimit - sealBlock
	data, err := b.encode(nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	k, err := Open(path, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for range sealBlock {
		if _, err := k.sealing(KEK); err != nil {
			t.Fatal(err)
		}
	}
	scope := Scope{Subject: [16]byte{1}, Class: "standard", Month: "2026-11"}
	if _, err := k.NewDataKey(scope); !errors.Is(err, ErrExhausted) {
		t.Errorf("past the limit: %v, want ErrExhausted", err)
	}
	if _, err := k.Rotate(KEK); err != nil {
		t.Fatal(err)
	}
	if _, err := k.NewDataKey(scope); err != nil {
		t.Errorf("after rotation: %v", err)
	}
}

// TestDestroyedKeyIsInNoFile looks for the key in every file of the folder.
func TestDestroyedKeyIsInNoFile(t *testing.T) {
	k, path, content := newStore(t)
	b, _, err := decodeBody(content, Config{}.unlock)
	if err != nil {
		t.Fatal(err)
	}
	secret := []byte(base64.StdEncoding.EncodeToString(b.find(KEK, 1).Material))
	if !bytes.Contains(content, secret) {
		t.Fatal("the key is not where this test looks for it")
	}
	if _, err := k.Rotate(KEK); err != nil {
		t.Fatal(err)
	}
	if err := k.Destroy(KEK, 1); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(filepath.Dir(path))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files, error %v", len(files), err)
	}
	if now, err := os.ReadFile(path); err != nil || bytes.Contains(now, secret) {
		t.Errorf("the destroyed key is still in the file, error %v", err)
	}
}
