// Package parcel seals a small piece of data under a password, for somebody who
// carries it away and brings it back: the backup of an app's settings.
//
// The form is in FORMAT.md. It fails closed: a wrong password, a changed byte
// and data made for another purpose are all ErrParcel, what never was a parcel of
// this version is ErrForeign, and nothing of the content is given out before all
// of it was checked. The work to open is fixed by the version and the content by
// MaxContent, so that no parcel costs more than one derivation and that much
// memory, whatever its maker packed into it.
package parcel

import (
	"bytes"
	"compress/flate"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// Sizes in bytes: of the content, and of a whole parcel.
const (
	MaxContent = 256 << 10
	MaxParcel  = MaxContent + MaxContent/64 + 256 // what does not compress grows a little
)

const (
	saltSize   = 16
	nonceSize  = 12
	tagSize    = 16
	keySize    = 32
	lengthSize = 4
	// magic names the format and its version.
	magic    = "postern-parcel-1\n"
	overhead = len(magic) + saltSize + nonceSize + tagSize
	// rounds of PBKDF2-HMAC-SHA256 in version 1 (OWASP Password Storage Cheat Sheet).
	rounds = 600_000
)

// Errors a caller branches on.
var (
	ErrForeign = errors.New("open parcel: not a parcel of this version")
	ErrParcel  = errors.New("open parcel: wrong password, damaged, or made for another purpose")
	ErrSize    = errors.New("parcel is too large")
)

// Seal seals content for a purpose, such as "settings of app shop".
func Seal(password, purpose string, content []byte) ([]byte, error) {
	if len(content) > MaxContent {
		return nil, ErrSize
	}
	packed, err := pack(content)
	if err != nil {
		return nil, err
	}
	defer clear(packed)
	out := append(make([]byte, 0, overhead+len(packed)), magic...)
	out = out[:len(magic)+saltSize]
	rand.Read(out[len(magic):]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	aead, err := aeadOf(password, out[len(magic):])
	if err != nil {
		return nil, err
	}
	return aead.Seal(out, nil, packed, []byte(purpose)), nil
}

// Open gives the content of a parcel.
func Open(password, purpose string, parcel []byte) ([]byte, error) {
	switch {
	case len(parcel) < len(magic) || string(parcel[:len(magic)]) != magic:
		return nil, ErrForeign
	case len(parcel) > MaxParcel:
		return nil, ErrSize
	case len(parcel) < overhead:
		return nil, ErrParcel
	}
	salt, sealed := parcel[len(magic):len(magic)+saltSize], parcel[len(magic)+saltSize:]
	aead, err := aeadOf(password, salt)
	if err != nil {
		return nil, err
	}
	packed, err := aead.Open(nil, nil, sealed, []byte(purpose))
	if err != nil {
		return nil, ErrParcel
	}
	defer clear(packed)
	return unpack(packed)
}

func aeadOf(password string, salt []byte) (cipher.AEAD, error) {
	key, err := pbkdf2.Key(sha256.New, password, salt, rounds, keySize)
	if err != nil {
		return nil, fmt.Errorf("derive key of parcel: %w", err)
	}
	defer clear(key)
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("derive key of parcel: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block) // the nonce stands before what is sealed
}

// pack compresses content behind its length.
func pack(content []byte) ([]byte, error) {
	var b bytes.Buffer
	b.Write(binary.BigEndian.AppendUint32(nil, uint32(len(content)))) //nolint:gosec // at most MaxContent
	w, err := flate.NewWriter(&b, flate.BestCompression)
	if err == nil {
		_, err = w.Write(content)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		return nil, fmt.Errorf("compress parcel: %w", err)
	}
	return b.Bytes(), nil
}

// unpack holds what comes out against the length that was declared, and that
// against the bound: whoever knows the password may have packed anything.
func unpack(packed []byte) ([]byte, error) {
	if len(packed) < lengthSize {
		return nil, ErrParcel
	}
	length := int64(binary.BigEndian.Uint32(packed))
	if length > MaxContent {
		return nil, ErrSize
	}
	rest := bytes.NewReader(packed[lengthSize:])
	content, err := io.ReadAll(io.LimitReader(flate.NewReader(rest), length+1))
	if err != nil || int64(len(content)) != length || rest.Len() != 0 {
		return nil, ErrParcel
	}
	return content, nil
}
