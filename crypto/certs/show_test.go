package certs_test

import (
	"bytes"
	"crypto/tls"
	"testing"
	"time"

	"postern/crypto/certs"
)

// TestShow: what is shown is what handshakes are made with, also once the files
// changed.
func TestShow(t *testing.T) {
	s := newSite(t)
	config := s.config()
	config.ClientCA = s.path("ca.pem")
	p, err := certs.Open(config)
	if err != nil {
		t.Fatal(err)
	}
	before := shown(t, p)
	s.issue(t, 2*time.Hour)
	if err := p.Reload(); err != nil {
		t.Fatal(err)
	}
	after := shown(t, p)
	if bytes.Equal(before.Leaf, after.Leaf) || bytes.Equal(before.Key, after.Key) {
		t.Error("after a swap the old certificate is shown")
	}
	if !bytes.Equal(after.Clients, s.authority.CertPEM()) {
		t.Errorf("roots of clients: %s", after.Clients)
	}
}

func shown(t *testing.T, p *certs.Pair) certs.Shown {
	t.Helper()
	out, err := p.Show()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tls.X509KeyPair(out.Chain, out.Key); err != nil {
		t.Error(err)
	}
	if !bytes.HasPrefix(out.Chain, out.Leaf) {
		t.Error("the chain does not begin with the leaf")
	}
	return out
}
