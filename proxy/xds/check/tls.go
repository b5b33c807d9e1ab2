package check

import (
	"fmt"
	"slices"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	raw "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/raw_buffer/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/proto"
)

// upstreams judges the clusters that lead to Meta.
func (s *survey) upstreams() {
	for _, c := range s.clusters {
		if !s.isMeta(c.msg) {
			continue
		}
		s.verified(c)
		s.kept(c.path, c.msg.GetPerConnectionBufferLimitBytes())
		s.repeats(c.path, c.msg)
		s.inCluster(c)
		s.taps(c.path, c.msg)
		s.tlsItself(c.path, c.msg)
	}
}

// verified judges how a cluster makes sure that it speaks to Meta.
func (s *survey) verified(c placed[*cluster.Cluster]) {
	contexts := 0
	sockets := bare(c.msg, "typed_extension_protocol_options", "health_checks")
	each(c.path, sockets, func(path string, t *tls.UpstreamTlsContext) {
		contexts++
		s.verifies(c, path, t)
	})
	plain := contexts == 0
	each(c.path, sockets, func(string, *raw.RawBuffer) { plain = true })
	if plain && !s.wires(c.msg.GetName()) {
		s.add("upstream.plain", c.path, c.msg.GetName())
	}
}

// proof is what a validation context asks of the other side's certificate.
type proof struct {
	authority, name, untrusted, unseen bool
}

func (s *survey) verifies(c placed[*cluster.Cluster], path string, t *tls.UpstreamTlsContext) {
	p := s.proofOf(t.GetCommonTlsContext())
	options := httpOptions(c.msg)
	p.name = p.name || t.GetAutoSniSanValidation() || options.GetAutoSanValidation()
	switch {
	case p.untrusted || !p.authority && !p.unseen:
		s.add("upstream.unverified", path, "")
	case p.unseen:
		s.add("upstream.not-seen", path, "")
	}
	if !p.name && !p.unseen {
		s.add("upstream.name", joined(path, "common_tls_context.validation_context"), "")
	}
	if t.GetSni() == "" && !t.GetAutoHostSni() && !options.GetAutoSni() && !addressed(t) {
		s.add("upstream.sni", path, "")
	}
}

// addressed reports whether a certificate is compared with an address, as a
// simulator's is: no handshake names one (RFC 6066, section 3).
func addressed(t *tls.UpstreamTlsContext) (found bool) {
	each("", t, func(_ string, m *tls.SubjectAltNameMatcher) {
		found = found || m.GetSanType() == tls.SubjectAltNameMatcher_IP_ADDRESS
	})
	return found
}

func (s *survey) proofOf(c *tls.CommonTlsContext) proof {
	var p proof
	p.add(c.GetValidationContext())
	p.add(c.GetCombinedValidationContext().GetDefaultValidationContext())
	for _, sds := range []*tls.SdsSecretConfig{c.GetValidationContextSdsSecretConfig(), c.GetCombinedValidationContext().GetValidationContextSdsSecretConfig()} {
		if sds == nil {
			continue
		}
		secret, ok := s.secrets[sds.GetName()]
		p.unseen = p.unseen || !ok
		p.add(secret.GetValidationContext())
	}
	return p
}

func (p *proof) add(v *tls.CertificateValidationContext) {
	p.authority = p.authority || v.GetTrustedCa() != nil || v.GetSystemRootCerts() != nil || v.GetCaCertificateProviderInstance() != nil
	p.name = p.name || len(v.GetMatchTypedSubjectAltNames()) > 0 || len(v.GetMatchSubjectAltNames()) > 0 || //nolint:staticcheck // old files have it
		len(v.GetVerifyCertificateHash()) > 0 || len(v.GetVerifyCertificateSpki()) > 0
	p.untrusted = p.untrusted || v.GetTrustChainVerification() == tls.CertificateValidationContext_ACCEPT_UNTRUSTED
}

// tlsItself judges versions and key logs wherever a message speaks TLS.
func (s *survey) tlsItself(path string, m proto.Message) {
	each(path, m, func(path string, p *tls.TlsParameters) {
		if v := p.GetTlsMinimumProtocolVersion(); v == tls.TlsParameters_TLSv1_0 || v == tls.TlsParameters_TLSv1_1 {
			s.add("tls.old", path, v.String())
		}
	})
	each(path, m, func(path string, k *tls.TlsKeyLog) { s.add("tls.key-log", path, "") })
}

// mutual judges the cluster through which the gate is asked: on this machine,
// or with certificates on both sides.
func (s *survey) mutual(c placed[*cluster.Cluster]) {
	s.taps(c.path, c.msg)
	s.tlsItself(c.path, c.msg)
	if s.allLocal(c.msg) {
		return
	}
	safe := false
	each("", c.msg, func(_ string, t *tls.UpstreamTlsContext) {
		common := t.GetCommonTlsContext()
		p := s.proofOf(common)
		own := len(common.GetTlsCertificates())+len(common.GetTlsCertificateSdsSecretConfigs()) > 0 || common.GetTlsCertificateProviderInstance() != nil
		safe = own && !p.untrusted && (p.authority || p.unseen)
	})
	if !safe {
		s.add("processor.open", c.path, c.msg.GetName())
	}
}

// allLocal reports whether a cluster has addresses, all on this machine.
func (s *survey) allLocal(c *cluster.Cluster) bool {
	n, away := 0, false
	assignments := append([]*endpoint.ClusterLoadAssignment{c.GetLoadAssignment()}, s.endpoints[c.GetName()]...)
	for _, a := range assignments {
		each("", a, func(_ string, e *endpoint.Endpoint) {
			n++
			away = away || !local(e.GetAddress())
		})
	}
	return n > 0 && !away
}

// listens judges TLS on the side of the apps.
func (s *survey) listens(m *manager) {
	s.tlsItself(m.chain.path, m.chain.msg.GetTransportSocket())
	addresses := []*core.Address{m.listener.msg.GetAddress()}
	for _, a := range m.listener.msg.GetAdditionalAddresses() {
		addresses = append(addresses, a.GetAddress())
	}
	if m.chain.msg == nil || !slices.ContainsFunc(addresses, func(a *core.Address) bool { return !local(a) }) {
		return
	}
	safe := false
	walk("", m.chain.msg.GetTransportSocket(), func(_ string, inner proto.Message) bool {
		_, unknown := foreign(inner) // is told as not known
		_, ends := inner.(*tls.DownstreamTlsContext)
		safe = safe || unknown || ends
		return true
	})
	if !safe {
		s.add("edge.plain", m.chain.path, fmt.Sprintf("listener %s", m.listener.msg.GetName()))
	}
}
