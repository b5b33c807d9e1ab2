package keyring

import (
	"crypto/hkdf"
	"crypto/sha256"
	"fmt"
)

// The lengths Derive gives out, in bytes: a 128-bit key, and what HKDF can.
const (
	minDerived = 16
	maxDerived = 255 * sha256.Size
)

// Derive makes length bytes of key for info from the active version of p
// (HKDF-Expand, RFC 5869), and says which version that is. The same version
// and info always give the same bytes, so only info needs to be stored.
// Purposes: app, webhook; length 16 to 8160.
func (k *Keyring) Derive(p Purpose, info string, length int) (version uint32, secret []byte, err error) {
	key, err := k.loaded().active(p)
	if err != nil {
		return 0, nil, err
	}
	if secret, err = key.expand(p, info, length); err != nil {
		return 0, nil, err
	}
	return key.version, secret, nil
}

// DeriveVersion is Derive for a version that is active or retired, so that
// what an earlier version derived stays valid for a while.
func (k *Keyring) DeriveVersion(p Purpose, version uint32, info string, length int) ([]byte, error) {
	key, err := k.loaded().opening(p, version)
	if err != nil {
		return nil, err
	}
	return key.expand(p, info, length)
}

func (k *key) expand(p Purpose, info string, length int) (secret []byte, err error) {
	if k.derive == nil {
		return nil, noKey(p, "derivation")
	}
	if info == "" || length < minDerived || length > maxDerived {
		return nil, fmt.Errorf("derive key: it needs an info and a length of %d to %d bytes", minDerived, maxDerived)
	}
	there := k.derive.use(func(key []byte) {
		erasing(func() { secret, err = hkdf.Expand(sha256.New, key, info, length) })
	})
	if !there {
		return nil, ErrDestroyed
	}
	return secret, err
}
