package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"postern/crypto/certs"
)

// The one tenant, number and app of the benchmark.
const (
	tenantName   = "bench"
	appName      = "bench"
	phoneID      = "106540000000001"
	display      = "+49 30 1234567"
	accountID    = "200000000000001"
	graphVersion = "v25.0"
)

// site is the folder of one run: certificates, secrets, journals, logs.
type site string

func (s site) path(name string) string { return filepath.Join(string(s), name) }

// Files of a site.
const (
	caFile        = "ca.pem"
	certFile      = "server.pem"
	keyFile       = "server-key.pem"
	spareCertFile = "spare.pem"
	spareKeyFile  = "spare-key.pem"
	metaToken     = "meta-token"
	appSecret     = "app-secret"
	verifyToken   = "verify-token"
	hookSecret    = "hook-secret"
	configFile    = "postern.yaml"
)

// newSite fills a folder with what all processes of the run share.
func newSite(dir string) (site, error) {
	s := site(dir)
	now := time.Now()
	authority, err := certs.NewAuthority("bench", now, 24*time.Hour)
	if err != nil {
		return "", err
	}
	errs := []error{s.write(caFile, authority.CertPEM())}
	for _, names := range [][2]string{{certFile, keyFile}, {spareCertFile, spareKeyFile}} {
		cert, key, err := authority.Issue(now, 24*time.Hour, "127.0.0.1", "localhost")
		if err != nil {
			return "", err
		}
		errs = append(errs, s.write(names[0], cert), s.write(names[1], key))
	}
	for _, name := range []string{metaToken, appSecret, verifyToken, hookSecret} {
		errs = append(errs, s.write(name, []byte(randomText())))
	}
	return s, errors.Join(errs...)
}

func randomText() string {
	var b [24]byte
	rand.Read(b[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return hex.EncodeToString(b[:])
}

func (s site) write(name string, data []byte) error {
	if err := os.WriteFile(s.path(name), data, 0o600); err != nil {
		return fmt.Errorf("prepare folder: %w", err)
	}
	return nil
}

func (s site) read(name string) (string, error) {
	data, err := os.ReadFile(s.path(name))
	if err != nil {
		return "", fmt.Errorf("read prepared folder: %w", err)
	}
	return strings.TrimSpace(string(data)), nil
}

// roots trusts the run's own authority and nobody else.
func (s site) roots() (*x509.CertPool, error) {
	pem, err := s.read(caFile)
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM([]byte(pem)) {
		return nil, errors.New("read prepared folder: the authority's certificate does not parse")
	}
	return pool, nil
}

func (s site) clientTLS() (*tls.Config, error) {
	roots, err := s.roots()
	return &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}, err
}

// serverTLS offers HTTP/1.1 only, which most client libraries speak and both
// gateways use towards upstream.
func (s site) serverTLS() (*tls.Config, error) {
	pair, err := tls.LoadX509KeyPair(s.path(certFile), s.path(keyFile))
	if err != nil {
		return nil, fmt.Errorf("load certificate: %w", err)
	}
	return &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12, NextProtos: []string{"http/1.1"}}, nil
}

func listen(ctx context.Context) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	return l, nil
}

// freeAddresses finds addresses that nobody listens on at this moment.
func freeAddresses(ctx context.Context, n int) ([]string, error) {
	var out []string
	var errs []error
	for range n {
		l, err := listen(ctx)
		if err != nil {
			return nil, err
		}
		out = append(out, l.Addr().String())
		defer func() { errs = append(errs, l.Close()) }()
	}
	return out, errors.Join(errs...)
}
