package vault

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/vault/api"
)

// Authority is a role of a PKI engine that signs certificates.
type Authority struct {
	Mount string // such as "pki"
	Role  string
	TTL   time.Duration // asked for; the role may give less
}

// Sign has the role sign a request (PEM, PKCS #10) and gives the certificate
// with the intermediates above it (PEM, leaf first). The names are told beside
// the request, for a role that does not take them out of it. The private key is
// no part of this.
func (c *Client) Sign(ctx context.Context, a Authority, request []byte) ([]byte, error) {
	what := fmt.Sprintf("have %s/sign/%s sign a certificate", a.Mount, a.Role)
	with, err := order(request)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", what, err)
	}
	with["ttl"] = fmt.Sprintf("%ds", int(a.TTL.Seconds()))
	s, err := c.call(ctx, what, func(ctx context.Context, api *api.Client) (*api.Secret, error) {
		return found(api.Logical().WriteWithContext(ctx, a.Mount+"/sign/"+a.Role, with))
	})
	if err != nil {
		return nil, err
	}
	chain := chained(s)
	if chain == nil {
		return nil, fmt.Errorf("%s: %w: the answer holds no certificate", what, ErrAway)
	}
	return chain, nil
}

// order is what Vault is asked with.
func order(request []byte) (map[string]any, error) {
	block, _ := pem.Decode(request)
	if block == nil {
		return nil, fmt.Errorf("the request is no PEM")
	}
	csr, err := x509.ParseCertificateRequest(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("read the request: %w", err)
	}
	var addresses []string
	for _, ip := range csr.IPAddresses {
		addresses = append(addresses, ip.String())
	}
	return map[string]any{
		"csr": string(request), "common_name": csr.Subject.CommonName, "format": "pem",
		"alt_names": strings.Join(csr.DNSNames, ","), "ip_sans": strings.Join(addresses, ","),
	}, nil
}

// chained is the leaf with what stands between it and the root; nil where the
// answer is none. Clients hold the root themselves.
func chained(s *api.Secret) []byte {
	if text(s, "certificate") == "" {
		return nil
	}
	out := append([]byte(strings.TrimSpace(text(s, "certificate"))), '\n')
	above, _ := s.Data["ca_chain"].([]any)
	for _, a := range above {
		one, _ := a.(string)
		block, _ := pem.Decode([]byte(one))
		if block == nil {
			continue
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil || bytes.Equal(cert.RawSubject, cert.RawIssuer) {
			continue
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: block.Bytes})...)
	}
	return out
}
