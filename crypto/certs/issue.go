package certs

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"net"
	"time"
)

// term is when an issued certificate is to be renewed. It is counted from when
// the certificate came, so that an authority whose clock differs is not asked
// again and again.
type term struct{ due, late time.Time }

// newTerm: the order comes between half and seven twelfths of what is left of
// the life. A look each twelfth of it then renews before two thirds. Many
// gateways that began as one do not come as one.
func newTerm(now, until time.Time) term {
	left := until.Sub(now)
	jitter := mathrand.N(left/12 + 1) //nolint:gosec // spreads load, keeps no secret
	return term{due: now.Add(left/2 + jitter), late: now.Add(left / 3 * 2)}
}

// Issued reports whether the certificate comes from an authority.
func (p *Pair) Issued() bool { return p.config.Sign != nil }

// Due reports whether an issued certificate is to be renewed.
func (p *Pair) Due() bool { return p.Issued() && !p.config.Now().Before(p.terms().due) }

// Late reports whether an issued certificate should have been renewed before:
// two thirds of its life are over.
func (p *Pair) Late() bool { return p.Issued() && !p.config.Now().Before(p.terms().late) }

func (p *Pair) terms() term {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.term
}

// Renew makes a key, has it signed, and takes both into use: connections go on,
// new ones see the new certificate. The key leaves this process by Show alone. After an
// error the certificate in use is unchanged.
func (p *Pair) Renew(ctx context.Context) error {
	cert, err := issue(ctx, p.config)
	if err != nil {
		return fmt.Errorf("renew certificate: %w", err)
	}
	m := material{}
	if now := p.current.Load(); now != nil {
		m.roots, m.sum = now.roots, now.sum
	} else if m, err = load(p.config); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if now := p.current.Load(); now != nil {
		m.roots, m.sum = now.roots, now.sum // a reload may have come in between
	}
	p.term = newTerm(p.config.Now(), cert.Leaf.NotAfter)
	p.use(newSide(p.config, cert, m))
	return nil
}

func issue(ctx context.Context, c Config) (cert tls.Certificate, err error) {
	key, err := newKey()
	if err != nil {
		return cert, err
	}
	request, err := newRequest(key, c.Names)
	if err != nil {
		return cert, err
	}
	chain, err := c.Sign(ctx, request)
	if err != nil {
		return cert, err
	}
	if cert.Certificate, err = parseChain(chain); err != nil {
		return cert, err
	}
	if cert.Leaf, err = x509.ParseCertificate(cert.Certificate[0]); err != nil {
		return cert, errors.New("the authority's certificate is damaged")
	}
	cert.PrivateKey = key
	return cert, answers(cert.Leaf, key, c)
}

// newRequest asks for the names. The common name is the first host name: what
// still looks at it finds no address there.
func newRequest(key *ecdsa.PrivateKey, names []string) ([]byte, error) {
	template := &x509.CertificateRequest{}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	if len(template.DNSNames) > 0 {
		template.Subject = pkix.Name{CommonName: template.DNSNames[0]}
	}
	der, err := x509.CreateCertificateRequest(rand.Reader, template, key)
	if err != nil {
		return nil, fmt.Errorf("make certificate request: %w", err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}), nil
}

func parseChain(data []byte) (out [][]byte, err error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			break
		}
		if block.Type != "CERTIFICATE" {
			return nil, errors.New("the authority's answer holds something else than certificates")
		}
		out = append(out, block.Bytes)
	}
	if len(out) == 0 || len(bytes.TrimSpace(data)) > 0 {
		return nil, errors.New("the authority's answer is no chain of certificates")
	}
	return out, nil
}

// answers holds a certificate against what was asked for.
func answers(leaf *x509.Certificate, key *ecdsa.PrivateKey, c Config) error {
	if err := usable(leaf, c.Now()); err != nil {
		return err
	}
	if public, ok := leaf.PublicKey.(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(key.Public()) {
		return errors.New("the authority's certificate is for another key")
	}
	for _, name := range c.Names {
		if err := leaf.VerifyHostname(name); err != nil {
			return errors.New("the authority's certificate lacks a name that was asked for; let its role take names from the request")
		}
	}
	return nil
}
