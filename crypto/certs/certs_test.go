//go:debug rsa1024min=0
package certs_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/crypto/certs"
)

var start = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// site is a folder with a pair, its authority and a clock.
type site struct {
	dir       string
	authority *certs.Authority
	now       time.Time
	tls12     bool
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{dir: t.TempDir(), now: start}
	var err error
	if s.authority, err = certs.NewAuthority("test root", start, 24*time.Hour); err != nil {
		t.Fatal(err)
	}
	s.write(t, "ca.pem", s.authority.CertPEM(), 0o644)
	s.issue(t, time.Hour)
	return s
}

func (s *site) path(name string) string { return filepath.Join(s.dir, name) }

func (s *site) write(t *testing.T, name string, data []byte, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(s.path(name), data, mode); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(s.path(name), mode); err != nil {
		t.Fatal(err)
	}
}

func (s *site) issue(t *testing.T, valid time.Duration) {
	t.Helper()
	cert, key, err := s.authority.Issue(s.now, valid, "127.0.0.1", "localhost")
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "cert.pem", cert, 0o644)
	s.write(t, "key.pem", key, 0o600)
}

func (s *site) config() certs.Config {
	return certs.Config{Cert: s.path("cert.pem"), Key: s.path("key.pem"), TLS12: s.tls12, Now: func() time.Time { return s.now }}
}

func (s *site) open(t *testing.T) *certs.Pair {
	t.Helper()
	p, err := certs.Open(s.config())
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// serve answers over TLS with the pair, until the test ends.
func serve(t *testing.T, p *certs.Pair) string {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", p.Server())
	if err != nil {
		t.Fatal(err)
	}
	srv := &http.Server{ReadHeaderTimeout: time.Minute, ErrorLog: log.New(io.Discard, "", 0), Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "ok")
	})}
	go srv.Serve(l) //nolint:errcheck // ends with Close
	t.Cleanup(func() { _ = srv.Close() })
	return l.Addr().String()
}

// shake connects with a client that trusts the site's root at the site's time.
func (s *site) shake(t *testing.T, address string, change func(*tls.Config)) (tls.ConnectionState, error) {
	t.Helper()
	c, err := certs.Client(certs.ClientConfig{CA: s.path("ca.pem"), TLS12: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Time = func() time.Time { return s.now }
	if change != nil {
		change(c)
	}
	conn, err := tls.Dial("tcp", address, c)
	if err != nil {
		return tls.ConnectionState{}, err
	}
	return conn.ConnectionState(), conn.Close()
}

func TestSwapKeepsConnections(t *testing.T) {
	s := newSite(t)
	pair := s.open(t)
	address := serve(t, pair)
	c, err := certs.Client(certs.ClientConfig{CA: s.path("ca.pem"), TLS12: true})
	if err != nil {
		t.Fatal(err)
	}
	c.Time = func() time.Time { return s.now }
	old, err := tls.Dial("tcp", address, c)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close() //nolint:errcheck // the test ends
	first := old.ConnectionState().PeerCertificates[0].SerialNumber

	s.issue(t, 2*time.Hour)
	if err := pair.Reload(); err != nil {
		t.Fatal(err)
	}
	state, err := s.shake(t, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	if state.PeerCertificates[0].SerialNumber.Cmp(first) == 0 {
		t.Error("a new connection got the old certificate")
	}
	if !pair.NotAfter().Equal(start.Add(2 * time.Hour)) {
		t.Errorf("expires %s", pair.NotAfter())
	}
	if _, err := io.WriteString(old, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	answer, err := io.ReadAll(old)
	if err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) {
		t.Errorf("the open connection was dropped: %v", err)
	}
}

// TestACertificateIsForItsNames: for each of those that are asked for, as it is
// read first and later.
func TestACertificateIsForItsNames(t *testing.T) {
	s := newSite(t)
	c := s.config()
	c.Names = []string{"localhost", "127.0.0.1"}
	pair, err := certs.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := s.authority.Issue(s.now, time.Hour, "localhost")
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "cert.pem", cert, 0o644)
	s.write(t, "key.pem", key, 0o600)
	for name, err := range map[string]error{"reload": pair.Reload(), "start": second(certs.Open(c))} {
		if err == nil || !strings.Contains(err.Error(), "it is not for 127.0.0.1; issue it for each name") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestRefusedPairKeepsTheOldOne(t *testing.T) {
	cases := map[string]struct {
		damage func(*testing.T, *site)
		says   string
	}{
		"expired":       {func(t *testing.T, s *site) { s.issue(t, -time.Minute) }, "expired at 2026-03-01T11:59:00Z"},
		"not yet valid": {func(t *testing.T, s *site) { s.now = start.Add(time.Hour); s.issue(t, time.Hour); s.now = start }, "valid only from"},
		"mismatched": {func(t *testing.T, s *site) {
			cert, err := os.ReadFile(s.path("cert.pem"))
			if err != nil {
				t.Fatal(err)
			}
			s.issue(t, time.Hour)
			s.write(t, "cert.pem", cert, 0o644)
		}, "no matching PEM pair"},
		"open key":     {func(t *testing.T, s *site) { s.write(t, "key.pem", []byte("x"), 0o644) }, "chmod 600"},
		"no PEM":       {func(t *testing.T, s *site) { s.write(t, "cert.pem", []byte("hello"), 0o644) }, "no matching PEM pair"},
		"huge":         {func(t *testing.T, s *site) { s.write(t, "cert.pem", make([]byte, 1<<20+1), 0o644) }, "larger than 1 MiB"},
		"gone":         {func(t *testing.T, s *site) { _ = os.Remove(s.path("key.pem")) }, "no such file"},
		"weak":         {func(t *testing.T, s *site) { s.self(t, weak(t), nil) }, "RSA key has 1024 bits"},
		"nameless":     {func(t *testing.T, s *site) { s.self(t, strong(t), func(c *x509.Certificate) { c.DNSNames = nil }) }, "names no host"},
		"not a server": {func(t *testing.T, s *site) { s.self(t, strong(t), clientOnly) }, "not meant for servers"},
	}
	if fips140.Enforced() {
		delete(cases, "weak") // then no such key can be made or used at all
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := newSite(t)
			pair := s.open(t)
			address := serve(t, pair)
			before, err := s.shake(t, address, nil)
			if err != nil {
				t.Fatal(err)
			}
			tc.damage(t, s)
			if err := pair.Reload(); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Fatalf("reload says %v, want %q", err, tc.says)
			}
			if _, err := certs.Open(s.config()); err == nil {
				t.Error("a start accepted what a reload refuses")
			}
			after, err := s.shake(t, address, nil)
			if err != nil || !after.PeerCertificates[0].Equal(before.PeerCertificates[0]) {
				t.Errorf("the old pair is gone: %v", err)
			}
		})
	}
}

func clientOnly(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }

func strong(t *testing.T) any {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// weak makes a 1024-bit key, which the debug setting above permits to this test.
func weak(t *testing.T) any {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 1024)
	if err != nil {
		t.Fatal(err)
	}
	return key
}

// self writes a self-signed pair that differs from a good one in one point.
func (s *site) self(t *testing.T, key any, change func(*x509.Certificate)) {
	t.Helper()
	template := &x509.Certificate{
		SerialNumber: big.NewInt(7), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"},
		NotBefore: start.Add(-time.Hour), NotAfter: start.Add(time.Hour),
	}
	if change != nil {
		change(template)
	}
	var public any
	switch k := key.(type) {
	case *ecdsa.PrivateKey:
		public = &k.PublicKey
	case *rsa.PrivateKey:
		public = &k.PublicKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, public, key)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	s.write(t, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o644)
	s.write(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}), 0o600)
}

func TestVersionsAndSuites(t *testing.T) {
	s := newSite(t)
	s.tls12 = true
	address := serve(t, s.open(t))
	version := func(v uint16, suites ...uint16) func(*tls.Config) {
		return func(c *tls.Config) { c.MinVersion, c.MaxVersion, c.CipherSuites = v, v, suites }
	}
	for name, tc := range map[string]struct {
		change func(*tls.Config)
		taken  bool
	}{
		"1.3":               {version(tls.VersionTLS13), true},
		"1.2 GCM":           {version(tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256), true},
		"1.2 CBC":           {version(tls.VersionTLS12, tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA), false},
		"1.2 no forward":    {version(tls.VersionTLS12, tls.TLS_RSA_WITH_AES_128_GCM_SHA256), false},
		"1.1":               {version(tls.VersionTLS11), false},
		"1.0":               {version(tls.VersionTLS10), false},
		"unknown root":      {func(c *tls.Config) { c.RootCAs = x509.NewCertPool() }, false},
		"other name":        {func(c *tls.Config) { c.ServerName = "elsewhere.example" }, false},
		"name of the chain": {func(c *tls.Config) { c.ServerName = "localhost" }, true},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := s.shake(t, address, tc.change); (err == nil) != tc.taken {
				t.Errorf("taken %v, want %v: %v", err == nil, tc.taken, err)
			}
		})
	}
}

func TestAuthorityIssuesLeavesOnly(t *testing.T) {
	s := newSite(t)
	data, err := os.ReadFile(s.path("cert.pem"))
	if err != nil {
		t.Fatal(err)
	}
	block, _ := pem.Decode(data)
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	if leaf.IsCA || leaf.KeyUsage&x509.KeyUsageCertSign != 0 {
		t.Error("a leaf can issue")
	}
	if len(leaf.IPAddresses) != 1 || !leaf.IPAddresses[0].Equal(net.IPv4(127, 0, 0, 1)) {
		t.Errorf("addresses %v", leaf.IPAddresses)
	}
}

func TestClientRoots(t *testing.T) {
	s := newSite(t)
	s.write(t, "empty.pem", []byte("nothing"), 0o644)
	if _, err := certs.Client(certs.ClientConfig{CA: s.path("empty.pem")}); err == nil {
		t.Error("a file without certificates was taken")
	}
	if _, err := certs.Client(certs.ClientConfig{CA: s.path("none.pem")}); err == nil {
		t.Error("a missing file was taken")
	}
	if c, err := certs.Client(certs.ClientConfig{}); err != nil || c.RootCAs != nil {
		t.Errorf("the system's roots: %v", err)
	}
}

func TestPrepareChangesNothingYet(t *testing.T) {
	s := newSite(t)
	p := s.open(t)
	before := p.NotAfter()
	s.issue(t, 3*time.Hour)
	swap, err := p.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if !p.NotAfter().Equal(before) {
		t.Error("the pair was replaced before it was taken into use")
	}
	s.write(t, "cert.pem", []byte("broken meanwhile"), 0o600)
	if swap(); p.NotAfter().Equal(before) {
		t.Error("the pair that was checked is not the one in use")
	}
}
