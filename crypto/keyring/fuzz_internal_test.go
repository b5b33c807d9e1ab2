package keyring

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// FuzzKeystore: whatever is accepted as a keystore is exactly what would be
// written, and can be used.
func FuzzKeystore(f *testing.F) {
	content, err := os.ReadFile("testdata/keystore.json")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(content)
	f.Add(content[:len(content)-1])
	f.Add(bytes.Replace(content, []byte(`"retired"`), []byte(`"active"`), 1))
	f.Add(bytes.Replace(content, []byte(`"version": 1,`), []byte(`"version": 1e0,`), 1))
	f.Add([]byte(`{"format":"postern keystore","version":1,"protection":{"kind":"none"},"sha256":"","body":{}}`))
	f.Add([]byte(`{"format":"postern keystore","version":1,"protection":{"kind":"none"},"body":null}`))
	f.Add([]byte(`null`))
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, data []byte) {
		b, _, err := decodeBody(data, Config{}.unlock)
		if err != nil {
			return
		}
		again, err := b.encode(nil)
		if err != nil || !bytes.Equal(again, data) {
			t.Errorf("written again it differs, error %v", err)
		}
		if _, err := newState(newMemory(false), b, nil); err != nil {
			t.Errorf("accepted, but unusable: %v", err)
		}
	})
}

// FuzzBody: the same for content whose checksum is right, which FuzzKeystore
// would hardly ever guess.
func FuzzBody(f *testing.F) {
	content, err := os.ReadFile("testdata/keystore.json")
	if err != nil {
		f.Fatal(err)
	}
	b, _, err := decodeBody(content, Config{}.unlock)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b.ID, b.Name, b.Generation, string(KEK), uint32(1), string(Active), uint64(0), make([]byte, 32), []byte(nil))
	f.Add(b.ID, b.Name, b.Generation, string(Checkpoint), uint32(9), string(Next), uint64(7), make([]byte, 32), []byte(publicOf(make([]byte, 32))))
	f.Add(b.ID, b.Name, b.Generation, string(Secret), uint32(9), string(Destroyed), uint64(sealLimit), []byte(nil), []byte(nil))
	f.Fuzz(func(t *testing.T, id, name string, generation uint64, purpose string, version uint32, state string, seals uint64, material, public []byte) {
		r := record{Purpose: Purpose(purpose), Version: version, State: State(state), Seals: seals, Material: material, Public: public}
		data, err := (&body{ID: id, Name: name, Generation: generation, Keys: []record{r}}).encode(nil)
		if err != nil {
			return
		}
		b, _, err := decodeBody(data, Config{}.unlock)
		if err != nil {
			return
		}
		s, err := newState(newMemory(false), b, nil)
		if err != nil {
			t.Fatalf("accepted, but unusable: %v", err)
		}
		if _, err := s.active(r.Purpose); (err == nil) != (r.State == Active) {
			t.Errorf("state %q, active: %v", r.State, err)
		}
	})
}

// FuzzEnvelopes: nothing but what was sealed opens.
func FuzzEnvelopes(f *testing.F) {
	path := filepath.Join(f.TempDir(), "keystore.json")
	k, err := Create(path, Config{Name: "fuzz"})
	if err != nil {
		f.Fatal(err)
	}
	scope := Scope{Subject: [16]byte{1}, Class: "standard", Month: "2026-11"}
	wrapped, err := k.NewDataKey(scope)
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := k.Seal(wrapped, scope, nil, []byte("value"))
	if err != nil {
		f.Fatal(err)
	}
	secret, err := k.SealSecret(nil, []byte("value"))
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{wrapped, sealed, secret, nil, {formatDataKey}, {formatSecret, 0, 0, 0, 1}, make([]byte, 65)} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := k.DataKey(data, scope); err == nil && !bytes.Equal(data, wrapped) {
			t.Error("a wrapped key opened")
		}
		if _, err := k.Unseal(wrapped, scope, nil, data); err == nil && !bytes.Equal(data, sealed) {
			t.Error("a sealed value opened")
		}
		if _, err := k.UnsealSecret(nil, data); err == nil && !bytes.Equal(data, secret) {
			t.Error("a secret opened")
		}
	})
}
