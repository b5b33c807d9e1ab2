package gateway

import (
	"context"
	"errors"
	"slices"

	"postern/cmd/internal/boot"
	"postern/crypto/certs"
	"postern/crypto/vault"
)

// openPair reads a listener's certificate, or has Vault issue it. The private
// key of an issued one is made here and stays here.
func (g *Gateway) openPair(ctx context.Context, name string, at boot.TLSListener) (*certs.Pair, error) {
	c := at.TLS(g.now)
	if at.PKI.Role == "" {
		return certs.Open(c)
	}
	role := vault.Authority{Mount: at.PKI.Mount, Role: at.PKI.Role, TTL: at.PKI.TTL}
	c.Sign = func(ctx context.Context, request []byte) ([]byte, error) {
		return g.vault.client.Sign(ctx, role, request)
	}
	pair, err := certs.Order(ctx, c)
	if err != nil {
		return nil, err
	}
	return pair, g.recordIssued(ctx, edgePair{name, pair})
}

// recordIssued keeps which certificate a listener shows from now on: how Vault
// knows it, how clients see it, until when.
func (g *Gateway) recordIssued(ctx context.Context, e edgePair) error {
	result := e.name + " " + e.pair.Fingerprint() + " serial " + e.pair.Serial()
	return g.recordCertificate(ctx, "certificate_issued", result, e.pair.NotAfter().Unix())
}

// renewCertificates has certificates that are due issued anew. While that fails
// the present ones go on, and it is tried again with each look at Vault.
func (g *Gateway) renewCertificates(ctx context.Context) {
	found := map[boot.Purpose]error{}
	for _, e := range g.pairs {
		if e.pair.Due() && ctx.Err() == nil {
			found[boot.Certify] = worse(found[boot.Certify], g.renewCertificate(ctx, e))
		}
	}
	if ctx.Err() != nil {
		return
	}
	for _, p := range g.vault.note(found) {
		g.tellVault(ctx, p, found[p])
	}
}

var errUnrecorded = errors.New("a new certificate could not be recorded: the journal does not write")

func (g *Gateway) renewCertificate(ctx context.Context, e edgePair) error {
	if g.store.Journal.Err() != nil {
		return errUnrecorded
	}
	if err := e.pair.Renew(ctx); err != nil {
		return err
	}
	g.log.Info().Str("listener", e.name).Str("certificate", e.pair.Fingerprint()).Msg("certificate issued")
	g.handOut(ctx)
	if err := g.recordIssued(ctx, e); err != nil {
		g.onError(err)
	}
	return nil
}

// issued reports whether Vault issues a listener's certificate.
func (g *Gateway) issued() bool {
	return slices.ContainsFunc(g.pairs, func(e edgePair) bool { return e.pair.Issued() })
}

// certified is whether every issued certificate can still be shown.
func (g *Gateway) certified() bool {
	return !slices.ContainsFunc(g.pairs, func(e edgePair) bool { return e.pair.Issued() && !g.now().Before(e.pair.NotAfter()) })
}

// purposes are what Vault is needed for.
func (g *Gateway) purposes() []boot.Purpose {
	if g.issued() {
		return append(slices.Clip(purposes), boot.Certify)
	}
	return purposes
}
