package certs

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"slices"
	"strings"
	"time"
)

// Errors of a client's certificate.
var (
	errClientName = errors.New("client certificate has another name")
	errExpired    = errors.New("client certificate has expired")
)

// askClients makes a listener ask for client certificates of these roots only.
func askClients(conf *tls.Config, c Config, roots []*x509.Certificate) {
	conf.ClientCAs = x509.NewCertPool()
	for _, root := range roots {
		conf.ClientCAs.AddCert(root)
	}
	conf.ClientAuth = tls.RequireAndVerifyClientCert
	if c.Optional {
		conf.ClientAuth = tls.VerifyClientCertIfGiven
	}
	pool, now, names := conf.ClientCAs, c.Now, slices.Clone(c.ClientNames)
	conf.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 {
			return nil // ClientAuth says whether that is right
		}
		if s.DidResume {
			if err := verifyAgain(s.PeerCertificates, pool, now()); err != nil {
				return err
			}
		}
		if len(names) > 0 && !named(s.PeerCertificates[0], names) {
			return errClientName
		}
		return nil
	}
}

// verifyAgain holds a resumed session's certificate against the roots and the
// time of now: the full handshake may have had others.
func verifyAgain(chain []*x509.Certificate, roots *x509.CertPool, now time.Time) error {
	between := x509.NewCertPool()
	for _, c := range chain[1:] {
		between.AddCert(c)
	}
	_, err := chain[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	})
	return err
}

// named reports whether the certificate carries one of the names. The common
// name counts here: Meta's webhooks are told by it.
func named(c *x509.Certificate, names []string) bool {
	has := append(alternativeNames(c), strings.ToLower(c.Subject.CommonName))
	return slices.ContainsFunc(names, func(n string) bool { return n != "" && slices.Contains(has, strings.ToLower(n)) })
}

// ClientNames are the subject alternative names of the client's verified
// certificate: DNS names in lower case, and URIs. They are nil without a
// certificate; one that expired while its connection lasted is an error.
func ClientNames(s *tls.ConnectionState, now time.Time) ([]string, error) {
	if s == nil || len(s.VerifiedChains) == 0 || len(s.PeerCertificates) == 0 {
		return nil, nil
	}
	leaf := s.PeerCertificates[0]
	if !now.Before(leaf.NotAfter) {
		return nil, errExpired
	}
	return append([]string{}, alternativeNames(leaf)...), nil
}

func alternativeNames(c *x509.Certificate) []string {
	var out []string
	for _, name := range c.DNSNames {
		out = append(out, strings.ToLower(name))
	}
	for _, uri := range c.URIs {
		out = append(out, uri.String())
	}
	return out
}
