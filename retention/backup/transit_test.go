package backup_test

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"postern/crypto/keyring"
)

// transit wraps keys as Vault's transit engine does: a store is opened without
// the rounds of a passphrase, which take most of the time with the race detector.
type transit struct{ aead cipher.AEAD }

func newTransit(t *testing.T, key byte) *transit {
	t.Helper()
	block, err := aes.NewCipher(append(make([]byte, 31), key))
	check(t, err)
	aead, err := cipher.NewGCMWithRandomNonce(block)
	check(t, err)
	return &transit{aead}
}

func (b *transit) Wrap(plain, bound [][]byte) (out []string, _ error) {
	for i := range plain {
		out = append(out, "vault:v1:"+base64.StdEncoding.EncodeToString(b.aead.Seal(nil, nil, plain[i], bound[i])))
	}
	return out, nil
}

func (b *transit) Unwrap(wrapped []string, bound [][]byte) (out [][]byte, _ error) {
	for i, text := range wrapped {
		sealed, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(text, "vault:v1:"))
		if err != nil {
			return nil, err
		}
		plain, err := b.aead.Open(nil, nil, sealed, bound[i])
		if err != nil {
			return nil, errors.New("another key wrapped it")
		}
		out = append(out, plain)
	}
	return out, nil
}

// byPassphrase protects a keystore as an operator without Vault does.
func byPassphrase(text string) keyring.Config {
	return keyring.Config{Passphrase: func() ([]byte, error) { return []byte(text), nil }}
}
