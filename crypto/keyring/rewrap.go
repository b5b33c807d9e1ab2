package keyring

import "fmt"

// Rewrap wraps a data key again under the active key-encryption key; the data
// key and what it sealed stay as they are. The result is nil if it is wrapped
// by the active version already.
func (k *Keyring) Rewrap(wrapped []byte, scope Scope) ([]byte, error) {
	if err := scope.check(); err != nil {
		return nil, fmt.Errorf("rewrap data key: %w", err)
	}
	version, sealed, err := parseHeader(formatDataKey, wrapped)
	if err != nil {
		return nil, fmt.Errorf("rewrap data key: %w", err)
	}
	s := k.loaded()
	if active, err := s.active(KEK); err == nil && active.version == version {
		return nil, nil
	}
	old, err := s.opening(KEK, version)
	if err != nil {
		return nil, fmt.Errorf("rewrap data key: %w", err)
	}
	secret, err := openSealed(old.aead, scope.bind(wrapped[:versionedHeader]), sealed)
	if err != nil {
		return nil, fmt.Errorf("rewrap data key: %w", err)
	}
	defer wipe(secret)
	kek, err := k.sealing(KEK)
	if err != nil {
		return nil, fmt.Errorf("rewrap data key: %w", err)
	}
	header := appendHeader(nil, formatDataKey, kek.version)
	return sealAfter(header, kek.aead, scope.bind(header), secret), nil
}

// EnvelopeVersion is the version that sealed a wrapped data key (purpose kek)
// or a sealed secret (purpose secret). Nothing is opened or checked beside the
// form.
func EnvelopeVersion(p Purpose, envelope []byte) (uint32, error) {
	format, known := map[Purpose]byte{KEK: formatDataKey, Secret: formatSecret}[p]
	if !known {
		return 0, noKey(p, "envelope")
	}
	version, _, err := parseHeader(format, envelope)
	return version, err
}

// ActiveVersion is the version of p that seals, signs and authenticates.
func (k *Keyring) ActiveVersion(p Purpose) (uint32, error) {
	key, err := k.loaded().active(p)
	if err != nil {
		return 0, err
	}
	return key.version, nil
}
