package keyring_test

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"testing"
)

// box wraps as Vault's transit engine does with a key of type aes256-gcm96:
// "vault:v", the version, ":", base64 of nonce, ciphertext and tag.
type box struct {
	versions []cipher.AEAD // from 1
	calls    []string
	fault    func(call string) error // before each call; nil is none
}

var errAway = errors.New("the wrapper is away")

func newBox(t testing.TB, keys ...[]byte) *box {
	t.Helper()
	b := &box{}
	for _, key := range keys {
		block, err := aes.NewCipher(key)
		if err != nil {
			t.Fatal(err)
		}
		aead, err := cipher.NewGCMWithRandomNonce(block)
		if err != nil {
			t.Fatal(err)
		}
		b.versions = append(b.versions, aead)
	}
	return b
}

func boxKey(n byte) []byte { return bytes.Repeat([]byte{n}, 32) }

func (b *box) called(what string) error {
	b.calls = append(b.calls, what)
	if b.fault != nil {
		return b.fault(what)
	}
	return nil
}

func (b *box) Wrap(plain, bound [][]byte) ([]string, error) {
	if err := b.called("wrap"); err != nil {
		return nil, err
	}
	out := make([]string, len(plain))
	for i := range plain {
		sealed := b.versions[len(b.versions)-1].Seal(nil, nil, plain[i], bound[i])
		out[i] = fmt.Sprintf("vault:v%d:%s", len(b.versions), base64.StdEncoding.EncodeToString(sealed))
	}
	return out, nil
}

func (b *box) Unwrap(wrapped []string, bound [][]byte) ([][]byte, error) {
	if err := b.called("unwrap"); err != nil {
		return nil, err
	}
	out := make([][]byte, len(wrapped))
	for i, text := range wrapped {
		var version int
		var rest string
		if _, err := fmt.Sscanf(text, "vault:v%d:%s", &version, &rest); err != nil || version < 1 || version > len(b.versions) {
			return nil, errors.New("no version of this box")
		}
		sealed, err := base64.StdEncoding.DecodeString(rest)
		if err != nil {
			return nil, err
		}
		if out[i], err = b.versions[version-1].Open(nil, nil, sealed, bound[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
