package check

import (
	"slices"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
)

// edge judges how strictly a manager takes requests apart: what Envoy reads in
// one way and the gate or Meta in another was not judged.
func (s *survey) edge(m *manager) {
	s.listens(m)
	h := m.msg
	if h.GetLocalReplyConfig() == nil && !strings.Contains(m.listener.msg.GetName(), "webhook") { // Meta reads the status alone
		s.add("failure.reply", m.path, "")
	}
	if !h.GetNormalizePath().GetValue() && m.differs() {
		s.add("edge.paths", m.path, "")
	}
	if a := h.GetPathWithEscapedSlashesAction(); a != hcm.HttpConnectionManager_REJECT_REQUEST && a != hcm.HttpConnectionManager_KEEP_UNCHANGED { // the gateway refuses what is kept
		s.add("edge.slashes", m.path, "")
	}
	if h.GetCommonHttpProtocolOptions().GetHeadersWithUnderscoresAction() == core.HttpProtocolOptions_ALLOW {
		s.add("edge.underscores", m.path+".common_http_protocol_options", "")
	}
	if o := h.GetHttpProtocolOptions(); o.GetAllowChunkedLength() {
		s.add("edge.lengths", m.path+".http_protocol_options", "")
	}
	if h.GetHttpProtocolOptions().GetAcceptHttp_10() {
		s.add("edge.http10", m.path+".http_protocol_options", "")
	}
	s.callers(m)
}

// differs reports whether the path of a call decides how the gate is asked.
func (m *manager) differs() bool {
	return m.gate >= 0 && slices.ContainsFunc(m.sends, func(one send) bool { return len(one.overrides(m.filters[m.gate].name)) > 0 })
}

// callers judges what a caller may say of itself.
func (s *survey) callers(m *manager) {
	h := m.msg
	if !h.GetUseRemoteAddress().GetValue() {
		s.add("edge.addresses", m.path, "")
	}
	if h.GetXffNumTrustedHops() > 0 || len(h.GetOriginalIpDetectionExtensions()) > 0 {
		s.add("edge.hops", m.path, "")
	}
	switch h.GetForwardClientCertDetails() {
	case hcm.HttpConnectionManager_SANITIZE, hcm.HttpConnectionManager_SANITIZE_SET:
	default:
		s.add("edge.certificates", m.path, "")
	}
}

// administration judges Envoy's own interface.
func (s *survey) administration() {
	for _, b := range s.bootstraps {
		if a := b.msg.GetAdmin().GetAddress(); a != nil && !local(a) {
			s.add("admin.open", joined(b.path, "admin.address"), "")
		}
	}
}
