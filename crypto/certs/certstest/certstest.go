// Package certstest issues certificates of any shape to tests: for clients and
// servers, expired, with other names, under another root. It fails the test
// where one can not be made.
package certstest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"math/big"
	"net"
	"testing"
	"time"
)

// CA is a root with its key.
type CA struct {
	Cert *x509.Certificate
	key  crypto.Signer
	now  time.Time
}

// NewCA makes a root that is valid for ten days around now.
func NewCA(t testing.TB, name string, now time.Time) *CA {
	t.Helper()
	key := newKey(t)
	template := &x509.Certificate{
		SerialNumber: serial(t), Subject: pkix.Name{CommonName: name}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: now.AddDate(0, 0, -10), NotAfter: now.AddDate(0, 0, 10),
	}
	return &CA{Cert: sign(t, template, template, key.Public(), key), key: key, now: now}
}

// PEM is the root, for a file.
func (c *CA) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Cert.Raw})
}

// Pin is the root's key as a pin.
func (c *CA) Pin() string {
	sum := sha256.Sum256(c.Cert.RawSubjectPublicKeyInfo)
	return "sha256/" + base64.StdEncoding.EncodeToString(sum[:])
}

// Client issues a certificate for a client that is valid for an hour around
// now; change may make it another one.
func (c *CA) Client(t testing.TB, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	return c.issue(t, newKey(t), x509.ExtKeyUsageClientAuth, change)
}

// Server issues one for 127.0.0.1 and localhost. A nil key is a new ECDSA one.
func (c *CA) Server(t testing.TB, key crypto.Signer, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	if key == nil {
		key = newKey(t)
	}
	return c.issue(t, key, x509.ExtKeyUsageServerAuth, func(x *x509.Certificate) {
		x.DNSNames, x.IPAddresses = []string{"localhost"}, []net.IP{net.IPv4(127, 0, 0, 1)}
		if change != nil {
			change(x)
		}
	})
}

func (c *CA) issue(t testing.TB, key crypto.Signer, usage x509.ExtKeyUsage, change func(*x509.Certificate)) tls.Certificate {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: serial(t), KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{usage},
		NotBefore: c.now.Add(-time.Hour), NotAfter: c.now.Add(time.Hour),
	}
	if change != nil {
		change(template)
	}
	leaf := sign(t, template, c.Cert, key.Public(), c.key)
	return tls.Certificate{Certificate: [][]byte{leaf.Raw}, PrivateKey: key, Leaf: leaf}
}

// Sign issues what the template says for a key that is somebody else's.
func (c *CA) Sign(t testing.TB, template *x509.Certificate, public crypto.PublicKey) *x509.Certificate {
	t.Helper()
	return sign(t, template, c.Cert, public, c.key)
}

// Files are certificate and key as PEM.
func Files(t testing.TB, c tls.Certificate) (cert, key []byte) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(c.PrivateKey)
	check(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

func sign(t testing.TB, template, parent *x509.Certificate, key crypto.PublicKey, by crypto.Signer) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificate(rand.Reader, template, parent, key, by)
	check(t, err)
	cert, err := x509.ParseCertificate(der)
	check(t, err)
	return cert
}

func newKey(t testing.TB) crypto.Signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	return key
}

func serial(t testing.TB) *big.Int {
	t.Helper()
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 100))
	check(t, err)
	return n.Add(n, big.NewInt(1))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
