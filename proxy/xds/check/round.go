package check

import (
	"fmt"
	"slices"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	snicluster "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/sni_cluster/v3"
	sniforward "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/sni_dynamic_forward_proxy/v3"
	tcp "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	"google.golang.org/protobuf/proto"
)

// roundabout finds ways to Meta on which nobody is asked.
func (s *survey) roundabout() {
	for _, m := range s.managers {
		each(m.config.path, m.config.msg, func(path string, r *route.RedirectAction) {
			if s.hosts.has(r.GetHostRedirect()) {
				s.add("round.redirect", path, "")
			}
		})
	}
	for _, l := range s.listeners {
		for _, c := range chains(l) {
			s.bytesPass(l, c)
		}
		for i, f := range l.msg.GetListenerFilters() {
			if name, found := s.mentions(f); found {
				s.add("round.other", fmt.Sprintf("%s.listener_filters[%d]", l.path, i), name)
			}
		}
	}
}

// bytesPass judges the filters of a chain that forward connections unread.
func (s *survey) bytesPass(l placed[*listener.Listener], c placed[*listener.FilterChain]) {
	follows := false // the caller's SNI decides
	for i, f := range c.msg.GetFilters() {
		path := fmt.Sprintf("%s.filters[%d]", c.path, i)
		switch m := opened(f.GetTypedConfig()).(type) {
		case *hcm.HttpConnectionManager:
		case *snicluster.SniCluster, *sniforward.FilterConfig:
			follows = true
		case *tcp.TcpProxy:
			s.connections(l, c, path, m, follows)
		case proto.Message:
			if name, found := s.mentions(m); found {
				s.add("round.other", path, name)
			}
		}
	}
}

func (s *survey) connections(l placed[*listener.Listener], c placed[*listener.FilterChain], path string, t *tcp.TcpProxy, follows bool) {
	names := []string{t.GetCluster()}
	for _, w := range t.GetWeightedClusters().GetClusters() {
		names = append(names, w.GetName())
	}
	for _, name := range names {
		s.bytes[name] = true
		switch r := s.leads(name); {
		case r == meta:
			s.add("round.bytes", c.path, name)
		case r != anywhere && !follows:
		case s.intercepts(l):
			s.add("round.names", path, name)
		default:
			s.add("round.open", c.path, name)
		}
	}
}

// intercepts reports whether a listener has a chain of its own for Meta's
// names that ends in HTTP with the gate.
func (s *survey) intercepts(l placed[*listener.Listener]) bool {
	return slices.ContainsFunc(s.managers, func(m *manager) bool {
		return m.listener.path == l.path && m.gate >= 0 && slices.ContainsFunc(m.chain.msg.GetFilterChainMatch().GetServerNames(), s.hosts.mayMatch)
	})
}

// wires reports whether connections alone go to a cluster: TLS on it is the
// caller's own.
func (s *survey) wires(cluster string) bool {
	return s.bytes[cluster] && !slices.ContainsFunc(s.managers, func(m *manager) bool {
		named := false
		texts(m.config.msg, func(text string) { named = named || text == cluster })
		return named
	})
}
