package boot

import (
	"errors"
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
			by, sig, err := keys.SignCheckpoint(msg)
			if err == nil && by.Version != k.Version {
				return nil, errors.New("the checkpoint key was rotated meanwhile; the next checkpoint has the new one")
			}
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

// Succession is the statement that a version of the checkpoint key follows the
// one before it, signed by both (audit/FORMAT.md). It needs both not destroyed.
func Succession(keys *keyring.Keyring, before, after keyring.PublicKey, at int64) ([]byte, error) {
	var texts [2]string
	var signers [2]audit.Signer
	for i, k := range []keyring.PublicKey{before, after} {
		var err error
		if texts[i], err = audit.VerifierKey(k.Name, k.Key); err != nil {
			return nil, fmt.Errorf("checkpoint key %d: %w", k.Version, err)
		}
		signers[i], err = audit.NewSigner(k.Name, k.Key, func(msg []byte) ([]byte, error) {
			_, sig, err := keys.SignAs(k.Version, msg)
			return sig, err
		})
		if err != nil {
			return nil, fmt.Errorf("checkpoint key %d: %w", k.Version, err)
		}
	}
	return audit.SignSuccession(texts[0], texts[1], at, signers[0], signers[1])
}
