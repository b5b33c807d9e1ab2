package keyring

import "fmt"

// SealSecret seals a stored setting that belongs to no subject, bound to aad,
// under the active version of purpose secret. The result is 33 bytes longer
// than plain and names its version.
func (k *Keyring) SealSecret(aad, plain []byte) ([]byte, error) {
	s, err := k.sealing(Secret)
	if err != nil {
		return nil, fmt.Errorf("seal secret: %w", err)
	}
	header := appendHeader(nil, formatSecret, s.version)
	return sealAfter(header, s.aead, frame(header, aad), plain), nil
}

// UnsealSecret opens what SealSecret returned for the same aad.
func (k *Keyring) UnsealSecret(aad, sealed []byte) ([]byte, error) {
	version, rest, err := parseHeader(formatSecret, sealed)
	if err != nil {
		return nil, fmt.Errorf("unseal secret: %w", err)
	}
	s, err := k.loaded().opening(Secret, version)
	if err != nil {
		return nil, fmt.Errorf("unseal secret: %w", err)
	}
	plain, err := openSealed(s.aead, frame(sealed[:versionedHeader], aad), rest)
	if err != nil {
		return nil, fmt.Errorf("unseal secret: %w", err)
	}
	return plain, nil
}
