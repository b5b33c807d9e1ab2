package check

import (
	"fmt"
	"slices"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// edge judges how strictly a manager takes requests apart: what Envoy reads in
// one way and the gate or Meta in another was not judged.
func (s *survey) edge(m *manager) {
	s.listens(m)
	s.kept(m.listener.path, m.listener.msg.GetPerConnectionBufferLimitBytes())
	h := m.msg
	if h.GetLocalReplyConfig() == nil && !strings.Contains(m.listener.msg.GetName(), "webhook") { // Meta reads the status alone
		s.add("failure.reply", m.path, "")
	}
	s.replaced(m)
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

// replaced finds mappers that word answers anew without leaving Postern's own
// alone.
func (s *survey) replaced(m *manager) {
	if m.gate < 0 {
		return
	}
	own := m.msg.GetLocalReplyConfig()
	if f := own.GetBodyFormat(); f != nil && !strings.Contains(f.String(), "LOCAL_REPLY_BODY") {
		s.add("failure.replaced", m.path+".local_reply_config.body_format", "")
	}
	for i, r := range own.GetMappers() {
		spares := false
		texts(r.GetFilter(), func(text string) {
			spares = spares || strings.Contains(text, "postern_")
		})
		if !spares && (r.GetStatusCode() != nil || r.GetBody() != nil || r.GetBodyFormatOverride() != nil) {
			s.add("failure.replaced", fmt.Sprintf("%s.local_reply_config.mappers[%d]", m.path, i), "")
		}
	}
}

// kept tells of limits under which whole calls or answers do not fit.
func (s *survey) kept(path string, limit *wrapperspb.UInt32Value) {
	if limit != nil && limit.GetValue() < largest {
		s.add("buffer.small", path, "")
	}
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
