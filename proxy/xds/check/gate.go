package check

import (
	"net/http"
	"slices"
	"strings"
	"time"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	buffer "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	router "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
)

// gate judges the filter that asks Postern, and where it stands.
func (s *survey) gate(m *manager) {
	if m.gate < 0 {
		if len(m.sends) > 0 {
			s.missing(m)
		}
		return
	}
	f := m.filters[m.gate]
	if m.guessed {
		s.add("gate.guessed", f.path, "")
	}
	p := f.config.(*extproc.ExternalProcessor)                               //nolint:errcheck // theGate chose it by this type
	silent := func(one send) bool { return len(one.overrides(f.name)) == 0 } // what a route says of the filter turns it on
	if f.entry.GetDisabled() && (m.blind() || len(m.sends) == 0 || slices.ContainsFunc(m.sends, silent)) {
		s.add("gate.disabled", f.path, "")
	}
	if f.entry.GetIsOptional() {
		s.add("gate.optional", f.path, "")
	}
	if f.matched {
		s.add("gate.conditional", f.path, "")
	}
	s.filterItself(f.at, p)
	s.mode(f.at, p.GetProcessingMode(), false)
	s.processor(f.at+".grpc_service", p.GetGrpcService())
	for _, one := range m.sends {
		s.overridden(f, one)
	}
	s.shown(m)
	s.before(m)
	s.after(m)
}

// missing tells that calls pass a manager without being asked about.
func (s *survey) missing(m *manager) {
	if slices.ContainsFunc(m.filters, func(f filter) bool { return f.external && f.config == nil }) {
		s.add("gate.not-seen", m.path+".http_filters", "")
		return
	}
	s.add("gate.missing", m.path, "")
}

// filterItself judges the settings that are the same for all routes.
func (s *survey) filterItself(path string, p *extproc.ExternalProcessor) {
	for _, r := range []struct {
		rule  string
		holds bool
	}{
		{"failure.allow", p.GetFailureModeAllow()},
		{"failure.status", p.GetStatusOnError().GetCode() < http.StatusInternalServerError},
		{"gate.observes", p.GetObservabilityMode()},
		{"gate.mode-override", p.GetAllowModeOverride()},
		{"gate.no-refusal", p.GetDisableImmediateResponse()},
		{"gate.headers-hidden", p.GetForwardRules() != nil},
		{"gate.http", p.GetHttpService() != nil},
		{"gate.route-cache", p.GetRouteCacheAction() == extproc.ExternalProcessor_CLEAR},
		{"timeout.message", oddTimeout(p.GetMessageTimeout())},
		{"timeout.longest", p.GetMaxMessageTimeout().AsDuration() < time.Minute},
		{"answer.unmarked", !slices.Contains(p.GetResponseAttributes(), "response.code_details")},
	} {
		if r.holds {
			s.add(r.rule, path, "")
		}
	}
	s.mutations(path, p)
}

// oddTimeout reports whether a message would wait for too short or too long: the
// default of 200 ms is less than a disk may take to write a record, and 0 ends
// every call.
func oddTimeout(d *durationpb.Duration) bool {
	t := d.AsDuration()
	return d == nil || t.Seconds() < 1 || t.Minutes() > 10
}

// mutations judges what the gate may change in a request: credential, host,
// method, path, and the headers of Envoy's own that would repeat a send.
func (s *survey) mutations(path string, p *extproc.ExternalProcessor) {
	r := p.GetMutationRules()
	switch {
	case r.GetDisallowAll().GetValue(), r.GetDisallowSystem().GetValue(), r.GetDisallowExpression() != nil, !r.GetAllowAllRouting().GetValue():
		s.add("gate.mutations", path, "")
	case !r.GetAllowEnvoy().GetValue():
		s.add("retry.headers", path, "")
	case !r.GetDisallowIsError().GetValue():
		s.add("gate.silent", path, "")
	}
}

// overridden judges what routes change about the gate.
func (s *survey) overridden(f filter, one send) {
	for i, o := range one.overrides(f.name) {
		if o.off {
			if i == 0 {
				s.add("gate.off", o.path, "")
			}
			continue
		}
		over := o.says.GetOverrides()
		at := o.at + ".overrides"
		if over.GetFailureModeAllow().GetValue() {
			s.add("failure.allow", at, "")
		}
		if over.GetProcessingMode() != nil {
			s.mode(at, over.GetProcessingMode(), true)
		}
		if over.GetGrpcService() != nil {
			s.add("processor.other", at, "")
			s.processor(at+".grpc_service", over.GetGrpcService())
		}
	}
}

// mode judges what of a call the gate is shown. A mode of one route may stream
// in both directions, as files need.
func (s *survey) mode(path string, mode *extproc.ProcessingMode, oneRoute bool) {
	if mode.GetRequestHeaderMode() == extproc.ProcessingMode_SKIP {
		s.add("body.headers", path, "")
	}
	switch mode.GetRequestBodyMode() {
	case extproc.ProcessingMode_BUFFERED:
	case extproc.ProcessingMode_FULL_DUPLEX_STREAMED:
		if !oneRoute {
			s.add("body.duplex", path, "")
		}
	case extproc.ProcessingMode_NONE:
		s.add("body.unseen", path, "")
	default:
		s.add("body.partial", path, mode.GetRequestBodyMode().String())
	}
	if mode.GetRequestTrailerMode() != extproc.ProcessingMode_SEND {
		s.add("body.trailers", path, "")
	}
	if mode.GetResponseHeaderMode() == extproc.ProcessingMode_SKIP {
		s.add("answer.unseen", path, "")
	}
	switch mode.GetResponseBodyMode() {
	case extproc.ProcessingMode_BUFFERED, extproc.ProcessingMode_FULL_DUPLEX_STREAMED:
	default:
		s.add("answer.unseen", path, mode.GetResponseBodyMode().String())
	}
}

// largest is what the gate itself takes of a message, in bytes.
const largest = 1 << 20

// before judges the limit that must stand in front of the gate.
func (s *survey) before(m *manager) {
	if m.msg.GetCodecType() == hcm.HttpConnectionManager_HTTP1 {
		return
	}
	for _, f := range m.filters[:m.gate] {
		b, ok := f.config.(*buffer.Buffer)
		if !ok {
			continue
		}
		if size := b.GetMaxRequestBytes().GetValue(); size < largest || size > 64<<20 {
			s.add("buffer.limit", f.at, "")
		}
		return
	}
	s.add("buffer.missing", m.path, "")
}

// harmless are filters that change neither body nor headers that decide, by the
// package of their type.
var harmless = []string{
	"router", "buffer", "fault", "rbac", "ratelimit", "local_ratelimit", "health_check", "cors", "csrf", "stateful_session", "grpc_stats",
	"bandwidth_limit", "adaptive_concurrency", "admission_control", "upstream_codec", "set_metadata", "file_system_buffer", "on_demand",
}

// after tells of filters behind the gate that may change what it decided.
func (s *survey) after(m *manager) {
	for _, f := range m.filters[m.gate+1:] {
		s.follows(f)
		if r, ok := f.config.(*router.Router); ok {
			for _, inner := range s.filters(f.at+".upstream_http_filters", r.GetUpstreamHttpFilters()) {
				s.follows(inner)
			}
		}
	}
}

func (s *survey) follows(f filter) {
	if f.config == nil {
		if f.external {
			s.add("gate.followed", f.path, f.name)
		}
		return
	}
	name := kind(f.config)
	words := strings.Split(name, ".")
	if len(words) > 2 && slices.Contains(harmless, words[len(words)-3]) || words[len(words)-1] == "Tap" {
		return // a tap has a rule of its own
	}
	s.add("gate.followed", f.path, name)
}

// kind is the name of a message's type, also of one not known here.
func kind(m proto.Message) string {
	if name, ok := foreign(m); ok {
		return name
	}
	return string(m.ProtoReflect().Descriptor().FullName())
}

// processor judges the way to Postern: text and credentials pass on it, and who
// can answer on it can allow.
func (s *survey) processor(path string, g *core.GrpcService) {
	if g == nil {
		return
	}
	if g.GetRetryPolicy().GetNumRetries().GetValue() > 0 || g.GetEnvoyGrpc().GetRetryPolicy().GetNumRetries().GetValue() > 0 {
		s.add("processor.retry", path, "")
	}
	if t := g.GetGoogleGrpc(); t != nil {
		s.googleProcessor(path, t)
		return
	}
	name := g.GetEnvoyGrpc().GetClusterName()
	found := s.clustersNamed(name)
	if len(found) == 0 {
		s.add("processor.not-seen", path, name)
	}
	for _, c := range found {
		s.mutual(c)
	}
}

func (s *survey) googleProcessor(path string, t *core.GrpcService_GoogleGrpc) {
	if strings.HasPrefix(t.GetTargetUri(), "unix:") {
		return
	}
	ssl := t.GetChannelCredentials().GetSslCredentials()
	if ssl.GetPrivateKey() == nil || ssl.GetCertChain() == nil {
		s.add("processor.google", path, "")
	}
}
