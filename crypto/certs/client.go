package certs

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
)

// Client is the configuration of an outgoing connection. With an empty path it
// trusts the system's roots, else those and the ones in the PEM file.
func Client(ca string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, CipherSuites: suites()}
	if ca == "" {
		return c, nil
	}
	roots, err := x509.SystemCertPool()
	if err != nil {
		return nil, fmt.Errorf("read the system's roots: %w", err)
	}
	data, err := read(ca, false)
	if err != nil {
		return nil, fmt.Errorf("read roots: %w", err)
	}
	if !roots.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("read roots %s: no PEM certificate in it; write BEGIN CERTIFICATE blocks", ca)
	}
	c.RootCAs = roots
	return c, nil
}
