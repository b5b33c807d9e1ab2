package certs_test

import (
	"os"
	"strings"
	"testing"
	"time"

	"postern/crypto/certs"
	"postern/crypto/certs/certstest"
)

func look(t *testing.T, p *certs.Pair, swapped bool, says string) {
	t.Helper()
	got, err := p.Look()
	if got != swapped || (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
		t.Errorf("swapped %t, %v; want %t, %q", got, err, swapped, says)
	}
}

func TestLookTakesOverWhatSettled(t *testing.T) {
	s := newSite(t)
	p := s.open(t)
	before := p.Fingerprint()
	look(t, p, false, "")

	s.issue(t, 2*time.Hour)
	look(t, p, false, "") // it may still be being written
	s.issue(t, 3*time.Hour)
	look(t, p, false, "") // it was
	look(t, p, true, "")
	if p.Fingerprint() == before || !p.NotAfter().Equal(start.Add(3*time.Hour)) {
		t.Error("the pair in use is not the one on disk")
	}
	look(t, p, false, "")
}

func TestLookRefusesOnceForEachContent(t *testing.T) {
	s := newSite(t)
	p := s.open(t)
	before := p.Fingerprint()
	good := map[string][]byte{}
	for _, name := range []string{"cert.pem", "key.pem"} {
		data, err := os.ReadFile(s.path(name))
		if err != nil {
			t.Fatal(err)
		}
		good[name] = data
	}
	for _, damage := range []struct {
		do   func()
		says string
	}{
		{func() { s.write(t, "cert.pem", []byte("half a"), 0o644) }, "no matching PEM pair"},
		{func() { s.issue(t, -time.Minute) }, "expired"},
		{func() { _ = os.Remove(s.path("key.pem")) }, "no such file"},
	} {
		damage.do()
		look(t, p, false, "")
		look(t, p, false, damage.says)
		look(t, p, false, "") // said already
		if p.Fingerprint() != before {
			t.Fatal("the old pair is gone")
		}
	}
	s.write(t, "cert.pem", good["cert.pem"], 0o644)
	s.write(t, "key.pem", good["key.pem"], 0o600)
	look(t, p, false, "")
	s.write(t, "cert.pem", []byte("half a"), 0o644)
	look(t, p, false, "")
	look(t, p, false, "no matching PEM pair") // the way back began it anew
}

// TestLookTriesAgain: what is valid only from a later hour is taken then.
func TestLookTriesAgain(t *testing.T) {
	s := newSite(t)
	p := s.open(t)
	s.now = start.Add(30 * time.Minute)
	s.issue(t, time.Hour)
	s.now = start
	look(t, p, false, "")
	look(t, p, false, "valid only from")
	look(t, p, false, "")
	s.now = start.Add(30 * time.Minute)
	look(t, p, true, "")
}

func TestLookTakesOverClientRoots(t *testing.T) {
	s := newSite(t)
	s.write(t, "clients.pem", certstest.NewCA(t, "one", start).PEM(), 0o644)
	c := s.config()
	c.ClientCA = s.path("clients.pem")
	p, err := certs.Open(c)
	if err != nil {
		t.Fatal(err)
	}
	if !p.RootsNotAfter().Equal(start.AddDate(0, 0, 10)) {
		t.Errorf("roots expire %s", p.RootsNotAfter())
	}
	s.write(t, "clients.pem", certstest.NewCA(t, "two", start.AddDate(0, 0, 5)).PEM(), 0o644)
	look(t, p, false, "")
	look(t, p, true, "")
	if !p.RootsNotAfter().Equal(start.AddDate(0, 0, 15)) {
		t.Errorf("new roots expire %s", p.RootsNotAfter())
	}
}
