package certs

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"fmt"
)

// Shown is what handshakes are made with now, as PEM.
type Shown struct {
	Chain   []byte // the leaf first
	Leaf    []byte
	Key     []byte // secret
	Clients []byte // roots of clients, empty where none is asked
}

// Show gives the certificate in use with its private key, for another program
// that ends TLS in the gateway's place. Its caller hands it on by a guarded way
// alone.
func (p *Pair) Show() (s Shown, err error) {
	now := p.current.Load()
	cert := now.tls.Certificates[0]
	der, err := x509.MarshalPKCS8PrivateKey(cert.PrivateKey)
	if err != nil {
		return s, fmt.Errorf("encode key: %w", err)
	}
	s.Key = pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})
	var chain, clients bytes.Buffer
	for _, raw := range cert.Certificate {
		chain.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: raw}))
	}
	for _, root := range now.roots {
		clients.Write(certPEM(root))
	}
	s.Chain, s.Leaf, s.Clients = chain.Bytes(), certPEM(now.leaf), clients.Bytes()
	return s, nil
}
