package keyring

import (
	"crypto/cipher"
	"encoding/binary"
)

// The first byte of everything this package seals says what it is.
const (
	formatDataKey byte = 1 // wrapped data key
	formatSealed  byte = 2 // value sealed under a data key
	formatSecret  byte = 3 // value sealed under purpose secret
	formatStream  byte = 4 // value sealed under a data key in chunks
)

// versionedHeader is the header of envelopes that name the sealing version.
const versionedHeader = 5

// sealOverhead is what AES-GCM adds: 12 bytes nonce, 16 bytes tag.
const sealOverhead = 28

func appendHeader(dst []byte, format byte, version uint32) []byte {
	return binary.BigEndian.AppendUint32(append(dst, format), version)
}

// parseHeader splits a versioned envelope into the version and what is sealed.
func parseHeader(format byte, envelope []byte) (uint32, []byte, error) {
	if len(envelope) < versionedHeader+sealOverhead || envelope[0] != format {
		return 0, nil, ErrOpen
	}
	return binary.BigEndian.Uint32(envelope[1:]), envelope[versionedHeader:], nil
}

// appendPart frames one part with its length, so that a list of parts can be
// read in one way only. Authenticated data and MAC input are built of it.
func appendPart(dst, part []byte) []byte {
	dst = binary.BigEndian.AppendUint64(dst, uint64(len(part)))
	return append(dst, part...)
}

// frame joins parts without ambiguity.
func frame(parts ...[]byte) []byte {
	size := 0
	for _, p := range parts {
		size += 8 + len(p)
	}
	dst := make([]byte, 0, size)
	for _, p := range parts {
		dst = appendPart(dst, p)
	}
	return dst
}

// sealAfter returns header followed by plain sealed under aead.
func sealAfter(header []byte, aead cipher.AEAD, bound, plain []byte) []byte {
	dst := make([]byte, len(header), len(header)+sealOverhead+len(plain))
	copy(dst, header)
	return aead.Seal(dst, nil, plain, bound)
}

// openSealed opens what sealAfter put behind the header.
func openSealed(aead cipher.AEAD, bound, sealed []byte) ([]byte, error) {
	plain, err := aead.Open(nil, nil, sealed, bound)
	if err != nil {
		return nil, ErrOpen
	}
	return plain, nil
}
