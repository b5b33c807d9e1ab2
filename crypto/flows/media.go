package flows

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/fips140"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
)

const (
	mediaKeySize = 32
	mediaTagSize = 10
)

// ErrMedia means that a file is not the one its metadata describes.
var ErrMedia = errors.New("flow media does not fit its keys and hashes")

// Media is the encryption_metadata of one file that a person picked.
type Media struct {
	EncryptedHash []byte `json:"encrypted_hash"` // SHA-256 of the file as fetched
	IV            []byte `json:"iv"`             // 16 bytes
	EncryptionKey []byte `json:"encryption_key"` // AES-256
	MACKey        []byte `json:"hmac_key"`       // 32 bytes
	PlaintextHash []byte `json:"plaintext_hash"` // SHA-256
}

// Open checks and decrypts a file as it was fetched: ciphertext, then ten bytes
// of HMAC-SHA256 over IV and ciphertext. Nothing is decrypted before it was
// checked.
func (m Media) Open(file []byte) ([]byte, error) {
	n := len(file) - mediaTagSize
	if len(m.IV) != aes.BlockSize || len(m.EncryptionKey) != mediaKeySize || len(m.MACKey) != mediaKeySize ||
		n < aes.BlockSize || n%aes.BlockSize != 0 || !isHash(file, m.EncryptedHash) {
		return nil, ErrMedia
	}
	mac := hmac.New(sha256.New, m.MACKey)
	mac.Write(m.IV)     //nolint:errcheck // hash.Hash never returns an error
	mac.Write(file[:n]) //nolint:errcheck // as above
	if !hmac.Equal(mac.Sum(nil)[:mediaTagSize], file[n:]) {
		return nil, ErrMedia
	}
	plain, err := m.decrypt(file[:n])
	if err != nil || !isHash(plain, m.PlaintextHash) {
		return nil, ErrMedia
	}
	return plain, nil
}

func (m Media) decrypt(ciphertext []byte) ([]byte, error) {
	block, err := aes.NewCipher(m.EncryptionKey)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(ciphertext))
	fips140.WithoutEnforcement(func() { cipher.NewCBCDecrypter(block, m.IV).CryptBlocks(plain, ciphertext) })
	return unpad(plain)
}

// unpad takes PKCS #7 padding off a whole number of blocks. The blocks were
// authentic, so its timing tells nobody anything.
func unpad(plain []byte) ([]byte, error) {
	n := int(plain[len(plain)-1])
	if n == 0 || n > aes.BlockSize {
		return nil, ErrMedia
	}
	for _, c := range plain[len(plain)-n:] {
		if int(c) != n {
			return nil, ErrMedia
		}
	}
	return plain[:len(plain)-n], nil
}

func isHash(data, want []byte) bool {
	sum := sha256.Sum256(data)
	return subtle.ConstantTimeCompare(sum[:], want) == 1
}
