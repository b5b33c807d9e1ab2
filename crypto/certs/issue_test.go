package certs_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"strings"
	"testing"
	"time"

	"postern/crypto/certs"
	"postern/crypto/certs/certstest"
)

// signer is an authority that signs requests.
type signer struct {
	*certstest.CA
	asked  int
	change func(*x509.Certificate) // before it is signed
	answer func(chain []byte) []byte
	err    error
	keys   [][]byte // of every request
}

func (s *signer) sign(t *testing.T, site *site, valid time.Duration) func(context.Context, []byte) ([]byte, error) {
	return func(_ context.Context, request []byte) ([]byte, error) {
		s.asked++
		if s.err != nil {
			return nil, s.err
		}
		block, _ := pem.Decode(request)
		csr, err := x509.ParseCertificateRequest(block.Bytes)
		if err == nil {
			err = csr.CheckSignature()
		}
		if err != nil {
			t.Errorf("request: %v", err)
			return nil, err
		}
		s.keys = append(s.keys, csr.RawSubjectPublicKeyInfo)
		leaf := &x509.Certificate{
			SerialNumber: big.NewInt(int64(0xabc0 + s.asked)), Subject: csr.Subject, DNSNames: csr.DNSNames, IPAddresses: csr.IPAddresses, PublicKey: csr.PublicKey,
			NotBefore: site.now.Add(-time.Minute), NotAfter: site.now.Add(valid), ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		if s.change != nil {
			s.change(leaf)
		}
		chain := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Sign(t, leaf, leaf.PublicKey).Raw})
		if s.answer != nil {
			chain = s.answer(chain)
		}
		return chain, nil
	}
}

// order gives an issued pair of 12 hours whose clients trust the signer.
func (s *site) order(t *testing.T, a *signer) (certs.Config, *certs.Pair) {
	t.Helper()
	a.CA = certstest.NewCA(t, "authority", start)
	s.write(t, "ca.pem", a.PEM(), 0o644)
	c := certs.Config{Sign: a.sign(t, s, 12*time.Hour), Names: []string{"127.0.0.1", "gate.example"}, Now: func() time.Time { return s.now }}
	pair, err := certs.Order(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return c, pair
}

func TestIssuedCertificateIsRenewed(t *testing.T) {
	s, a := newSite(t), &signer{}
	_, pair := s.order(t, a)
	address := serve(t, pair)
	if !pair.Issued() || pair.Due() || pair.Late() || pair.Serial() != "abc1" {
		t.Errorf("issued %t, due %t, late %t, serial %s", pair.Issued(), pair.Due(), pair.Late(), pair.Serial())
	}
	trusted, err := certs.Client(certs.ClientConfig{CA: s.path("ca.pem")})
	if err != nil {
		t.Fatal(err)
	}
	trusted.Time = func() time.Time { return s.now }
	old, err := tls.Dial("tcp", address, trusted)
	if err != nil {
		t.Fatal(err)
	}
	defer old.Close()
	if leaf := old.ConnectionState().PeerCertificates[0]; leaf.Subject.CommonName != "gate.example" {
		t.Errorf("common name %q", leaf.Subject.CommonName)
	}

	s.now = start.Add(6*time.Hour - time.Second)
	if pair.Due() {
		t.Error("due before half of its life")
	}
	s.now = start.Add(7*time.Hour + time.Second)
	if !pair.Due() || pair.Late() {
		t.Error("not due after seven twelfths of its life, or late before two thirds")
	}
	s.now = start.Add(8 * time.Hour)
	if !pair.Late() {
		t.Error("not late after two thirds of its life")
	}

	a.err = errors.New("gone")
	if err := pair.Renew(t.Context()); !errors.Is(err, a.err) || pair.Serial() != "abc1" || !pair.Late() {
		t.Errorf("renewal that failed: %v, serial %s", err, pair.Serial())
	}
	a.err = nil
	if err := pair.Renew(t.Context()); err != nil || pair.Due() || pair.Serial() != "abc3" {
		t.Errorf("renewal: %v, due %t, serial %s", err, pair.Due(), pair.Serial())
	}
	if len(a.keys) != 2 || bytes.Equal(a.keys[0], a.keys[1]) {
		t.Error("the renewal kept the key")
	}
	state, err := s.shake(t, address, nil)
	if err != nil || state.PeerCertificates[0].SerialNumber.Int64() != 0xabc3 {
		t.Errorf("a new connection: %v", err)
	}
	if _, err := io.WriteString(old, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"); err != nil {
		t.Fatal(err)
	}
	if answer, err := io.ReadAll(old); err != nil || !bytes.HasPrefix(answer, []byte("HTTP/1.1 200")) {
		t.Errorf("the open connection was dropped: %v", err)
	}
}

// TestReloadKeepsIssued: roots come from a file, the certificate does not; one
// that was renewed while a reload was prepared stays.
func TestReloadKeepsIssued(t *testing.T) {
	s, a := newSite(t), &signer{}
	c, _ := s.order(t, a)
	c.ClientCA = s.path("clients.pem")
	s.write(t, "clients.pem", certstest.NewCA(t, "clients", start).PEM(), 0o644)
	pair, err := certs.Order(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	if swapped, err := pair.Look(); swapped || err != nil {
		t.Errorf("a look at what did not change: %t, %v", swapped, err)
	}
	later := certstest.NewCA(t, "later clients", start.Add(time.Hour))
	s.write(t, "clients.pem", later.PEM(), 0o644)
	swap, err := pair.Prepare()
	if err != nil {
		t.Fatal(err)
	}
	if err := pair.Renew(t.Context()); err != nil {
		t.Fatal(err)
	}
	swap()
	if !pair.RootsNotAfter().Equal(later.Cert.NotAfter) || pair.Serial() != "abc3" {
		t.Errorf("roots until %s, serial %s", pair.RootsNotAfter(), pair.Serial())
	}
	if swapped, err := pair.Look(); swapped || err != nil {
		t.Errorf("a look after the reload: %t, %v", swapped, err)
	}
	s.write(t, "clients.pem", []byte("x"), 0o644)
	if err := pair.Reload(); err == nil || !strings.Contains(err.Error(), "read client roots") {
		t.Errorf("broken roots: %v", err)
	}
}

// TestWrongAnswerIsRefused: what the authority gives is held against what was
// asked for.
func TestWrongAnswerIsRefused(t *testing.T) {
	other, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	key := []byte("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
	for name, tc := range map[string]struct {
		signer signer
		says   string
	}{
		"another key":   {signer{change: func(c *x509.Certificate) { c.PublicKey = other.Public() }}, "for another key"},
		"without host":  {signer{change: func(c *x509.Certificate) { c.DNSNames = nil }}, "lacks a name"},
		"without IP":    {signer{change: func(c *x509.Certificate) { c.IPAddresses = nil }}, "lacks a name"},
		"expired":       {signer{change: func(c *x509.Certificate) { c.NotAfter = start }}, "expired at"},
		"not yet valid": {signer{change: func(c *x509.Certificate) { c.NotBefore = start.Add(time.Second) }}, "check this machine's clock"},
		"for clients":   {signer{change: clientOnly}, "not meant for servers"},
		"nothing":       {signer{answer: func([]byte) []byte { return nil }}, "no chain"},
		"more than PEM": {signer{answer: func(b []byte) []byte { return append(b, "more"...) }}, "no chain"},
		"a key, too":    {signer{answer: func(b []byte) []byte { return append(b, key...) }}, "something else than certificates"},
		"damaged":       {signer{answer: func([]byte) []byte { return bytes.ReplaceAll(key, []byte("PRIVATE KEY"), []byte("CERTIFICATE")) }}, "damaged"},
	} {
		t.Run(name, func(t *testing.T) {
			s, wrong := newSite(t), tc.signer
			good := &signer{}
			c, pair := s.order(t, good)
			wrong.CA = good.CA
			c.Sign = wrong.sign(t, s, time.Hour)
			if _, err := certs.Order(t.Context(), c); err == nil || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("says %v, want %q", err, tc.says)
			}
			good.change, good.answer = wrong.change, wrong.answer
			if err := pair.Renew(t.Context()); err == nil || pair.Serial() != "abc1" {
				t.Errorf("a renewal took it: %v", err)
			}
		})
	}
}
