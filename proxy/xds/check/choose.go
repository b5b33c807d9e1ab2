package check

import (
	"slices"
	"strings"

	extproc "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	"google.golang.org/protobuf/proto"
)

// theGate is the index of the gate's filter: the one with Postern's name in its
// own, in its cluster's or in that cluster's addresses. Else, where sends may
// pass, the first external processor that is shown whole bodies, or the first
// one at all; guessed says that there were several. -1 is none.
func (s *survey) theGate(m *manager) (index int, guessed bool) {
	var all, whole []int
	for i, f := range m.filters {
		p, ok := f.config.(*extproc.ExternalProcessor)
		if !ok {
			continue
		}
		if s.named(f, p) {
			return i, false
		}
		all = append(all, i)
		if p.GetProcessingMode().GetRequestBodyMode() == extproc.ProcessingMode_BUFFERED {
			whole = append(whole, i)
		}
	}
	switch {
	case len(all) == 0 || len(m.sends) == 0 && !m.blind():
		return -1, false
	case len(whole) > 0:
		return whole[0], len(all) > 1
	}
	return all[0], len(all) > 1
}

// named reports whether Postern's name is anywhere on the way to a processor.
func (s *survey) named(f filter, p *extproc.ExternalProcessor) bool {
	cluster := p.GetGrpcService().GetEnvoyGrpc().GetClusterName()
	names := []string{f.name, cluster, p.GetGrpcService().GetGoogleGrpc().GetTargetUri()}
	see := func(text string) { names = append(names, text) }
	for _, c := range s.clustersNamed(cluster) {
		texts(c.msg.GetLoadAssignment(), see)
		for _, e := range append(slices.Clone(s.endpoints[cluster]), s.endpoints[c.msg.GetEdsClusterConfig().GetServiceName()]...) {
			texts(e, see)
		}
	}
	return slices.ContainsFunc(names, func(n string) bool { return strings.Contains(n, "postern") })
}

// shown tells of filters that show calls to somebody else before the gate
// decides.
func (s *survey) shown(m *manager) {
	for i, f := range m.filters {
		on := func(one send) bool { over := one.overrides(f.name); return len(over) > 0 && !over[0].off }
		if i >= m.gate || f.config == nil || f.entry.GetDisabled() && !slices.ContainsFunc(m.sends, on) {
			continue
		}
		if slices.Contains(askers, string(proto.MessageName(f.config))) {
			s.add("copy.shown", f.path, "")
		}
	}
}

// askers are the types of filters that ask other services about calls.
var askers = []string{
	"envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
	"envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor",
}
