// Package certs holds the TLS side of the gateway's edges: certificates that
// are swapped while connections are served, clients that are known by theirs,
// the roots and pins of outgoing connections, and a small authority for demos
// and tests. Standard library only.
//
// It fails closed: a pair that is expired, mismatched, weak or readable by
// others is refused, as is a certificate that an authority issued for another
// key or without the names asked for. At start that stops the program; later
// the pair in use stays in use.
package certs

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// keptTickets is how many session-ticket keys open tickets: the newest alone
// makes new ones.
const keptTickets = 3

// Config says how one listener speaks TLS. Its certificate comes from the files
// Cert and Key, or from an authority by Sign. Cert holds the leaf first, then
// its chain. Key must not be readable by group or others.
type Config struct {
	Cert string // PEM file
	Key  string // PEM file
	// Sign turns a request (PEM, PKCS #10) into a certificate with its chain
	// (PEM, leaf first) for Names.
	Sign func(ctx context.Context, request []byte) (chain []byte, err error)
	// Names are host names and IP addresses that the certificate has to be for.
	Names []string
	// ClientCA is a PEM file with the only roots of client certificates. While
	// it is empty no client is asked for one.
	ClientCA string
	// Optional lets clients without a certificate in. A wrong one is refused.
	Optional bool
	// ClientNames are the names of which a client certificate must carry one,
	// as DNS name, URI or common name. Empty takes any of the roots'.
	ClientNames []string
	TLS12       bool // takes TLS 1.2, too
	Now         func() time.Time
}

// Pair is a certificate with its key and the roots of its clients, replaced as
// one. It is safe for concurrent use but for Look, which has one caller; every
// handshake sees either the old pair or the new one.
type Pair struct {
	config  Config
	current atomic.Pointer[side]

	mu      sync.Mutex // guards tickets, and what is made of them
	tickets [][32]byte // newest first
	term    term       // of an issued certificate

	pending, refused digest // owned by Look
}

// side is what a handshake is made with.
type side struct {
	tls   *tls.Config
	leaf  *x509.Certificate
	roots []*x509.Certificate
	sum   digest
}

// Open reads and checks the pair.
func Open(c Config) (*Pair, error) {
	p := newPair(c)
	if err := p.Reload(); err != nil {
		return nil, err
	}
	return p, nil
}

// Order has the first certificate issued by c.Sign.
func Order(ctx context.Context, c Config) (*Pair, error) {
	p := newPair(c)
	if err := p.Renew(ctx); err != nil {
		return nil, err
	}
	return p, nil
}

func newPair(c Config) *Pair {
	return &Pair{config: c, tickets: [][32]byte{newTicketKey()}}
}

// Reload reads the files again. After an error the pair in use is unchanged.
func (p *Pair) Reload() error {
	swap, err := p.Prepare()
	if err == nil {
		swap()
	}
	return err
}

// Prepare reads and checks the files again. The function it gives takes them
// into use and can not fail, so that several things can be replaced as one.
// An issued certificate stays the one in use when the function is called.
func (p *Pair) Prepare() (swap func(), err error) {
	m, err := load(p.config)
	switch {
	case err != nil && p.Issued():
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("load certificate %s: %w", p.config.Cert, err)
	}
	return func() {
		p.mu.Lock()
		defer p.mu.Unlock()
		cert := m.cert
		if cert == nil {
			cert = &p.current.Load().tls.Certificates[0]
		}
		p.use(newSide(p.config, *cert, m))
	}, nil
}

// use needs the lock.
func (p *Pair) use(s *side) {
	s.tls.SetSessionTicketKeys(p.tickets)
	p.current.Store(s)
}

// NotAfter is when the leaf in use expires.
func (p *Pair) NotAfter() time.Time { return p.current.Load().leaf.NotAfter }

// RootsNotAfter is when the first of the client roots expires, zero without any.
func (p *Pair) RootsNotAfter() time.Time {
	var first time.Time
	for _, c := range p.current.Load().roots {
		if first.IsZero() || c.NotAfter.Before(first) {
			first = c.NotAfter
		}
	}
	return first
}

// Serial is the number of the leaf in use, hexadecimal: how its authority knows it.
func (p *Pair) Serial() string { return p.current.Load().leaf.SerialNumber.Text(16) }

// Fingerprint is the SHA-256 of the leaf in use: public, and its version.
func (p *Pair) Fingerprint() string { return fingerprint(p.current.Load().leaf) }

// Rotate makes a new session-ticket key. Tickets of the last two stay good;
// what older ones opened begins with a full handshake.
func (p *Pair) Rotate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tickets = append([][32]byte{newTicketKey()}, p.tickets[:min(len(p.tickets), keptTickets-1)]...)
	p.current.Load().tls.SetSessionTicketKeys(p.tickets)
}

func newTicketKey() (key [32]byte) {
	rand.Read(key[:]) //nolint:errcheck // crypto/rand.Read never returns an error (Go 1.24 and later)
	return key
}

// Server is the configuration of a listener: TLS 1.3, by choice also 1.2 with
// forward secrecy and authenticated encryption. Each call gives a fresh value.
func (p *Pair) Server() *tls.Config {
	c := base(p.config.TLS12)
	c.NextProtos = protocols()
	c.GetConfigForClient = func(*tls.ClientHelloInfo) (*tls.Config, error) { return p.current.Load().tls, nil }
	return c
}

func protocols() []string { return []string{"h2", "http/1.1"} }

// base is what every edge has in common.
func base(tls12 bool) *tls.Config {
	c := &tls.Config{MinVersion: tls.VersionTLS13, CipherSuites: suites()}
	if tls12 {
		c.MinVersion = tls.VersionTLS12
	}
	return c
}

// suites are those of TLS 1.2; the ones of 1.3 are not for choosing.
func suites() []uint16 {
	return []uint16{
		tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
		tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256,
		tls.TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256,
	}
}
