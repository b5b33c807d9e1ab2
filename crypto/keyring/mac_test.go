package keyring_test

import (
	"bytes"
	"errors"
	"testing"

	"postern/crypto/keyring"
)

func sumOf(t *testing.T, k *keyring.Keyring, p keyring.Purpose, parts ...string) [32]byte {
	t.Helper()
	_, sum, err := k.MAC(p, bytesOf(parts)...)
	if err != nil {
		t.Fatal(err)
	}
	return sum
}

func bytesOf(parts []string) [][]byte {
	var list [][]byte
	for _, p := range parts {
		list = append(list, []byte(p))
	}
	return list
}

func TestMACFramingIsUnambiguous(t *testing.T) {
	k, _ := create(t)
	lists := [][]string{
		{"abc"}, {"ab", "c"}, {"a", "bc"}, {"", "abc"}, {"abc", ""}, {"", "", "abc"}, {""}, {"", ""},
		{"\x00\x00\x00\x00\x00\x00\x00\x01a"}, {"a"}, {"a", "\x00\x00\x00\x00\x00\x00\x00\x00"},
	}
	seen := map[[32]byte][]string{}
	for _, parts := range lists {
		sum := sumOf(t, k, keyring.Index, parts...)
		if other, ok := seen[sum]; ok {
			t.Errorf("%q and %q have the same MAC", parts, other)
		}
		seen[sum] = parts
	}
}

func TestMACSeparatesPurposes(t *testing.T) {
	k, _ := create(t)
	seen := map[[32]byte]keyring.Purpose{}
	for _, p := range allPurposes {
		version, sum, err := k.MAC(p, []byte("x"))
		switch p {
		case keyring.KEK, keyring.Checkpoint, keyring.Secret:
			if !errors.Is(err, keyring.ErrNoKey) {
				t.Errorf("%s makes a MAC: %v", p, err)
			}
			if _, err := k.MACs(p, []byte("x")); !errors.Is(err, keyring.ErrNoKey) {
				t.Errorf("%s makes MACs: %v", p, err)
			}
			continue
		}
		if err != nil || version != 1 || seen[sum] != "" {
			t.Errorf("%s: version %d, error %v, same as %q", p, version, err, seen[sum])
		}
		seen[sum] = p
	}
}

func TestMACRefuses(t *testing.T) {
	k, _ := create(t)
	if _, _, err := k.MAC("", []byte("x")); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("zero purpose: %v", err)
	}
	if _, _, err := k.MAC("other", []byte("x")); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("unknown purpose: %v", err)
	}
	if _, _, err := k.MAC(keyring.Index); err == nil {
		t.Error("a MAC of nothing was made")
	}
	if _, err := k.MACs(keyring.Index); err == nil {
		t.Error("MACs of nothing were made")
	}
}

func TestVerifyMAC(t *testing.T) {
	k, _ := create(t)
	good := sumOf(t, k, keyring.App, "token")
	if !k.VerifyMAC(keyring.App, 1, good[:], []byte("token")) {
		t.Fatal("a good MAC is refused")
	}
	for i := range good {
		bad := good
		bad[i] ^= 1
		if k.VerifyMAC(keyring.App, 1, bad[:], []byte("token")) {
			t.Errorf("byte %d may be changed", i)
		}
	}
	for name, ok := range map[string]bool{
		"other part":    k.VerifyMAC(keyring.App, 1, good[:], []byte("tokem")),
		"other purpose": k.VerifyMAC(keyring.Index, 1, good[:], []byte("token")),
		"zero purpose":  k.VerifyMAC("", 1, good[:], []byte("token")),
		"zero version":  k.VerifyMAC(keyring.App, 0, good[:], []byte("token")),
		"other version": k.VerifyMAC(keyring.App, 2, good[:], []byte("token")),
		"short sum":     k.VerifyMAC(keyring.App, 1, good[:31], []byte("token")),
		"empty sum":     k.VerifyMAC(keyring.App, 1, nil, []byte("token")),
		"no parts":      k.VerifyMAC(keyring.App, 1, good[:]),
	} {
		if ok {
			t.Errorf("%s is accepted", name)
		}
	}
}

func TestMACsCoverEpochs(t *testing.T) {
	k, _ := create(t)
	var want [][32]byte
	for range 3 {
		want = append([][32]byte{sumOf(t, k, keyring.Index, "id")}, want...)
		if _, err := k.Rotate(keyring.Index); err != nil {
			t.Fatal(err)
		}
	}
	if err := k.Destroy(keyring.Index, 2); err != nil {
		t.Fatal(err)
	}
	list, err := k.MACs(keyring.Index, []byte("id"))
	if err != nil || len(list) != 3 {
		t.Fatalf("%d MACs, error %v", len(list), err)
	}
	now := sumOf(t, k, keyring.Index, "id")
	for i, w := range []keyring.VersionedMAC{{Version: 4, Sum: now}, {Version: 3, Sum: want[0]}, {Version: 1, Sum: want[2]}} {
		if list[i] != w {
			t.Errorf("MAC %d is of version %d, want %d", i, list[i].Version, w.Version)
		}
	}
}

func TestDerive(t *testing.T) {
	k, path := create(t)
	version, first, err := k.Derive(keyring.Webhook, "app/1", 32)
	if err != nil || version != 1 || len(first) != 32 {
		t.Fatalf("version %d, %d bytes, error %v", version, len(first), err)
	}
	_, again, err := open(t, path).Derive(keyring.Webhook, "app/1", 32)
	if err != nil || !bytes.Equal(again, first) {
		t.Errorf("derived differently after reopening, error %v", err)
	}
	_, other, err := k.Derive(keyring.Webhook, "app/2", 32)
	if err != nil || bytes.Equal(other, first) {
		t.Errorf("two apps share a secret, error %v", err)
	}
	_, other, err = k.Derive(keyring.App, "app/1", 32)
	if err != nil || bytes.Equal(other, first) {
		t.Errorf("two purposes share a secret, error %v", err)
	}
	if _, err := k.Rotate(keyring.Webhook); err != nil {
		t.Fatal(err)
	}
	version, other, err = k.Derive(keyring.Webhook, "app/1", 32)
	if err != nil || version != 2 || bytes.Equal(other, first) {
		t.Errorf("after rotation: version %d, error %v", version, err)
	}
	old, err := k.DeriveVersion(keyring.Webhook, 1, "app/1", 32)
	if err != nil || !bytes.Equal(old, first) {
		t.Errorf("the retired version derives differently, error %v", err)
	}
}

func TestDeriveRefuses(t *testing.T) {
	k, _ := create(t)
	for _, p := range []keyring.Purpose{"", keyring.KEK, keyring.Index, keyring.Original, keyring.Suppression, keyring.Checkpoint, keyring.Secret} {
		if _, _, err := k.Derive(p, "info", 32); !errors.Is(err, keyring.ErrNoKey) {
			t.Errorf("%q derives: %v", p, err)
		}
	}
	for _, length := range []int{-1, 0, 15, 255*32 + 1} {
		if _, secret, err := k.Derive(keyring.Webhook, "info", length); err == nil || secret != nil {
			t.Errorf("%d bytes were derived", length)
		}
	}
	if _, _, err := k.Derive(keyring.Webhook, "", 32); err == nil {
		t.Error("derived for an empty info")
	}
	if _, err := k.DeriveVersion(keyring.Webhook, 2, "info", 32); !errors.Is(err, keyring.ErrNoKey) {
		t.Errorf("derived from an unknown version: %v", err)
	}
}
