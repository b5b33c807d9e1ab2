package keyring_test

import (
	"crypto/ed25519"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"postern/crypto/keyring"
)

// signed lets note.Sign use a signature of the keyring.
type signed struct {
	keyring.PublicKey
	sig []byte
}

func (s signed) Name() string                { return s.PublicKey.Name }
func (s signed) KeyHash() uint32             { return s.Hash() }
func (s signed) Sign([]byte) ([]byte, error) { return s.sig, nil }

func TestCheckpointIsASignedNote(t *testing.T) {
	k, _ := create(t)
	text := "gateway-1\n7\nAAAA\n"
	public, sig, err := k.SignCheckpoint([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	msg, err := note.Sign(&note.Note{Text: text}, signed{public, sig})
	if err != nil {
		t.Fatal(err)
	}
	encoded, err := note.NewEd25519VerifierKey("gateway-1", public.Key)
	if err != nil {
		t.Fatal(err)
	}
	verifier, err := note.NewVerifier(encoded)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := note.Open(msg, note.VerifierList(verifier)); err != nil || n.Text != text {
		t.Errorf("the note does not open: %v", err)
	}
}

func TestCheckpointKeysSurviveDestruction(t *testing.T) {
	k, path := create(t)
	msg := []byte("tree\n1\n")
	first, sig, err := k.SignCheckpoint(msg)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := k.Rotate(keyring.Checkpoint); err != nil {
		t.Fatal(err)
	}
	if err := k.Destroy(keyring.Checkpoint, 1); err != nil {
		t.Fatal(err)
	}
	if _, err := k.Prepare(keyring.Checkpoint); err != nil {
		t.Fatal(err)
	}
	list := open(t, path).CheckpointKeys()
	want := []keyring.State{keyring.Destroyed, keyring.Active, keyring.Next}
	if len(list) != len(want) {
		t.Fatalf("%d keys, want %d", len(list), len(want))
	}
	for i, p := range list {
		if p.State != want[i] || p.Version != uint32(i+1) || p.Name != "gateway-1" {
			t.Errorf("key %d is %+v", i, p)
		}
		if ed25519.Verify(p.Key, msg, sig) != (i == 0) {
			t.Errorf("key %d verifies: %t", i, i != 0)
		}
	}
	if list[0].Hash() != first.Hash() || list[0].Hash() == list[1].Hash() {
		t.Error("key hashes do not tell the keys apart")
	}
	if second, _, err := k.SignCheckpoint(msg); err != nil || second.Version != 2 {
		t.Errorf("signed by version %d, error %v", second.Version, err)
	}
}
