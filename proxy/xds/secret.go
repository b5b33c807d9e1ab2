package xds

import (
	"errors"
	"fmt"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
)

// Source is PEM as it is, or a file on Envoy's machine that holds it.
type Source struct {
	PEM  []byte
	File string
}

func (s Source) empty() bool { return len(s.PEM) == 0 && s.File == "" }

func (s Source) data() *corev3.DataSource {
	if s.File != "" {
		return file(s.File)
	}
	return &corev3.DataSource{Specifier: &corev3.DataSource_InlineBytes{InlineBytes: s.PEM}}
}

// Certificate is what a listener shows, leaf first, and the roots of its clients.
type Certificate struct{ Chain, Key, Clients Source }

// Secrets go to Envoys beside a snapshot. They hold private keys.
type Secrets struct {
	App, Webhook, Sidecar Certificate
	Meta                  Source // roots that Meta's servers are judged by
	Gateway               Source // the certificates that the gateway's own listener shows
}

// secrets are those that a configuration's resources name, and no others.
func (b *builder) secrets(s Secrets) []*tlsv3.Secret {
	c := b.config
	out := []*tlsv3.Secret{b.roots(secretMetaRoots, s.Meta), b.roots(secretGateway, s.Gateway)}
	for _, e := range []struct {
		listener string
		at       *Listener
		shown    Certificate
	}{{listenerApp, c.App, s.App}, {listenerWebhook, c.Webhook, s.Webhook}, {listenerSidecar, c.sidecarListener(), s.Sidecar}} {
		if e.at == nil {
			continue
		}
		out = append(out, b.certificate(certificateOf(e.listener), e.shown))
		if e.at.Clients != "" {
			out = append(out, b.roots(clientRootsOf(e.listener), e.shown.Clients))
		}
	}
	return out
}

// sidecarListener is as the sidecar's connections are taken: from the app on
// the same machine, which shows no certificate.
func (c Config) sidecarListener() *Listener {
	if c.Sidecar == nil {
		return nil
	}
	return &Listener{Address: c.Sidecar.Address, TLS12: true}
}

func (b *builder) certificate(name string, c Certificate) *tlsv3.Secret {
	if c.Chain.empty() || c.Key.empty() {
		b.fail(fmt.Errorf("%s: no certificate and key", name))
	}
	return &tlsv3.Secret{Name: name, Type: &tlsv3.Secret_TlsCertificate{TlsCertificate: &tlsv3.TlsCertificate{
		CertificateChain: c.Chain.data(), PrivateKey: c.Key.data(),
	}}}
}

// roots are never empty: Envoy would take any certificate.
func (b *builder) roots(name string, s Source) *tlsv3.Secret {
	if s.empty() {
		b.fail(errors.New(name + ": no certificate in it, so nobody could be trusted"))
	}
	return &tlsv3.Secret{Name: name, Type: &tlsv3.Secret_ValidationContext{ValidationContext: &tlsv3.CertificateValidationContext{TrustedCa: s.data()}}}
}
