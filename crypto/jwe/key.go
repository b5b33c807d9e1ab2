package jwe

import (
	"bytes"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Sizes of an RSA modulus that are taken, in bits.
const (
	minBits = 2048
	maxBits = 4096
)

// Private is a key that opens tokens. It prints as "[private key]".
type Private struct{ key *rsa.PrivateKey }

// Format answers every verb with the same words.
func (p *Private) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[private key]") }

// Public is a key that tokens are sealed to.
type Public struct{ key *rsa.PublicKey }

var (
	errPrivate = errors.New("it is no RSA private key in PEM; make one with: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048")
	errPublic  = errors.New("it is no RSA public key")
	errBits    = errors.New("an RSA key has 2048 to 4096 bits here; make another one")
)

// ParsePrivate reads a PEM file's one key, PKCS #8 or PKCS #1, not encrypted.
func ParsePrivate(text []byte) (*Private, error) {
	block, rest := pem.Decode(text)
	if block == nil || len(bytes.TrimSpace(rest)) > 0 {
		return nil, errPrivate
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return newPrivate(key)
	}
	any, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, errPrivate
	}
	key, ok := any.(*rsa.PrivateKey)
	if !ok {
		return nil, errPrivate
	}
	return newPrivate(key)
}

func newPrivate(key *rsa.PrivateKey) (*Private, error) {
	if err := checkBits(&key.PublicKey); err != nil {
		return nil, err
	}
	return &Private{key}, nil
}

func checkBits(key *rsa.PublicKey) error {
	if bits := key.N.BitLen(); bits < minBits || bits > maxBits {
		return errBits
	}
	return nil
}

// Public is the half that others seal to.
func (p *Private) Public() *Public { return &Public{&p.key.PublicKey} }

// ParsePublic reads a public key as the settings API carries it: base64 of the
// SubjectPublicKeyInfo. A PEM block, or base64 of one, is read as well.
func ParsePublic(text string) (*Public, error) {
	text = strings.TrimSpace(text)
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		raw = []byte(text)
	}
	if block, rest := pem.Decode(raw); block != nil && len(bytes.TrimSpace(rest)) == 0 {
		raw = block.Bytes
	}
	any, err := x509.ParsePKIXPublicKey(raw)
	if err != nil {
		return nil, errPublic
	}
	key, ok := any.(*rsa.PublicKey)
	if !ok {
		return nil, errPublic
	}
	if err := checkBits(key); err != nil {
		return nil, err
	}
	return &Public{key}, nil
}

// der is the SubjectPublicKeyInfo.
func (p *Public) der() []byte {
	raw, err := x509.MarshalPKIXPublicKey(p.key)
	if err != nil {
		return nil // an RSA key always has this form
	}
	return raw
}

// Text is the key as the settings API takes it.
func (p *Public) Text() string { return base64.StdEncoding.EncodeToString(p.der()) }

// Fingerprint is the SHA-256 of the SubjectPublicKeyInfo in hex.
func (p *Public) Fingerprint() string {
	sum := sha256.Sum256(p.der())
	return hex.EncodeToString(sum[:])
}

// Matches reports whether a fingerprint that another side wrote is this key's.
// It may be hex, with colons or not, or base64, and begin with "SHA256:".
func (p *Public) Matches(fingerprint string) bool {
	sum := sha256.Sum256(p.der())
	if len(fingerprint) >= 7 && strings.EqualFold(fingerprint[:7], "SHA256:") {
		fingerprint = fingerprint[7:]
	}
	if raw, err := hex.DecodeString(strings.ReplaceAll(fingerprint, ":", "")); err == nil {
		return bytes.Equal(raw, sum[:])
	}
	raw, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(fingerprint, "="))
	return err == nil && bytes.Equal(raw, sum[:])
}
