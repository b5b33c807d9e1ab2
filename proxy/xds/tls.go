package xds

import (
	"net/netip"
	"strings"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	rbacconfigv3 "github.com/envoyproxy/go-control-plane/envoy/config/rbac/v3"
	rbacv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/rbac/v3"
	tlsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Names of what comes by SDS, beside certificates and client roots by listener.
const (
	secretMetaRoots = "meta_roots"
	secretGateway   = "postern_certificate"
)

func certificateOf(listener string) string { return listener + "_certificate" }

func clientRootsOf(listener string) string { return listener + "_clients" }

// suites are those of TLS 1.2 that crypto/certs takes, in OpenSSL's words.
var suites = []string{
	"ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256",
	"ECDHE-ECDSA-AES256-GCM-SHA384", "ECDHE-RSA-AES256-GCM-SHA384",
	"ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-CHACHA20-POLY1305",
}

func versions(tls12 bool) *tlsv3.TlsParameters {
	if !tls12 {
		return &tlsv3.TlsParameters{TlsMinimumProtocolVersion: tlsv3.TlsParameters_TLSv1_3, TlsMaximumProtocolVersion: tlsv3.TlsParameters_TLSv1_3}
	}
	return &tlsv3.TlsParameters{
		TlsMinimumProtocolVersion: tlsv3.TlsParameters_TLSv1_2, TlsMaximumProtocolVersion: tlsv3.TlsParameters_TLSv1_3, CipherSuites: suites,
	}
}

func (b *builder) socket(m proto.Message) *corev3.TransportSocket {
	return &corev3.TransportSocket{Name: "tls", ConfigType: &corev3.TransportSocket_TypedConfig{TypedConfig: b.pack(m)}}
}

func given(name string) *tlsv3.SdsSecretConfig {
	return &tlsv3.SdsSecretConfig{Name: name, SdsConfig: ads()}
}

// downstream is a listener's side. Sessions of who shows a certificate are not
// resumed: the certificate is judged each time.
func (b *builder) downstream(listener string, l *Listener) *corev3.TransportSocket {
	common := &tlsv3.CommonTlsContext{
		TlsParams:                      versions(l.TLS12),
		AlpnProtocols:                  []string{"h2", "http/1.1"},
		TlsCertificateSdsSecretConfigs: []*tlsv3.SdsSecretConfig{b.secret(certificateOf(listener))},
	}
	out := &tlsv3.DownstreamTlsContext{CommonTlsContext: common}
	if l.Clients != "" {
		common.ValidationContextType = &tlsv3.CommonTlsContext_ValidationContextSdsSecretConfig{ValidationContextSdsSecretConfig: b.secret(clientRootsOf(listener))}
		out.RequireClientCertificate = wrapperspb.Bool(l.Clients == ClientsRequired)
		out.SessionTicketKeysType = &tlsv3.DownstreamTlsContext_DisableStatelessSessionResumption{DisableStatelessSessionResumption: true}
		out.DisableStatefulSessionResumption = true
	}
	return b.socket(out)
}

// secret is by ADS, or by its name alone in a static configuration.
func (b *builder) secret(name string) *tlsv3.SdsSecretConfig {
	if b.inline {
		return &tlsv3.SdsSecretConfig{Name: name}
	}
	return given(name)
}

// named closes connections whose client's certificate carries none of the
// names: a subject alternative name, or the common name of a certificate that
// has none. Where none is required, who shows none comes in. A comma within a
// part of the subject has a backslash before it (RFC 2253): what follows is no
// part of its own.
func (b *builder) named(l *Listener) *listenerv3.Filter {
	var who []*rbacconfigv3.Principal
	if l.Clients == ClientsOptional {
		who = append(who, &rbacconfigv3.Principal{Identifier: &rbacconfigv3.Principal_NotId{NotId: principal(nil)}})
	}
	for _, name := range l.ClientNames {
		who = append(who, principal(&matcherv3.StringMatcher{MatchPattern: &matcherv3.StringMatcher_Exact{Exact: name}}),
			principal(&matcherv3.StringMatcher{MatchPattern: &matcherv3.StringMatcher_SafeRegex{
				SafeRegex: &matcherv3.RegexMatcher{Regex: `(.*[^\\],)?CN=` + quoted(name) + `(,.*)?`},
			}}))
	}
	return networkFilter("rbac", b.pack(&rbacv3.RBAC{StatPrefix: "client_names.", Rules: &rbacconfigv3.RBAC{
		Action: rbacconfigv3.RBAC_ALLOW,
		Policies: map[string]*rbacconfigv3.Policy{"names": {
			Permissions: []*rbacconfigv3.Permission{{Rule: &rbacconfigv3.Permission_Any{Any: true}}},
			Principals:  who,
		}},
	}}))
}

func quoted(name string) string { return strings.ReplaceAll(name, ".", `\.`) }

func principal(m *matcherv3.StringMatcher) *rbacconfigv3.Principal {
	return &rbacconfigv3.Principal{Identifier: &rbacconfigv3.Principal_Authenticated_{
		Authenticated: &rbacconfigv3.Principal_Authenticated{PrincipalName: m},
	}}
}

// exactly is the one name that a server's certificate has to carry.
func exactly(host string) *tlsv3.SubjectAltNameMatcher {
	kind := tlsv3.SubjectAltNameMatcher_DNS
	if _, err := netip.ParseAddr(host); err == nil {
		kind = tlsv3.SubjectAltNameMatcher_IP_ADDRESS
	}
	return &tlsv3.SubjectAltNameMatcher{SanType: kind, Matcher: &matcherv3.StringMatcher{MatchPattern: &matcherv3.StringMatcher_Exact{Exact: host}}}
}

// toMeta trusts the roots that the gateway trusts, which come by SDS.
func (b *builder) toMeta(host string) *corev3.TransportSocket {
	check := &tlsv3.CertificateValidationContext{MatchTypedSubjectAltNames: []*tlsv3.SubjectAltNameMatcher{exactly(host)}}
	for _, pin := range b.config.Upstream.Pins {
		check.VerifyCertificateSpki = append(check.VerifyCertificateSpki, strings.TrimPrefix(pin, "sha256/"))
	}
	return b.socket(&tlsv3.UpstreamTlsContext{Sni: sni(host), CommonTlsContext: &tlsv3.CommonTlsContext{
		TlsParams:     versions(b.config.Upstream.TLS12),
		AlpnProtocols: []string{"http/1.1"},
		ValidationContextType: &tlsv3.CommonTlsContext_CombinedValidationContext{CombinedValidationContext: &tlsv3.CommonTlsContext_CombinedCertificateValidationContext{
			DefaultValidationContext:         check,
			ValidationContextSdsSecretConfig: b.secret(secretMetaRoots),
		}},
	}})
}

// sni of an address is none.
func sni(host string) string {
	if _, err := netip.ParseAddr(host); err == nil {
		return ""
	}
	return host
}

// toProcessor shows Envoy's own certificate, from its files.
func (b *builder) toProcessor(p Processor) *corev3.TransportSocket {
	return b.socket(mutual(p.TLS, p.Name))
}

// mutual is how Envoy reaches the gateway's gRPC listeners.
func mutual(f Files, name string) *tlsv3.UpstreamTlsContext {
	return &tlsv3.UpstreamTlsContext{Sni: sni(name), CommonTlsContext: &tlsv3.CommonTlsContext{
		TlsParams:       versions(false),
		AlpnProtocols:   []string{"h2"},
		TlsCertificates: []*tlsv3.TlsCertificate{{CertificateChain: file(f.Cert), PrivateKey: file(f.Key)}},
		ValidationContextType: &tlsv3.CommonTlsContext_ValidationContext{ValidationContext: &tlsv3.CertificateValidationContext{
			TrustedCa: file(f.CA), MatchTypedSubjectAltNames: []*tlsv3.SubjectAltNameMatcher{exactly(name)},
		}},
	}}
}

// toGateway trusts no root but the very certificate that the gateway's own
// listener shows: its hash comes by SDS.
func (b *builder) toGateway() *corev3.TransportSocket {
	return b.socket(&tlsv3.UpstreamTlsContext{CommonTlsContext: &tlsv3.CommonTlsContext{
		TlsParams:     versions(false),
		AlpnProtocols: []string{"http/1.1"},
		ValidationContextType: &tlsv3.CommonTlsContext_ValidationContextSdsSecretConfig{
			ValidationContextSdsSecretConfig: b.secret(secretGateway),
		},
	}})
}
