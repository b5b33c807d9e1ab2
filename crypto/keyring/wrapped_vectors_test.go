package keyring_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"postern/crypto/keyring"
)

// witnessed is a box that keeps what it is asked to open.
type witnessed struct {
	*box
	bound, opened [][]byte
}

func (w *witnessed) Unwrap(wrapped []string, bound [][]byte) ([][]byte, error) {
	plain, err := w.box.Unwrap(wrapped, bound)
	for i := range plain {
		w.bound, w.opened = append(w.bound, bytes.Clone(bound[i])), append(w.opened, bytes.Clone(plain[i]))
	}
	return plain, err
}

// TestVectorTransit opens what a real Vault wrapped under two versions of a
// transit key, whose keys are in the vectors.
func TestVectorTransit(t *testing.T) {
	var v struct {
		Wrappings []struct {
			File    string
			Transit []hexBytes
			Keys    []struct {
				Purpose         keyring.Purpose
				Version         uint32
				Bound, Material hexBytes
			}
		}
	}
	if err := json.Unmarshal(contents(t, "testdata/vectors.json"), &v); err != nil || len(v.Wrappings) != 1 {
		t.Fatalf("%d wrappings in the vectors, error %v", len(v.Wrappings), err)
	}
	want := v.Wrappings[0]
	path := filepath.Join(t.TempDir(), "keystore.json")
	if err := os.WriteFile(path, contents(t, filepath.Join("testdata", want.File)), 0o600); err != nil {
		t.Fatal(err)
	}
	w := &witnessed{box: newBox(t, want.Transit[0], want.Transit[1])}
	k := reopen(t, path, w)
	plain, all := openVectors(t)
	if k.ID() != plain.ID() || k.Generation() != plain.Generation() || !slices.Equal(k.Versions(), plain.Versions()) {
		t.Errorf("id %q, generation %d, %d versions", k.ID(), k.Generation(), len(k.Versions()))
	}
	if got, err := k.UnsealSecret(all.Secrets[0].AAD, all.Secrets[0].Sealed); err != nil || !bytes.Equal(got, all.Secrets[0].Plain) {
		t.Errorf("secret %x, error %v", got, err)
	}
	if len(w.opened) != len(want.Keys) || len(k.Wrappings()) != len(want.Keys) {
		t.Fatalf("%d keys were opened, there are %d", len(w.opened), len(want.Keys))
	}
	for i, key := range want.Keys {
		if at := k.Wrappings()[i]; at.Purpose != key.Purpose || at.Number != key.Version || !bytes.Equal(w.bound[i], key.Bound) || !bytes.Equal(w.opened[i], key.Material) {
			t.Errorf("%s %d is another, or bound to something else", key.Purpose, key.Version)
		}
	}
}
