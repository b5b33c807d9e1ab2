package flows

import (
	"bytes"
	"crypto/cipher"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
)

// App is the public key of an app that takes requests as Meta sends them and
// answers as it does to Meta.
type App struct{ public *rsa.PublicKey }

// ParseApp reads one public RSA-2048 key as PEM, SPKI.
func ParseApp(text []byte) (*App, error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != blockPublic || !blank(rest) {
		return nil, errors.New("key of the app is no PEM block PUBLIC KEY; write the public key that the app gave to Meta")
	}
	parsed, err := x509.ParsePKIXPublicKey(block.Bytes)
	public, ok := parsed.(*rsa.PublicKey)
	if err != nil || !ok || public.N.BitLen() != keyBits {
		return nil, errors.New("key of the app is not a public RSA key of 2048 bits, the only kind that Meta takes")
	}
	return &App{public}, nil
}

// Asked is one request to an app that waits for its answer.
type Asked struct {
	gcm   cipher.AEAD
	nonce [nonceSize]byte // of the answer
}

// Seal encrypts a request to the app under a fresh key and gives the body to
// send.
func (a *App) Seal(request []byte) (body []byte, asked *Asked, err error) {
	fips140.WithoutEnforcement(func() { body, asked, err = a.seal(request) })
	return body, asked, err
}

func (a *App) seal(request []byte) ([]byte, *Asked, error) {
	content, nonce := make([]byte, contentKeySize), make([]byte, nonceSize)
	rand.Read(content) //nolint:errcheck // crypto/rand.Read never returns an error
	rand.Read(nonce)   //nolint:errcheck // as above
	gcm, err := newGCM(content)
	if err != nil {
		return nil, nil, fmt.Errorf("seal flow request: %w", err)
	}
	wrapped, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, a.public, content, nil)
	clear(content)
	if err != nil {
		return nil, nil, fmt.Errorf("seal flow request: %w", err)
	}
	body, err := json.Marshal(envelope{Data: gcm.Seal(nil, nonce, request, nil), Key: wrapped, Nonce: nonce})
	if err != nil {
		return nil, nil, fmt.Errorf("encode flow request: %w", err)
	}
	return body, &Asked{gcm, turned(nonce)}, nil
}

// ErrAnswer means that a body is no answer to the request.
var ErrAnswer = errors.New("the app's answer does not open under the request's key")

// Open decrypts the app's answer: Base64, white space around it aside.
func (a *Asked) Open(answer []byte) (plain []byte, err error) {
	sealed, err := base64.StdEncoding.DecodeString(string(bytes.TrimSpace(answer)))
	if err != nil {
		return nil, ErrAnswer
	}
	fips140.WithoutEnforcement(func() { plain, err = a.gcm.Open(nil, a.nonce[:], sealed, nil) })
	if err != nil || len(plain) > MaxAnswer {
		return nil, ErrAnswer
	}
	return plain, nil
}
