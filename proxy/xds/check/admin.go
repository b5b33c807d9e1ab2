package check

import (
	"slices"

	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
)

// administration judges who reaches Envoy's own interface: by its address, or by
// a listener that forwards to it.
func (s *survey) administration() {
	var own []*core.Address
	for _, b := range s.bootstraps {
		a := b.msg.GetAdmin().GetAddress()
		if a == nil {
			continue
		}
		own = append(own, a)
		if !local(a) {
			s.add("admin.open", joined(b.path, "admin.address"), "")
		}
	}
	for _, m := range s.managers {
		if local(m.listener.msg.GetAddress()) {
			continue
		}
		each(m.config.path, m.config.msg, func(path string, r *route.Route) {
			if !counters(r.GetMatch()) && slices.ContainsFunc(s.clustersNamed(r.GetRoute().GetCluster()), func(c placed[*cluster.Cluster]) bool { return leadsTo(c.msg, own) }) {
				s.add("admin.forwarded", path, "")
			}
		})
	}
}

// counters reports a route that shows figures and readiness alone, as scrapers
// and probes ask for them.
func counters(m *route.RouteMatch) bool {
	paths := []string{"/stats", "/stats/prometheus", "/ready"}
	return slices.Contains(paths, m.GetPath()) || slices.Contains(paths, m.GetPrefix()) || slices.Contains(paths, m.GetPathSeparatedPrefix())
}

// leadsTo reports whether one of a cluster's addresses is one of these.
func leadsTo(c *cluster.Cluster, addresses []*core.Address) (found bool) {
	each("", c.GetLoadAssignment(), func(_ string, e *endpoint.Endpoint) {
		found = found || slices.ContainsFunc(addresses, func(a *core.Address) bool { return same(a, e.GetAddress()) })
	})
	return found
}

// same compares where two addresses lead.
func same(a, b *core.Address) bool {
	if p := a.GetPipe(); p != nil {
		return p.GetPath() == b.GetPipe().GetPath()
	}
	one, other := a.GetSocketAddress(), b.GetSocketAddress()
	return one.GetPortValue() == other.GetPortValue() && other != nil && (one.GetAddress() == other.GetAddress() || local(b))
}
