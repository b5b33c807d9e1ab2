package keyring

import (
	"crypto/ed25519"
	"fmt"
)

// SignAs signs a statement about checkpoint keys with the given version, which
// may be retired: an old key has to say who comes after it. A version that is
// prepared and not in use, or destroyed, signs nothing.
func (k *Keyring) SignAs(version uint32, statement []byte) (PublicKey, []byte, error) {
	s := k.loaded()
	key, err := s.opening(Checkpoint, version)
	if err != nil {
		return PublicKey{}, nil, fmt.Errorf("sign statement: %w", err)
	}
	return s.publicKey(s.find(Checkpoint, version)), ed25519.Sign(key.sign, statement), nil
}
