package audit

import (
	"crypto/ed25519"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// Signer signs checkpoints; Verifier checks them. Both are the C2SP
// signed-note kind of golang.org/x/mod.
type (
	Signer   = note.Signer
	Verifier = note.Verifier
)

// VerifierKey is the text form of a public key, name+hash+key, to publish and
// to hand to an auditor. The name has no space and no '+'.
func VerifierKey(name string, key ed25519.PublicKey) (string, error) {
	if !validChain(name) {
		return "", errors.New("key name is not 1 to 128 printable ASCII characters without space and '+'")
	}
	return note.NewEd25519VerifierKey(name, key)
}

// NewVerifier returns the verifier of an Ed25519 key.
func NewVerifier(name string, key ed25519.PublicKey) (Verifier, error) {
	text, err := VerifierKey(name, key)
	if err != nil {
		return nil, err
	}
	return note.NewVerifier(text)
}

// ParseVerifier reads the text form of VerifierKey.
func ParseVerifier(text string) (Verifier, error) {
	v, err := note.NewVerifier(text)
	if err != nil {
		return nil, fmt.Errorf("read checkpoint key, want name+hash+key: %w", err)
	}
	return v, nil
}

// NewSigner adapts a signing function, whose private key stays where it is,
// to a Signer. sign returns the plain Ed25519 signature of msg.
func NewSigner(name string, key ed25519.PublicKey, sign func(msg []byte) ([]byte, error)) (Signer, error) {
	v, err := NewVerifier(name, key)
	if err != nil {
		return nil, err
	}
	return &signer{Verifier: v, sign: sign}, nil
}

type signer struct {
	Verifier
	sign func(msg []byte) ([]byte, error)
}

// Sign refuses a signature that its own public key would not accept: a
// checkpoint nobody can open is worse than none.
func (s *signer) Sign(msg []byte) ([]byte, error) {
	sig, err := s.sign(msg)
	if err != nil {
		return nil, err
	}
	if !s.Verify(msg, sig) {
		return nil, errors.New("signature does not fit the public key")
	}
	return sig, nil
}

// keySet looks verifiers up by name and hash; one given twice counts once.
type keySet []Verifier

func (k keySet) Verifier(name string, hash uint32) (note.Verifier, error) {
	for _, v := range k {
		if v.Name() == name && v.KeyHash() == hash {
			return v, nil
		}
	}
	return nil, &note.UnknownVerifierError{Name: name, KeyHash: hash}
}
