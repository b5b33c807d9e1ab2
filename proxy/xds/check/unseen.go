package check

import (
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"google.golang.org/protobuf/proto"
)

// unseen tells what the input does not show.
func (s *survey) unseen() {
	for _, b := range s.bootstraps {
		d, path := b.msg.GetDynamicResources(), joined(b.path, "dynamic_resources")
		if (d.GetLdsConfig() != nil || d.GetLdsResourcesLocator() != "") && !s.dumpsListeners {
			s.add("unseen.listeners", path, "")
		}
		if (d.GetCdsConfig() != nil || d.GetCdsResourcesLocator() != "") && !s.dumpsClusters {
			s.add("unseen.clusters", path, "")
		}
	}
	for _, l := range s.listeners {
		if l.msg.GetFcdsConfig() != nil {
			s.add("unseen.listeners", l.path, "")
		}
	}
	for _, m := range s.managers {
		s.unseenRoutes(m)
	}
	s.unseenEndpoints()
	for _, path := range s.rejected {
		s.add("unseen.rejected", path, "")
	}
	s.walkAll(func(path string, m proto.Message) bool {
		name, unknown := foreign(m)
		if unknown {
			s.add("unseen.type", path, name)
		}
		return !unknown
	})
}

func (s *survey) unseenRoutes(m *manager) {
	if m.blind() {
		if m.gate < 0 {
			s.add("gate.not-seen", m.path, "")
		} else {
			s.add("unseen.routes", m.path, "")
		}
	}
	each(m.config.path, m.config.msg, func(path string, a *route.RouteAction) {
		if name := a.GetCluster(); name != "" && len(s.clustersNamed(name)) == 0 {
			s.add("unseen.cluster", path, name)
		}
	})
}

// blind reports whether some of a manager's routes are not in the input.
func (m *manager) blind() bool {
	if m.config.msg == nil || m.config.msg.GetVhds() != nil || m.msg.GetScopedRoutes() != nil {
		return true
	}
	blind := false
	each("", m.config.msg, func(_ string, a *route.RouteAction) {
		blind = blind || a.GetClusterSpecifierPlugin() != "" || a.GetInlineClusterSpecifierPlugin() != nil
	})
	return blind
}

// unseenEndpoints tells of the first cluster whose addresses are not in the input
// and whose name and TLS do not say where it leads.
func (s *survey) unseenEndpoints() {
	for _, c := range s.clusters {
		eds := c.msg.GetEdsClusterConfig()
		if c.msg.GetType() != cluster.Cluster_EDS || s.isMeta(c.msg) || len(s.endpoints[c.msg.GetName()])+len(s.endpoints[eds.GetServiceName()]) > 0 {
			continue
		}
		s.add("unseen.endpoints", c.path, c.msg.GetName())
		return
	}
}
