package boot

import (
	"fmt"

	"postern/audit"
	"postern/crypto/keyring"
)

// CheckpointSigner signs tree heads with the keyring's active checkpoint key.
func CheckpointSigner(keys *keyring.Keyring) (audit.Signer, error) {
	for _, k := range keys.CheckpointKeys() {
		if k.State != keyring.Active {
			continue
		}
		return audit.NewSigner(k.Name, k.Key, func(msg []byte) ([]byte, error) {
			_, sig, err := keys.SignCheckpoint(msg)
			return sig, err
		})
	}
	return nil, fmt.Errorf("no active checkpoint key: %w", keyring.ErrNoKey)
}

// CheckpointVerifiers are the public keys of every version that ever signed.
func CheckpointVerifiers(keys *keyring.Keyring) ([]audit.Verifier, error) {
	var out []audit.Verifier
	for _, k := range keys.CheckpointKeys() {
		if k.State == keyring.Next {
			continue
		}
		v, err := audit.NewVerifier(k.Name, k.Key)
		if err != nil {
			return nil, fmt.Errorf("checkpoint key %d: %w", k.Version, err)
		}
		out = append(out, v)
	}
	return out, nil
}
