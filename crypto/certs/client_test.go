package certs_test

import (
	"crypto/tls"
	"errors"
	"strings"
	"testing"

	"postern/crypto/certs"
	"postern/crypto/certs/certstest"
)

func TestPins(t *testing.T) {
	s := newSite(t)
	ca, other := certstest.NewCA(t, "upstream", start), certstest.NewCA(t, "other", start)
	s.write(t, "ca.pem", ca.PEM(), 0o644)
	cert, key := certstest.Files(t, ca.Server(t, nil, nil))
	s.write(t, "cert.pem", cert, 0o644)
	s.write(t, "key.pem", key, 0o600)
	d := s.door(t, nil)
	for name, tc := range map[string]struct {
		pins  []string
		taken bool
	}{
		"none":      {nil, true},
		"right":     {[]string{ca.Pin()}, true},
		"one right": {[]string{other.Pin(), ca.Pin()}, true},
		"wrong":     {[]string{other.Pin()}, false},
	} {
		conf, err := certs.Client(certs.ClientConfig{CA: s.path("ca.pem"), Only: true, Pins: tc.pins})
		if err != nil {
			t.Fatal(err)
		}
		_, _, err = s.visit(t, d, func(c *tls.Config) { c.RootCAs, c.VerifyConnection = conf.RootCAs, conf.VerifyConnection })
		if (err == nil) != tc.taken || !tc.taken && !errors.Is(err, certs.ErrPin) {
			t.Errorf("%s: %v", name, err)
		}
		if !tc.taken && d.kind(t) != "client_refused" {
			t.Errorf("%s: the server counts something else", name)
		}
	}
}

func TestPinsAreJudged(t *testing.T) {
	good := certstest.NewCA(t, "x", start).Pin()
	for _, pin := range []string{"", "sha256/", strings.TrimPrefix(good, "sha256/"), "sha1/" + good[7:], good[:20], good + "AAAA", "sha256/!!!!"} {
		if certs.CheckPin(pin) == nil {
			t.Errorf("%q is taken", pin)
		}
		if _, err := certs.Client(certs.ClientConfig{Pins: []string{pin}}); err == nil {
			t.Errorf("%q is used", pin)
		}
	}
	if err := certs.CheckPin(good); err != nil {
		t.Error(err)
	}
}

// TestOnlyOurRoots: with Only the system's roots count for nothing.
func TestOnlyOurRoots(t *testing.T) {
	s := newSite(t)
	conf, err := certs.Client(certs.ClientConfig{CA: s.path("ca.pem"), Only: true})
	if err != nil {
		t.Fatal(err)
	}
	if n := len(conf.RootCAs.Subjects()); n != 1 { //nolint:staticcheck // no system pool here, so it is complete
		t.Errorf("%d roots", n)
	}
	if _, err := certs.Client(certs.ClientConfig{Only: true}); err == nil {
		t.Error("nobody is trusted, and that was taken")
	}
	if conf.MinVersion != tls.VersionTLS13 {
		t.Error("TLS 1.2 without being asked for")
	}
}
