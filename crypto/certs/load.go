package certs

import (
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"
)

const (
	maxFileBytes = 1 << 20
	leastRSABits = 2048
)

// digest is of the content of all files of a pair.
type digest [sha256.Size]byte

func digestOf(files ...[]byte) (out digest) {
	h := sha256.New()
	for _, f := range files {
		one := sha256.Sum256(f)
		h.Write(one[:]) //nolint:errcheck // hash.Hash never returns an error
	}
	h.Sum(out[:0])
	return out
}

// material is what the files of a pair hold. Of an issued pair that is the
// clients' roots alone.
type material struct {
	cert  *tls.Certificate // nil: issued, no file
	roots []*x509.Certificate
	sum   digest
}

// load reads and checks all files of a pair.
func load(c Config) (m material, err error) {
	var certPEM, keyPEM, rootsPEM []byte
	if c.Sign == nil {
		if certPEM, err = read(c.Cert, false); err != nil {
			return m, err
		}
		if keyPEM, err = read(c.Key, true); err != nil {
			return m, err
		}
		defer clear(keyPEM)
		cert, err := tls.X509KeyPair(certPEM, keyPEM)
		if err != nil {
			return m, errors.New("the certificate and the key are no matching PEM pair; write the leaf first, then its chain, and the leaf's own key")
		}
		if err := usable(cert.Leaf, c.Now()); err != nil {
			return m, err
		}
		for _, name := range c.Names {
			if cert.Leaf.VerifyHostname(name) != nil {
				return m, fmt.Errorf("it is not for %s; issue it for each name that it is shown for", name)
			}
		}
		m.cert = &cert
	}
	if c.ClientCA != "" {
		if rootsPEM, m.roots, err = readRoots(c.ClientCA); err != nil {
			return m, fmt.Errorf("read client roots: %w", err)
		}
	}
	m.sum = digestOf(certPEM, keyPEM, rootsPEM)
	return m, nil
}

// newSide is what handshakes are made with from now on.
func newSide(c Config, cert tls.Certificate, m material) *side {
	s := &side{leaf: cert.Leaf, roots: m.roots, sum: m.sum, tls: base(c.TLS12)}
	s.tls.Certificates, s.tls.NextProtos, s.tls.Time = []tls.Certificate{cert}, protocols(), c.Now
	if len(m.roots) > 0 {
		askClients(s.tls, c, m.roots)
	}
	return s
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

// readRoots gives the certificates of a PEM file: at least one, and nothing
// that does not parse, since a root left out by mistake shows only much later.
func readRoots(path string) ([]byte, []*x509.Certificate, error) {
	data, err := read(path, false)
	if err != nil {
		return nil, nil, err
	}
	var out []*x509.Certificate
	for rest := data; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, nil, fmt.Errorf("%s holds something else than certificates; write BEGIN CERTIFICATE blocks only", path)
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: certificate %d is damaged; write it again", path, len(out)+1)
		}
		out = append(out, cert)
	}
	if len(out) == 0 {
		return nil, nil, fmt.Errorf("%s: no PEM certificate in it; write BEGIN CERTIFICATE blocks", path)
	}
	return data, out, nil
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

func fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
