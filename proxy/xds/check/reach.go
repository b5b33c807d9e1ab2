package check

import (
	"slices"
	"strings"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	aggregate "github.com/envoyproxy/go-control-plane/envoy/extensions/clusters/aggregate/v3"
	forward "github.com/envoyproxy/go-control-plane/envoy/extensions/clusters/dynamic_forward_proxy/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/proto"
)

// reach says where a cluster leads.
type reach int

// Reaches.
const (
	elsewhere reach = iota
	meta            // to Meta or a provider
	anywhere        // where the caller says
)

// leads says where the clusters of a name lead.
func (s *survey) leads(name string) reach { return s.leadsBelow(name, 0) }

func (s *survey) leadsBelow(name string, depth int) reach {
	worst := elsewhere
	for _, c := range s.clustersNamed(name) {
		switch {
		case s.isMeta(c.msg):
			return meta
		case followsCaller(c.msg):
			worst = anywhere
		}
		for _, part := range partsOf(c.msg) {
			if depth < 8 {
				if r := s.leadsBelow(part, depth+1); r == meta {
					return meta
				} else if r == anywhere {
					worst = anywhere
				}
			}
		}
	}
	return worst
}

// isMeta looks at the addresses and at the names of the TLS that the cluster
// speaks.
func (s *survey) isMeta(c *cluster.Cluster) bool {
	assignments := append([]*endpoint.ClusterLoadAssignment{c.GetLoadAssignment()}, s.endpoints[c.GetName()]...)
	assignments = append(assignments, s.endpoints[c.GetEdsClusterConfig().GetServiceName()]...)
	found := s.hosts.has(serviceIn(c.GetName()))
	for _, a := range assignments {
		each("", a, func(_ string, e *endpoint.Endpoint) { found = found || s.hosts.has(e.GetHostname()) })
		each("", a, func(_ string, e *core.SocketAddress) {
			found = found || s.hosts.has(e.GetAddress()) || s.hosts.at(e.GetAddress(), e.GetPortValue())
		})
	}
	each("", c, func(_ string, t *tls.UpstreamTlsContext) { found = found || s.hosts.has(t.GetSni()) })
	each("", c, func(_ string, v *tls.SubjectAltNameMatcher) { found = found || s.hosts.has(v.GetMatcher().GetExact()) })
	return found
}

// serviceIn is the host in the name that Istio gives a cluster, as in
// "outbound|443||graph.facebook.com"; "" in others. Its endpoints are addresses.
func serviceIn(cluster string) string {
	if parts := strings.Split(cluster, "|"); len(parts) == 4 {
		return parts[3]
	}
	return ""
}

// followsCaller reports whether the cluster connects to the address or name
// that the request came with.
func followsCaller(c *cluster.Cluster) bool {
	if c.GetType() == cluster.Cluster_ORIGINAL_DST {
		return true
	}
	dynamic := c.GetClusterType().GetName() == "envoy.cluster.original_dst"
	each("", c.GetClusterType(), func(string, *forward.ClusterConfig) { dynamic = true })
	return dynamic
}

// partsOf are the clusters that one stands for.
func partsOf(c *cluster.Cluster) (names []string) {
	each("", c.GetClusterType(), func(_ string, a *aggregate.ClusterConfig) { names = append(names, a.GetClusters()...) })
	return names
}

// reaches reports whether anything in the input leads to Meta.
func (s *survey) reaches() bool {
	return slices.ContainsFunc(s.clusters, func(c placed[*cluster.Cluster]) bool { return s.isMeta(c.msg) }) ||
		slices.ContainsFunc(s.managers, func(m *manager) bool { return len(m.sends) > 0 })
}

// mentions reports whether a message names a cluster that leads to Meta.
func (s *survey) mentions(m proto.Message) (name string, found bool) {
	texts(m, func(text string) {
		if !found && s.leads(text) == meta {
			name, found = text, true
		}
	})
	return name, found
}
