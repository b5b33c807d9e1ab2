package flows

import (
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
)

// keyBits is the only size that Meta takes.
const keyBits = 2048

const (
	blockPrivate = "PRIVATE KEY"     // PKCS #8
	blockRSA     = "RSA PRIVATE KEY" // PKCS #1
	blockPublic  = "PUBLIC KEY"      // SPKI
)

// Key is the private half of a number's pair. It prints as "[flow key]".
type Key struct{ private *rsa.PrivateKey }

// NewKey makes a pair.
func NewKey() (*Key, error) {
	private, err := rsa.GenerateKey(rand.Reader, keyBits)
	if err != nil {
		return nil, fmt.Errorf("make flow key: %w", err)
	}
	return &Key{private}, nil
}

// ParseKey reads one private RSA-2048 key as PEM: PKCS #8 or PKCS #1, not
// encrypted. Errors hold nothing of the text.
func ParseKey(text []byte) (key *Key, err error) {
	block, rest := pem.Decode(text)
	if block == nil || len(rest) != 0 && !blank(rest) {
		return nil, errors.New("flow key is not one PEM block; make one with: postern flows key create")
	}
	fips140.WithoutEnforcement(func() { key, err = parse(block) })
	return key, err
}

func blank(text []byte) bool {
	for _, c := range text {
		if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
			return false
		}
	}
	return true
}

func parse(block *pem.Block) (*Key, error) {
	var private *rsa.PrivateKey
	var err error
	switch block.Type {
	case blockRSA:
		private, err = x509.ParsePKCS1PrivateKey(block.Bytes)
	case blockPrivate:
		var any any
		any, err = x509.ParsePKCS8PrivateKey(block.Bytes)
		private, _ = any.(*rsa.PrivateKey)
	default:
		return nil, errors.New("flow key is no PEM block PRIVATE KEY; keys with a passphrase are not read, store it without one")
	}
	if err != nil || private == nil || private.N.BitLen() != keyBits {
		return nil, errors.New("flow key is not a private RSA key of 2048 bits, the only kind that Meta takes")
	}
	return &Key{private}, nil
}

// Private is the key as PEM, PKCS #8: for the file it is kept in.
func (k *Key) Private() ([]byte, error) {
	der, err := x509.MarshalPKCS8PrivateKey(k.private)
	if err != nil {
		return nil, fmt.Errorf("encode flow key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: blockPrivate, Bytes: der}), nil
}

// Public is the other half as PEM, SPKI: what Meta is given.
func (k *Key) Public() ([]byte, error) {
	der, err := x509.MarshalPKIXPublicKey(&k.private.PublicKey)
	if err != nil {
		return nil, fmt.Errorf("encode public flow key: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: blockPublic, Bytes: der}), nil
}

// Matches reports whether a public key as PEM is this key's, however its text
// is wrapped.
func (k *Key) Matches(public []byte) bool {
	block, _ := pem.Decode(public)
	if block == nil {
		return false
	}
	other, err := x509.ParsePKIXPublicKey(block.Bytes)
	return err == nil && k.private.PublicKey.Equal(other)
}

// Format answers every verb with the same words, so that no log holds a key.
func (k *Key) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[flow key]") }
