package certs

import (
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrPin means that a server showed a chain of which no key is pinned.
var ErrPin = errors.New("no key of the server's certificates is pinned")

// ClientConfig is how an outgoing connection judges the server. The zero value
// trusts the system's roots and speaks TLS 1.3 only.
type ClientConfig struct {
	CA   string // PEM file of more roots
	Only bool   // trust the roots of CA and no others
	// Pins are "sha256/BASE64" of the public key (SubjectPublicKeyInfo) of some
	// certificate in the server's verified chain; one has to match. Empty: none.
	Pins  []string
	TLS12 bool // takes TLS 1.2, too
}

// Client is the configuration of an outgoing connection.
func Client(c ClientConfig) (*tls.Config, error) {
	conf := base(c.TLS12)
	var err error
	if conf.RootCAs, err = rootPool(c); err != nil {
		return nil, err
	}
	if len(c.Pins) == 0 {
		return conf, nil
	}
	pins := make([]digest, len(c.Pins))
	for i, pin := range c.Pins {
		if pins[i], err = parsePin(pin); err != nil {
			return nil, err
		}
	}
	conf.VerifyConnection = func(s tls.ConnectionState) error { return pinned(s.VerifiedChains, pins) }
	return conf, nil
}

// rootPool is nil where the system's roots alone are meant.
func rootPool(c ClientConfig) (*x509.CertPool, error) {
	if c.CA == "" {
		if c.Only {
			return nil, errors.New("no roots are named, and the system's are not to be trusted; name a PEM file of roots")
		}
		return nil, nil
	}
	pool, err := x509.SystemCertPool()
	if c.Only {
		pool, err = x509.NewCertPool(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the system's roots: %w", err)
	}
	_, roots, err := readRoots(c.CA)
	if err != nil {
		return nil, fmt.Errorf("read roots: %w", err)
	}
	for _, root := range roots {
		pool.AddCert(root)
	}
	return pool, nil
}

func pinned(chains [][]*x509.Certificate, pins []digest) error {
	for _, chain := range chains {
		for _, c := range chain {
			if slices.Contains(pins, sha256.Sum256(c.RawSubjectPublicKeyInfo)) {
				return nil
			}
		}
	}
	return ErrPin
}

// CheckPin says what is wrong with a pin, if anything.
func CheckPin(pin string) error {
	_, err := parsePin(pin)
	return err
}

func parsePin(pin string) (out digest, err error) {
	text, ok := strings.CutPrefix(pin, "sha256/")
	raw, err := base64.StdEncoding.DecodeString(text)
	if !ok || err != nil || len(raw) != len(out) {
		return out, errors.New(`a pin is no SHA-256 of a public key; write "sha256/" and 44 characters of base64`)
	}
	return digest(raw), nil
}
