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
