package keyring

import "fmt"

// SignAs signs a statement about checkpoint keys with the given version, which
// may be retired: an old key has to say who comes after it. A version that is
// prepared and not in use, or destroyed, signs nothing.
func (k *Keyring) SignAs(version uint32, statement []byte) (PublicKey, []byte, error) {
	s := k.loaded()
	key, err := s.opening(Checkpoint, version)
	if err != nil {
		return PublicKey{}, nil, fmt.Errorf("sign statement: %w", err)
	}
	signature, err := key.sign(statement)
	if err != nil {
		return PublicKey{}, nil, fmt.Errorf("sign statement: %w", err)
	}
	return s.publicKey(s.find(Checkpoint, version)), signature, nil
}
