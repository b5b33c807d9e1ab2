package clickhouse

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"io"
	"log"
	"math/big"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"testing"
	"time"

	"postern/audit/clickhouse/chtest"
)

// clientCertificate is one that signs itself, and what trusts it.
func clientCertificate(t *testing.T) (tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, c, c, key.Public(), key)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(parsed)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, pool
}

// TestTLS ships through TLS with a client certificate to the second endpoint,
// while nobody listens at the first, in every compression. Without the
// certificate, and to a server that another root vouches for, nothing goes.
func TestTLS(t *testing.T) {
	e := chtest.Start(t)
	target, err := url.Parse(e.URL)
	if err != nil {
		t.Fatal(err)
	}
	certificate, trusted := clientCertificate(t)
	front := httptest.NewUnstartedServer(httputil.NewSingleHostReverseProxy(target))
	front.Config.ErrorLog = log.New(io.Discard, "", 0) // it tells of each client that it refuses
	front.TLS = &tls.Config{ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: trusted, MinVersion: tls.VersionTLS13}
	front.StartTLS()
	t.Cleanup(front.Close)
	roots := x509.NewCertPool()
	roots.AddCert(front.Certificate())
	good := &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13}
	open := func(conf *tls.Config, compression, database string) *Store {
		s, err := Open(Config{
			Endpoints: []string{"127.0.0.1:1", front.Listener.Addr().String()}, TLS: conf,
			Database: database, Compression: compression, Now: now,
		})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() }) // its part is over
		return s
	}
	j := openJournal(t, t.TempDir())
	appendMessages(t, j, 40)
	for _, compression := range []string{"", "lz4", "zstd"} {
		s := open(good, compression, e.Database(t))
		if _, err := s.Migrate(context.Background()); err != nil {
			t.Fatal(err)
		}
		if err := j.Unfollow(context.Background(), FollowerName); err != nil {
			t.Fatal(err)
		}
		shipAll(t, s, j)
		same(t, s, j)
	}
	for what, conf := range map[string]*tls.Config{
		"without a client certificate": {RootCAs: roots, MinVersion: tls.VersionTLS13},
		"with another root":            {RootCAs: trusted, Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS13},
	} {
		if _, err := open(conf, "", "system").Version(context.Background()); err == nil {
			t.Errorf("%s the server is spoken to", what)
		}
	}
}
