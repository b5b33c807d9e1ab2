package outbound

import (
	"bytes"
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"net/http"
	"time"

	"postern/proxy"
	"postern/proxy/dialect"
)

// Bounds of what an app may name as authorities of its webhook.
const (
	maxAuthorities    = 20
	leastAuthorityRSA = 2048 // bits
)

// webhookCA keeps the authorities that an On-Premises app's webhook is trusted
// by. Only deliveries to that app trust them.
func (h *Handler) webhookCA(ctx context.Context, c *call) int {
	known := h.cfg.Settings.Authorities(c.who.App)
	if c.r.Method != http.MethodPost && known == "" {
		return h.refuse(ctx, c, &dialect.Problem{Kind: dialect.NotFound, Details: "No certificate is set for webhooks."})
	}
	if c.r.Method == http.MethodGet {
		return c.write(http.StatusOK, map[string]string{"Content-Type": "application/x-pem-file"}, []byte(known))
	}
	authorities := ""
	if c.r.Method == http.MethodPost {
		var p *dialect.Problem
		if authorities, p = readAuthorities(c.body, h.cfg.Now()); p != nil {
			return h.refuse(ctx, c, p)
		}
	}
	return h.trust(ctx, c, authorities)
}

// trust admits the change and makes it. An app with several numbers has one webhook.
func (h *Handler) trust(ctx context.Context, c *call, authorities string) int {
	req := proxy.CallRequest{Number: c.accountNumber(), Call: c.route.Row.Call, Name: callName(c), Raw: c.body}
	p, err := h.changeHere(ctx, c, req, func(ctx context.Context) error {
		return h.cfg.Settings.SetAuthorities(ctx, c.who.Tenant, c.who.App, authorities)
	})
	switch {
	case p != nil:
		return c.problem(p)
	case err != nil:
		return c.problem(storeProblem(err))
	}
	return c.json(dialect.EncodeDone(c.who.Dialect))
}

// readAuthorities reads PEM certificates strictly and writes them anew, so that
// nothing else is kept beside them.
func readAuthorities(body []byte, now time.Time) (string, *dialect.Problem) {
	var out []byte
	rest := bytes.TrimSpace(body)
	for n := 0; len(rest) > 0; n++ {
		block, after := pem.Decode(rest)
		if block == nil || block.Type != "CERTIFICATE" || n == maxAuthorities || !bytes.HasPrefix(rest, []byte("-----BEGIN")) {
			return "", badAuthority("Send one to 20 certificates in PEM, BEGIN CERTIFICATE blocks only.")
		}
		cert, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return "", badAuthority("A certificate is damaged.")
		}
		if key, ok := cert.PublicKey.(*rsa.PublicKey); !now.Before(cert.NotAfter) || ok && key.N.BitLen() < leastAuthorityRSA {
			return "", badAuthority("A certificate has expired or its RSA key has less than 2048 bits.")
		}
		out = append(out, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert.Raw})...)
		rest = bytes.TrimSpace(after)
	}
	if len(out) == 0 {
		return "", badAuthority("Send one to 20 certificates in PEM, BEGIN CERTIFICATE blocks only.")
	}
	return string(out), nil
}

func badAuthority(why string) *dialect.Problem {
	return &dialect.Problem{Kind: dialect.Invalid, Param: "certificate", Details: why}
}
