// Package certs holds the TLS side of the gateway's edges: certificates that
// are swapped while connections are served, and a small authority for demos
// and tests. Standard library only.
//
// It fails closed: a pair that is expired, mismatched, weak or readable by
// others is refused. At start that stops the program; at a reload the pair in
// use stays in use.
package certs

import (
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"sync/atomic"
	"time"
)

const (
	maxFileBytes = 1 << 20
	leastRSABits = 2048
)

// Config names the PEM files of a pair. Cert holds the leaf first, then its
// chain. Key must not be readable by group or others.
type Config struct {
	Cert string
	Key  string
	Now  func() time.Time
}

// Pair is a certificate with its key, replaced as one. It is safe for
// concurrent use; every handshake sees either the old pair or the new one.
type Pair struct {
	config  Config
	current atomic.Pointer[tls.Certificate]
}

// Open reads and checks the pair.
func Open(c Config) (*Pair, error) {
	p := &Pair{config: c}
	if err := p.Reload(); err != nil {
		return nil, err
	}
	return p, nil
}

// Reload reads the files again. After an error the pair in use is unchanged.
func (p *Pair) Reload() error {
	swap, err := p.Prepare()
	if err == nil {
		swap()
	}
	return err
}

// Prepare reads and checks the files again. The function it gives takes them
// into use and can not fail, so that several things can be replaced as one.
func (p *Pair) Prepare() (swap func(), err error) {
	cert, err := load(p.config)
	if err != nil {
		return nil, fmt.Errorf("load certificate %s: %w", p.config.Cert, err)
	}
	return func() { p.current.Store(cert) }, nil
}

// NotAfter is when the leaf in use expires.
func (p *Pair) NotAfter() time.Time { return p.current.Load().Leaf.NotAfter }

// Server is the configuration of a listener: TLS 1.3, or 1.2 with forward
// secrecy and authenticated encryption. Each call gives a fresh value.
func (p *Pair) Server() *tls.Config {
	return &tls.Config{
		MinVersion:   tls.VersionTLS12,
		CipherSuites: suites(),
		NextProtos:   []string{"h2", "http/1.1"},
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) {
			return p.current.Load(), nil
		},
	}
}

// suites are those of TLS 1.2; the ones of 1.3 are not for choosing.
func suites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}

func load(c Config) (*tls.Certificate, error) {
	certPEM, err := read(c.Cert, false)
	if err != nil {
		return nil, err
	}
	keyPEM, err := read(c.Key, true)
	if err != nil {
		return nil, err
	}
	defer clear(keyPEM)
	cert, err := tls.X509KeyPair(certPEM, keyPEM)
	if err != nil {
		return nil, errors.New("the certificate and the key are no matching PEM pair; write the leaf first, then its chain, and the leaf's own key")
	}
	if err := usable(cert.Leaf, c.Now()); err != nil {
		return nil, err
	}
	return &cert, nil
}

func usable(leaf *x509.Certificate, now time.Time) error {
	switch key, isRSA := leaf.PublicKey.(*rsa.PublicKey); {
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("it is valid only from %s; check this machine's clock", leaf.NotBefore.UTC().Format(time.RFC3339))
	case !now.Before(leaf.NotAfter):
		return fmt.Errorf("it expired at %s; install a new one", leaf.NotAfter.UTC().Format(time.RFC3339))
	case isRSA && key.N.BitLen() < leastRSABits:
		return fmt.Errorf("its RSA key has %d bits; use at least %d, or ECDSA", key.N.BitLen(), leastRSABits)
	case len(leaf.DNSNames)+len(leaf.IPAddresses) == 0:
		return errors.New("it names no host; issue it with subject alternative names")
	case len(leaf.ExtKeyUsage) > 0 && !slices.Contains(leaf.ExtKeyUsage, x509.ExtKeyUsageServerAuth):
		return errors.New("it is not meant for servers; issue it with extended key usage serverAuth")
	}
	return nil
}

// read gives a PEM file. A private one must be closed to group and others.
func read(path string, private bool) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's own configuration
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // opened for reading only
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if private && info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key %s has mode %04o and others can read it; chmod 600 it", path, info.Mode().Perm())
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err == nil && len(data) > maxFileBytes {
		return nil, fmt.Errorf("%s is larger than 1 MiB, so it is some other file", path)
	}
	return data, err
}
