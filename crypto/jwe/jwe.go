// Package jwe turns the bodies of Meta's encrypted messages API into compact
// JWE (RFC 7516) and back. It is Meta's format: key wrap by RSA-OAEP with
// SHA-1 is part of it, which FIPS 140 does not approve, so it runs outside
// enforcement and outside the claim that SECURITY.md makes.
//
// Only what a list names is used, in both directions: two key wraps, three
// content encryptions, no compression, no critical extension, no key from a
// header. Everything else fails, with an error that says nothing of keys or
// content.
package jwe

import (
	"crypto/fips140"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	jose "github.com/go-jose/go-jose/v4"
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// Wrap names how the content key travels (RFC 7518, 4.3).
type Wrap string

// Key wraps. Meta's pages show the first.
const (
	OAEP    Wrap = "RSA-OAEP"
	OAEP256 Wrap = "RSA-OAEP-256"
)

// Content names how the content is encrypted (RFC 7518, 5.2 and 5.3).
type Content string

// Content encryptions of the API.
const (
	A128GCM      Content = "A128GCM"
	A256GCM      Content = "A256GCM"
	A128CBCHS256 Content = "A128CBC-HS256"
)

// MaxToken bounds a token in bytes, and with it what is read or made.
const MaxToken = 4 << 20

// maxHeader bounds the first part of a token in characters.
const maxHeader = 1 << 10

var (
	wraps    = []jose.KeyAlgorithm{jose.RSA_OAEP, jose.RSA_OAEP_256}
	contents = []jose.ContentEncryption{jose.A128GCM, jose.A256GCM, jose.A128CBC_HS256}
)

// Valid reports whether the wrap is one of those above.
func (w Wrap) Valid() bool { return slices.Contains(wraps, jose.KeyAlgorithm(w)) }

// Valid reports whether the content encryption is one of those above.
func (c Content) Valid() bool { return slices.Contains(contents, jose.ContentEncryption(c)) }

// Errors of Open and Seal. What exactly failed is not told: it would help
// whoever tries.
var (
	ErrOpen      = errors.New("the token can not be opened with this key")
	ErrForm      = errors.New("this is no compact JWE of a form that is taken")
	ErrAlgorithm = errors.New("the algorithm is not one of RSA-OAEP and RSA-OAEP-256, A128GCM, A256GCM and A128CBC-HS256")
	ErrTooLarge  = errors.New("the token is larger than 4 MiB")
)

// Seal encrypts plain to the key. It fails on algorithms that are not listed
// and on content that makes a token larger than MaxToken.
func (p *Public) Seal(plain []byte, wrap Wrap, content Content) (string, error) {
	switch {
	case !wrap.Valid() || !content.Valid():
		return "", ErrAlgorithm
	case base64.RawURLEncoding.EncodedLen(len(plain)) > MaxToken-4*maxHeader:
		return "", ErrTooLarge
	}
	var token string
	var err error
	fips140.WithoutEnforcement(func() { token, err = p.seal(plain, wrap, content) })
	return token, err
}

func (p *Public) seal(plain []byte, wrap Wrap, content Content) (string, error) {
	e, err := jose.NewEncrypter(jose.ContentEncryption(content), jose.Recipient{Algorithm: jose.KeyAlgorithm(wrap), Key: p.key}, nil)
	if err != nil {
		return "", errors.New("prepare encryption")
	}
	object, err := e.Encrypt(plain)
	if err != nil {
		return "", errors.New("encrypt")
	}
	token, err := object.CompactSerialize()
	if err != nil {
		return "", errors.New("write token")
	}
	return token, nil
}

// Open decrypts a token and says by which content encryption it came.
func (p *Private) Open(token string) ([]byte, Content, error) {
	if len(token) > MaxToken {
		return nil, "", ErrTooLarge
	}
	h, err := readHeader(token)
	if err != nil {
		return nil, "", err
	}
	var plain []byte
	fips140.WithoutEnforcement(func() { plain, err = p.open(token) })
	if err != nil {
		return nil, "", ErrOpen
	}
	return plain, Content(h.Content), nil
}

func (p *Private) open(token string) ([]byte, error) {
	object, err := jose.ParseEncryptedCompact(token, wraps, contents)
	if err != nil {
		return nil, err
	}
	return object.Decrypt(p.key)
}

// header is all that the first part of a token may hold. The lower members
// only name things; no key is taken from them.
type header struct {
	Wrap    string         `json:"alg"`
	Content string         `json:"enc"`
	KeyID   jsontext.Value `json:"kid"`
	Type    jsontext.Value `json:"typ"`
	Inner   jsontext.Value `json:"cty"`
	Thumb   jsontext.Value `json:"x5t"`
	Thumb2  jsontext.Value `json:"x5t#S256"`
}

// readHeader judges the header before any cryptography: unknown members, zip
// and crit among them, are refused.
func readHeader(token string) (header, error) {
	var h header
	raw, err := split(token)
	if err != nil {
		return h, err
	}
	if err := json.Unmarshal(raw, &h, json.RejectUnknownMembers(true)); err != nil {
		return h, fmt.Errorf("read header: %w", ErrForm)
	}
	if !Wrap(h.Wrap).Valid() || !Content(h.Content).Valid() {
		return h, ErrAlgorithm
	}
	return h, nil
}

// split gives the bytes of the first part of a token with five parts, each in
// the one form its bytes have.
func split(token string) ([]byte, error) {
	parts := strings.SplitN(token, ".", 6)
	if len(parts) != 5 || len(parts[0]) > maxHeader || strings.ContainsAny(token, "\r\n") {
		return nil, ErrForm
	}
	var first []byte
	for i, part := range parts {
		raw, err := base64.RawURLEncoding.Strict().DecodeString(part)
		if err != nil {
			return nil, ErrForm
		}
		if i == 0 {
			first = raw
		}
	}
	return first, nil
}
