package certs_test

import (
	"bytes"
	"context"
	"crypto/fips140"
	"crypto/rand"
	"crypto/rsa"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/crypto/certs"
	"postern/crypto/certs/certstest"
)

// openssl runs the command and gives what it printed.
func openssl(t *testing.T, input string, args ...string) (string, error) {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal("openssl is missing: install the package openssl (apt-get install openssl)")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, path, args...) //nolint:gosec // arguments are this test's own
	cmd.Stdin = strings.NewReader(input)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	return out.String(), err
}

// everything is the list of every suite that this openssl was built with.
const everything = "ALL:COMPLEMENTOFALL:@SECLEVEL=0"

// offered are the suites that this openssl offers for TLS 1.2 and older, and
// those for 1.3.
func offered(t *testing.T) (old, modern []string) {
	t.Helper()
	list, err := openssl(t, "", "ciphers", "-v", "-ciphersuites",
		"TLS_AES_128_GCM_SHA256:TLS_AES_256_GCM_SHA384:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256:TLS_AES_128_CCM_8_SHA256", everything)
	if err != nil {
		t.Fatalf("list of suites: %v: %s", err, list)
	}
	for line := range strings.Lines(list) {
		name, _, _ := strings.Cut(line, " ")
		if strings.HasPrefix(name, "TLS_") {
			modern = append(modern, name)
		} else {
			old = append(old, name)
		}
	}
	if len(old) < 20 || len(modern) < 3 {
		t.Fatalf("openssl knows %d and %d suites only", len(old), len(modern))
	}
	return old, modern
}

// good are the suites of TLS 1.2 that are taken, by the key they need.
var good = map[string][]string{
	"ecdsa": {"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-ECDSA-CHACHA20-POLY1305"},
	"rsa":   {"ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305"},
}

var goodModern = []string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"}

// TestEverySuiteOfOpenssl offers each suite of each version alone, to listeners
// with either kind of key, with and without TLS 1.2. Under FIPS enforcement
// ChaCha20 goes, too.
func TestEverySuiteOfOpenssl(t *testing.T) {
	old, modern := offered(t)
	for _, key := range []string{"ecdsa", "rsa"} {
		s := newSite(t)
		s.now = time.Now() // openssl's clock
		s.keyed(t, key)
		for _, tls12 := range []bool{false, true} {
			d := s.door(t, func(c *certs.Config) { c.TLS12 = tls12 })
			try := func(want bool, args ...string) {
				want = want && (!fips140.Enforced() || !strings.Contains(strings.Join(args, " "), "CHACHA20"))
				out, err := openssl(t, "", append([]string{"s_client", "-brief", "-verify_return_error", "-CAfile", s.path("ca.pem"), "-connect", d.address}, args...)...)
				if (err == nil) != want {
					t.Errorf("%s key, 1.2 allowed %t, %v: taken %t, want %t: %s", key, tls12, args, err == nil, want, out)
				}
			}
			for _, suite := range modern {
				try(slices.Contains(goodModern, suite), "-tls1_3", "-ciphersuites", suite)
			}
			for _, suite := range old {
				try(tls12 && slices.Contains(good[key], suite), "-tls1_2", "-cipher", suite+":@SECLEVEL=0")
			}
			for _, version := range []string{"-tls1", "-tls1_1"} {
				try(false, version, "-cipher", everything)
			}
			try(true, "-cipher", everything)
		}
	}
}

// keyed writes a pair with a key of the kind.
func (s *site) keyed(t *testing.T, kind string) {
	t.Helper()
	ca := certstest.NewCA(t, "server", s.now)
	pair := ca.Server(t, nil, nil)
	if kind == "rsa" {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			t.Fatal(err)
		}
		pair = ca.Server(t, key, nil)
	}
	cert, key := certstest.Files(t, pair)
	s.write(t, "ca.pem", ca.PEM(), 0o644)
	s.write(t, "cert.pem", cert, 0o644)
	s.write(t, "key.pem", key, 0o600)
}

// TestRenegotiationIsRefused: "R" makes openssl's client ask for it.
func TestRenegotiationIsRefused(t *testing.T) {
	s := newSite(t)
	s.now = time.Now()
	s.keyed(t, "ecdsa")
	d := s.door(t, func(c *certs.Config) { c.TLS12 = true })
	out, err := openssl(t, "R\n", "s_client", "-tls1_2", "-CAfile", s.path("ca.pem"), "-connect", d.address)
	if err == nil || !strings.Contains(out, "RENEGOTIATING") || !strings.Contains(out, "no renegotiation") && !strings.Contains(out, "alert") {
		t.Errorf("renegotiation: %v: %s", err, out)
	}
	if _, _, err := s.visit(t, d, nil); err != nil {
		t.Errorf("another client: %v", err)
	}
}

// TestOpensslAsClient shows openssl's own client certificate to the door.
func TestOpensslAsClient(t *testing.T) {
	s := newSite(t)
	s.now = time.Now()
	s.keyed(t, "rsa")
	ca, other := certstest.NewCA(t, "clients", s.now), certstest.NewCA(t, "others", s.now)
	s.write(t, "clients.pem", ca.PEM(), 0o644)
	d := s.door(t, func(c *certs.Config) { c.ClientCA, c.ClientNames = s.path("clients.pem"), []string{"shop.example"} })
	for name, from := range map[string]*certstest.CA{"right": ca, "wrong": other} {
		cert, key := certstest.Files(t, from.Client(t, named("shop.example")))
		s.write(t, "client.pem", cert, 0o644)
		s.write(t, "client-key.pem", key, 0o600)
		out, _ := openssl(t, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "s_client", "-quiet", "-ign_eof",
			"-cert", s.path("client.pem"), "-key", s.path("client-key.pem"), "-CAfile", s.path("ca.pem"), "-connect", d.address)
		if got := strings.Contains(out, "shop.example"); got != (name == "right") {
			t.Errorf("%s: served %t: %s", name, got, out)
		}
	}
	if kind := d.kind(t); kind != "certificate_unknown" {
		t.Errorf("counted as %s", kind)
	}
}
