package keyring_test

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"postern/crypto/keyring"
)

// hexBytes is a hexadecimal string in the vectors.
type hexBytes []byte

func (h *hexBytes) UnmarshalText(text []byte) error {
	b, err := hex.DecodeString(string(text))
	*h = b
	return err
}

type sealedVector struct {
	Version            uint32
	AAD, Plain, Sealed hexBytes
}

type vectors struct {
	DataKeys []struct {
		Subject      hexBytes
		Class, Month string
		Wrapped      hexBytes
		Values       []sealedVector
		Streams      []sealedVector
	} `json:"data_keys"`
	Secrets []sealedVector
	MACs    []struct {
		Purpose keyring.Purpose
		Version uint32
		Parts   []hexBytes
		Sum     hexBytes
	} `json:"macs"`
	Derived []struct {
		Purpose keyring.Purpose
		Version uint32
		Info    string
		Length  int
		Secret  hexBytes
	}
	Checkpoints []struct {
		Version                    uint32
		Message, Public, Signature hexBytes
		KeyHash                    string `json:"key_hash"`
	}
}

// openVectors opens a private copy of the keystore the vectors are made for.
func openVectors(t testing.TB) (*keyring.Keyring, *vectors) {
	t.Helper()
	content, err := os.ReadFile("testdata/keystore.json")
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "keystore.json")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/vectors.json")
	if err != nil {
		t.Fatal(err)
	}
	v := &vectors{}
	if err := json.Unmarshal(text, v); err != nil {
		t.Fatal(err)
	}
	return open(t, path), v
}

func TestVectorKeystore(t *testing.T) {
	k, _ := openVectors(t)
	if k.ID() != "000102030405060708090a0b0c0d0e0f" || k.Name() != "vectors/gateway-1" || k.Generation() != 17 {
		t.Errorf("id %q, name %q, generation %d", k.ID(), k.Name(), k.Generation())
	}
	if len(k.Versions()) != 15 || stateOf(k, keyring.Index, 1) != keyring.Destroyed {
		t.Errorf("%d versions, index version 1 is %q", len(k.Versions()), stateOf(k, keyring.Index, 1))
	}
}

func TestVectorSeals(t *testing.T) {
	k, v := openVectors(t)
	if len(v.DataKeys) != 2 || len(v.Secrets) != 2 {
		t.Fatalf("%d data keys and %d secrets in the vectors", len(v.DataKeys), len(v.Secrets))
	}
	for i, d := range v.DataKeys {
		s := keyring.Scope{Subject: [16]byte(d.Subject), Class: d.Class, Month: d.Month}
		for j, value := range d.Values {
			plain, err := k.Unseal(d.Wrapped, s, value.AAD, value.Sealed)
			if err != nil || !bytes.Equal(plain, value.Plain) {
				t.Errorf("data key %d, value %d: %x, error %v", i, j, plain, err)
			}
		}
	}
	testStreamVectors(t, k, v)
	for i, s := range v.Secrets {
		plain, err := k.UnsealSecret(s.AAD, s.Sealed)
		if err != nil || !bytes.Equal(plain, s.Plain) {
			t.Errorf("secret %d: %x, error %v", i, plain, err)
		}
	}
}

// testStreamVectors reads what another implementation wrote in chunks; the long
// one has two.
func testStreamVectors(t *testing.T, k *keyring.Keyring, v *vectors) {
	t.Helper()
	d := v.DataKeys[0]
	key, err := k.DataKey(d.Wrapped, keyring.Scope{Subject: [16]byte(d.Subject), Class: d.Class, Month: d.Month})
	if err != nil || len(d.Streams) != 2 {
		t.Fatalf("%d streams in the vectors, %v", len(d.Streams), err)
	}
	long, err := os.ReadFile("testdata/stream.bin")
	if err != nil {
		t.Fatal(err)
	}
	plain := make([]byte, keyring.StreamChunk+1)
	for i := range plain {
		plain[i] = byte(i % 251)
	}
	for i, s := range append(d.Streams, sealedVector{AAD: []byte("file/two"), Plain: plain, Sealed: long}) {
		got, err := io.ReadAll(key.UnsealStream(s.AAD, bytes.NewReader(s.Sealed)))
		if err != nil || !bytes.Equal(got, s.Plain) {
			t.Errorf("stream %d: %d bytes, error %v", i, len(got), err)
		}
	}
}

func TestVectorMACs(t *testing.T) {
	k, v := openVectors(t)
	if len(v.MACs) != 10 {
		t.Fatalf("%d MACs in the vectors", len(v.MACs))
	}
	for i, m := range v.MACs {
		var parts [][]byte
		for _, p := range m.Parts {
			parts = append(parts, p)
		}
		if !k.VerifyMAC(m.Purpose, m.Version, m.Sum, parts...) {
			t.Errorf("MAC %d is refused", i)
		}
		list, err := k.MACs(m.Purpose, parts...)
		found := false
		for _, have := range list {
			found = found || have.Version == m.Version && bytes.Equal(have.Sum[:], m.Sum)
		}
		if err != nil || !found {
			t.Errorf("MAC %d is not made, error %v", i, err)
		}
	}
}

func TestVectorDerivations(t *testing.T) {
	k, v := openVectors(t)
	if len(v.Derived) != 4 {
		t.Fatalf("%d derivations in the vectors", len(v.Derived))
	}
	for i, d := range v.Derived {
		secret, err := k.DeriveVersion(d.Purpose, d.Version, d.Info, d.Length)
		if err != nil || !bytes.Equal(secret, d.Secret) {
			t.Errorf("derivation %d: %x, error %v", i, secret, err)
		}
	}
}

func TestVectorCheckpoints(t *testing.T) {
	k, v := openVectors(t)
	if len(v.Checkpoints) != 2 {
		t.Fatalf("%d checkpoints in the vectors", len(v.Checkpoints))
	}
	for i, c := range v.Checkpoints {
		p := k.CheckpointKeys()[c.Version-1]
		if !bytes.Equal(p.Key, c.Public) || fmt.Sprintf("%08x", p.Hash()) != c.KeyHash {
			t.Errorf("checkpoint %d: key %x, hash %08x", i, p.Key, p.Hash())
		}
		if !ed25519.Verify(p.Key, c.Message, c.Signature) {
			t.Errorf("checkpoint %d does not verify", i)
		}
	}
	active := v.Checkpoints[0]
	_, sig, err := k.SignCheckpoint(active.Message)
	if err != nil || !bytes.Equal(sig, active.Signature) {
		t.Errorf("signature %x, error %v", sig, err)
	}
}
