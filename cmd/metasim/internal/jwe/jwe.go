// Package jwe opens and makes the compact JWE of the encrypted messages API
// with the standard library alone: what a client's own library got wrong, it
// does not repeat. It fails with one error for every token it cannot open.
package jwe

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1" //nolint:gosec // RSA-OAEP of RFC 7518 is made with it
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"hash"
	"strings"

	"github.com/go-json-experiment/json"
)

// ErrToken says that a token cannot be opened.
var ErrToken = errors.New("the token cannot be opened")

// Header names the algorithms of a token.
type Header struct {
	Wrap    string `json:"alg"` // RSA-OAEP or RSA-OAEP-256
	Content string `json:"enc"` // A128GCM, A256GCM or A128CBC-HS256
}

// keySizes are the lengths of content keys in bytes.
var keySizes = map[string]int{"A128GCM": 16, "A256GCM": 32, "A128CBC-HS256": 32}

func (h Header) hash() hash.Hash {
	switch h.Wrap {
	case "RSA-OAEP":
		return sha1.New() //nolint:gosec // see the import
	case "RSA-OAEP-256":
		return sha256.New()
	}
	return nil
}

func (h Header) known() bool { return h.hash() != nil && keySizes[h.Content] != 0 }

// Open decrypts a token.
func Open(key *rsa.PrivateKey, token string) ([]byte, Header, error) {
	var h Header
	parts := strings.Split(token, ".")
	if len(parts) != 5 {
		return nil, h, ErrToken
	}
	var raw [5][]byte
	for i, part := range parts {
		var err error
		if raw[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return nil, h, ErrToken
		}
	}
	if err := json.Unmarshal(raw[0], &h, json.RejectUnknownMembers(true)); err != nil || !h.known() {
		return nil, h, ErrToken
	}
	content, err := rsa.DecryptOAEP(h.hash(), nil, key, raw[1], nil)
	if err != nil || len(content) != keySizes[h.Content] {
		return nil, h, ErrToken
	}
	var plain []byte
	if h.Content == "A128CBC-HS256" {
		plain, err = openCBC(content, raw[2], raw[3], raw[4], []byte(parts[0]))
	} else {
		plain, err = openGCM(content, raw[2], raw[3], raw[4], []byte(parts[0]))
	}
	return plain, h, err
}

func openGCM(key, iv, text, tag, header []byte) ([]byte, error) {
	aead, err := newGCM(key)
	if err != nil || len(iv) != aead.NonceSize() || len(tag) != aead.Overhead() {
		return nil, ErrToken
	}
	plain, err := aead.Open(nil, iv, append(bytes.Clone(text), tag...), header)
	if err != nil {
		return nil, ErrToken
	}
	return plain, nil
}

func openCBC(key, iv, text, tag, header []byte) ([]byte, error) {
	if len(iv) != aes.BlockSize || len(text) == 0 || len(text)%aes.BlockSize != 0 || !hmac.Equal(tag, cbcTag(key, iv, text, header)) {
		return nil, ErrToken
	}
	block, err := aes.NewCipher(key[16:])
	if err != nil {
		return nil, ErrToken
	}
	plain := make([]byte, len(text))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, text)
	pad := int(plain[len(plain)-1])
	if pad == 0 || pad > aes.BlockSize || !bytes.HasSuffix(plain, bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, ErrToken
	}
	return plain[:len(plain)-pad], nil
}

// cbcTag is the authentication tag of RFC 7518, 5.2.2.
func cbcTag(key, iv, text, header []byte) []byte {
	mac := hmac.New(sha256.New, key[:16])
	mac.Write(header)
	mac.Write(iv)
	mac.Write(text)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(len(header))*8))
	return mac.Sum(nil)[:16]
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Seal encrypts to a key.
func Seal(key *rsa.PublicKey, h Header, plain []byte) (string, error) {
	if !h.known() {
		return "", errors.New("the algorithms are not known")
	}
	content := make([]byte, keySizes[h.Content])
	rand.Read(content) //nolint:errcheck // it never fails
	wrapped, err := rsa.EncryptOAEP(h.hash(), rand.Reader, key, content, nil)
	if err != nil {
		return "", errors.New("wrap content key")
	}
	head := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"` + h.Wrap + `","enc":"` + h.Content + `"}`))
	seal := sealGCM
	if h.Content == "A128CBC-HS256" {
		seal = sealCBC
	}
	iv, text, tag, err := seal(content, plain, []byte(head))
	if err != nil {
		return "", errors.New("encrypt content")
	}
	for _, part := range [][]byte{wrapped, iv, text, tag} {
		head += "." + base64.RawURLEncoding.EncodeToString(part)
	}
	return head, nil
}

func sealGCM(key, plain, header []byte) (iv, text, tag []byte, err error) {
	aead, err := newGCM(key)
	if err != nil {
		return nil, nil, nil, err
	}
	iv = make([]byte, aead.NonceSize())
	rand.Read(iv) //nolint:errcheck // it never fails
	out := aead.Seal(nil, iv, plain, header)
	return iv, out[:len(plain)], out[len(plain):], nil
}

func sealCBC(key, plain, header []byte) (iv, text, tag []byte, err error) {
	block, err := aes.NewCipher(key[16:])
	if err != nil {
		return nil, nil, nil, err
	}
	iv = make([]byte, aes.BlockSize)
	rand.Read(iv) //nolint:errcheck // it never fails
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	text = append(bytes.Clone(plain), bytes.Repeat([]byte{byte(pad)}, pad)...)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(text, text)
	return iv, text, cbcTag(key, iv, text, header), nil
}
