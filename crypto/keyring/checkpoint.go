package keyring

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
)

// noteEd25519 is the signature type of Ed25519 in C2SP signed notes.
const noteEd25519 = 0x01

// PublicKey is the public half of a checkpoint key.
type PublicKey struct {
	Version uint32
	State   State
	Name    string // key name in signed notes: the keystore's name
	Key     ed25519.PublicKey
}

// Hash is the key hash that a C2SP signed note puts before the signature.
func (p PublicKey) Hash() uint32 {
	named := append([]byte(p.Name+"\n"), noteEd25519)
	sum := sha256.Sum256(append(named, p.Key...))
	return binary.BigEndian.Uint32(sum[:])
}

// SignCheckpoint signs msg with the active checkpoint key (Ed25519, RFC 8032)
// and returns the public key that verifies the signature.
func (k *Keyring) SignCheckpoint(msg []byte) (PublicKey, []byte, error) {
	s := k.loaded()
	key, err := s.active(Checkpoint)
	if err != nil {
		return PublicKey{}, nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	signature, err := key.sign(msg)
	if err != nil {
		return PublicKey{}, nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	return s.publicKey(s.find(Checkpoint, key.version)), signature, nil
}

// sign makes the signing key of its seed each time: it is needed once a minute,
// and the standard library's form of it could not be overwritten.
func (k *key) sign(msg []byte) (signature []byte, err error) {
	there := k.seed.use(func(seed []byte) {
		erasing(func() {
			private := ed25519.NewKeyFromSeed(seed)
			defer wipe(private)
			signature = ed25519.Sign(private, msg)
		})
	})
	if !there {
		return nil, ErrDestroyed
	}
	return signature, nil
}

// CheckpointKeys lists the public key of every version, ascending, destroyed
// ones included: what they signed stays verifiable. The caller decides which
// states it trusts for what.
func (k *Keyring) CheckpointKeys() []PublicKey {
	s := k.loaded()
	r := s.rings[Checkpoint]
	if r == nil {
		return nil
	}
	list := make([]PublicKey, 0, len(r.versions))
	for i := range r.versions {
		list = append(list, s.publicKey(&r.versions[i]))
	}
	return list
}

func (s *state) publicKey(e *entry) PublicKey {
	return PublicKey{Version: e.Number, State: e.State, Name: s.name, Key: append(ed25519.PublicKey(nil), e.public...)}
}
