package keyring

import (
	"crypto/cipher"
	"errors"
	"fmt"
	"time"
)

// maxClass is the longest retention class in bytes.
const maxClass = 64

// Scope is whose data, of which retention class and month, a data key
// protects. A wrapped key opens only under the scope it was made for. What
// belongs to no known person gets a random subject of its own: the zero value
// is refused.
type Scope struct {
	Subject [16]byte // subject id
	Class   string   // retention class, 1 to 64 bytes
	Month   string   // "2026-11"
}

var errScope = errors.New("scope is incomplete: it needs a subject, a class and a month such as 2026-11")

func (s Scope) check() error {
	if s.Subject == [16]byte{} || s.Class == "" || len(s.Class) > maxClass {
		return errScope
	}
	if _, err := time.Parse("2006-01", s.Month); err != nil {
		return errScope
	}
	return nil
}

// bind is the authenticated data of a data key wrapped under header.
func (s Scope) bind(header []byte) []byte {
	return frame(header, s.Subject[:], []byte(s.Class), []byte(s.Month))
}

// NewDataKey makes a data key for scope and returns it wrapped by the active
// key-encryption key, 65 bytes. The result is safe to store; erasing every copy of it
// erases what was sealed under it.
func (k *Keyring) NewDataKey(scope Scope) ([]byte, error) {
	if err := scope.check(); err != nil {
		return nil, fmt.Errorf("new data key: %w", err)
	}
	kek, err := k.sealing(KEK)
	if err != nil {
		return nil, fmt.Errorf("new data key: %w", err)
	}
	secret := randomBytes(keySize)
	defer wipe(secret)
	header := appendHeader(nil, formatDataKey, kek.version)
	return sealAfter(header, kek.aead, scope.bind(header), secret), nil
}

// DataKey unwraps a data key for several seals.
func (k *Keyring) DataKey(wrapped []byte, scope Scope) (*Sealer, error) {
	aead, err := k.unwrap(wrapped, scope)
	if err != nil {
		return nil, fmt.Errorf("unwrap data key: %w", err)
	}
	return &Sealer{aead: aead}, nil
}

func (k *Keyring) unwrap(wrapped []byte, scope Scope) (cipher.AEAD, error) {
	if err := scope.check(); err != nil {
		return nil, err
	}
	version, sealed, err := parseHeader(formatDataKey, wrapped)
	if err != nil {
		return nil, err
	}
	kek, err := k.loaded().opening(KEK, version)
	if err != nil {
		return nil, err
	}
	secret, err := openSealed(kek.aead, scope.bind(wrapped[:versionedHeader]), sealed)
	if err != nil {
		return nil, err
	}
	defer wipe(secret)
	return newAEAD(secret)
}

// Seal unwraps a data key and seals one value under it, bound to aad. aad is
// not stored: the caller must present the same bytes to open the value.
func (k *Keyring) Seal(wrapped []byte, scope Scope, aad, plain []byte) ([]byte, error) {
	s, err := k.DataKey(wrapped, scope)
	if err != nil {
		return nil, err
	}
	return s.Seal(aad, plain)
}

// Unseal opens what Seal returned.
func (k *Keyring) Unseal(wrapped []byte, scope Scope, aad, sealed []byte) ([]byte, error) {
	s, err := k.DataKey(wrapped, scope)
	if err != nil {
		return nil, err
	}
	return s.Unseal(aad, sealed)
}

// Sealer is an unwrapped data key. It may be used concurrently; the zero value
// refuses. Its owner drops it soon, since it outlives the destruction of the
// keys above it. A data key's seals are not counted: one person's month stays
// far below the 2^32 that AES-GCM allows.
type Sealer struct {
	aead cipher.AEAD
}

// Seal seals plain, bound to aad. The result is 29 bytes longer than plain.
func (s *Sealer) Seal(aad, plain []byte) ([]byte, error) {
	if s == nil || s.aead == nil {
		return nil, noKey(KEK, "data key")
	}
	header := []byte{formatSealed}
	return sealAfter(header, s.aead, frame(header, aad), plain), nil
}

// Unseal opens what Seal returned for the same aad.
func (s *Sealer) Unseal(aad, sealed []byte) ([]byte, error) {
	if s == nil || s.aead == nil {
		return nil, noKey(KEK, "data key")
	}
	if len(sealed) < 1+sealOverhead || sealed[0] != formatSealed {
		return nil, ErrOpen
	}
	return openSealed(s.aead, frame(sealed[:1], aad), sealed[1:])
}
