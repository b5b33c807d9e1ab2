package keyring

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/rand"
	"crypto/sha256"
	"runtime"
	"sync/atomic"
)

// keySize is the length of key material, operation keys and data keys in
// bytes: AES-256, HMAC-SHA-256, an Ed25519 seed.
const keySize = 32

// key holds the expanded operation keys of one version; which ones depends on
// the purpose, the others are nil. It is shared by all states that know the
// version.
type key struct {
	version uint32
	aead    cipher.AEAD  // kek, secret
	budget  atomic.Int64 // seals left of what the file has reserved for this process
	mac     *macKey      // index, original, suppression, app, webhook
	derive  *held        // app, webhook
	seed    *held        // checkpoint
}

// newKey expands material for what p is for, in memory where it stays as it
// is. It keeps no reference to material.
func newKey(in *memory, p Purpose, version uint32, material []byte) (*key, error) {
	k := &key{version: version}
	if err := k.expandFrom(in, p, material); err != nil {
		k.wipe()
		return nil, err
	}
	return k, nil
}

func (k *key) expandFrom(in *memory, p Purpose, material []byte) (err error) {
	switch p {
	case KEK, Secret:
		k.aead, err = sealingKey(p, material)
	case Index, Original, Suppression, App, Webhook:
		k.mac = &macKey{}
		k.mac.secret, err = operationHeld(in, p, "mac", material)
		if err == nil && (p == App || p == Webhook) {
			k.derive, err = operationHeld(in, p, "derive", material)
		}
	case Checkpoint:
		k.seed, err = in.keep(material)
	default:
		err = noKey(p, "key")
	}
	return err
}

// wipe overwrites what of the key is in locked memory.
func (k *key) wipe() {
	if k.mac != nil {
		k.mac.secret.wipe()
	}
	k.derive.wipe()
	k.seed.wipe()
}

// operationKey separates the operations of one version from each other and
// from those of every other purpose (HKDF-Expand, RFC 5869).
func operationKey(p Purpose, operation string, material []byte) ([]byte, error) {
	return hkdf.Expand(sha256.New, material, "postern keyring v1 "+string(p)+" "+operation, keySize)
}

func sealingKey(p Purpose, material []byte) (cipher.AEAD, error) {
	secret, err := operationKey(p, "seal", material)
	if err != nil {
		return nil, err
	}
	defer wipe(secret)
	return newAEAD(secret)
}

// operationHeld is an operation key in locked memory.
func operationHeld(in *memory, p Purpose, operation string, material []byte) (*held, error) {
	secret, err := operationKey(p, operation, material)
	if err != nil {
		return nil, err
	}
	defer wipe(secret)
	return in.keep(secret)
}

// newAEAD is AES-256-GCM that puts a random 96-bit nonce before the ciphertext.
func newAEAD(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithRandomNonce(block)
}

// randomBytes never fails: crypto/rand ends the process rather than return
// weak bytes.
func randomBytes(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b)
	return b
}

// wipe overwrites key bytes that are no longer needed, see the package comment
// for how far that goes.
func wipe(b []byte) {
	clear(b)
	runtime.KeepAlive(b)
}
