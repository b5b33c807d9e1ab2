// Package flows is the payload encryption of WhatsApp Flows as Meta defines it:
// requests of a flow's data endpoint, the answers to them, and files that a
// person picks in a flow.
//
// A request carries an AES-128 key under RSA-OAEP (SHA-256 for hash and mask)
// and its data under AES-GCM with a nonce of 16 bytes; the answer goes back
// under the same key with every bit of the nonce turned over. The nonce's
// length is Meta's choice and not allowed by FIPS 140-3: all of this runs
// outside its enforcement and is no part of a claim to it.
//
// It fails closed: what does not open under a key at hand, or is not exactly of
// the form, gives no plaintext and an error that holds none of it.
package flows

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/fips140"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"sync/atomic"
)

// Sizes in bytes. Meta names no limit for endpoint payloads; these are ours.
const (
	MaxRequest = 2 << 20 // of an encrypted request's body
	MaxAnswer  = 1 << 20 // of an answer before it is encrypted

	contentKeySize = 16
	nonceSize      = 16
	tagSize        = 16
)

// Errors a caller branches on.
var (
	// ErrForm means that the body is no encrypted request at all.
	ErrForm = errors.New("body is not an encrypted flow request")
	// ErrKey means that no key opens the request: its sender has to fetch the
	// public key again. What was altered on the way can not be told from it.
	ErrKey = errors.New("no key at hand opens the flow request")
)

// envelope is a request on the wire. Binary values are standard Base64.
type envelope struct {
	Data  []byte `json:"encrypted_flow_data"`
	Key   []byte `json:"encrypted_aes_key"`
	Nonce []byte `json:"initial_vector"`
}

// Exchange is one opened request that waits for its answer.
type Exchange struct {
	gcm      cipher.AEAD
	nonce    [nonceSize]byte // of the answer
	answered atomic.Bool
}

// Open decrypts a request's body with the first of the keys that fits, as a
// rule the current and the previous one.
func Open(body []byte, keys ...*Key) (plain []byte, ex *Exchange, err error) {
	var e envelope
	if len(body) > MaxRequest || json.Unmarshal(body, &e) != nil ||
		len(e.Key) != keyBits/8 || len(e.Nonce) != nonceSize || len(e.Data) < tagSize {
		return nil, nil, ErrForm
	}
	for _, k := range keys {
		fips140.WithoutEnforcement(func() { plain, ex, err = e.open(k) })
		if err == nil {
			return plain, ex, nil
		}
	}
	return nil, nil, ErrKey
}

func (e *envelope) open(k *Key) ([]byte, *Exchange, error) {
	content, err := rsa.DecryptOAEP(sha256.New(), nil, k.private, e.Key, nil)
	if err != nil || len(content) != contentKeySize {
		return nil, nil, ErrKey
	}
	gcm, err := newGCM(content)
	if err != nil {
		return nil, nil, err
	}
	plain, err := gcm.Open(nil, e.Nonce, e.Data, nil)
	if err != nil {
		return nil, nil, ErrKey
	}
	return plain, &Exchange{gcm: gcm, nonce: turned(e.Nonce)}, nil
}

// turned is a request's nonce with every bit turned over: that of its answer.
func turned(nonce []byte) (out [nonceSize]byte) {
	for i, b := range nonce {
		out[i] = ^b
	}
	return out
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithNonceSize(block, nonceSize)
}

// Seal encrypts the answer and gives the whole body to send, in Base64. It does
// so once: a second answer under the same nonce would give both away.
func (x *Exchange) Seal(answer []byte) ([]byte, error) {
	if len(answer) > MaxAnswer {
		return nil, errors.New("seal flow answer: larger than 1 MiB")
	}
	if !x.answered.CompareAndSwap(false, true) {
		return nil, errors.New("seal flow answer: this request was answered before")
	}
	var sealed []byte
	fips140.WithoutEnforcement(func() { sealed = x.gcm.Seal(nil, x.nonce[:], answer, nil) })
	return base64.StdEncoding.AppendEncode(nil, sealed), nil
}
