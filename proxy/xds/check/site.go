package check

import (
	"fmt"

	admin "github.com/envoyproxy/go-control-plane/envoy/admin/v3"
	bootstrap "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpoint "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	tls "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tls/v3"
	"google.golang.org/protobuf/proto"
)

// placed is a message with its path in the input.
type placed[M any] struct {
	path string
	msg  M
}

// site is everything that the input holds, by kind.
type site struct {
	roots      []placed[proto.Message]
	bootstraps []placed[*bootstrap.Bootstrap]
	listeners  []placed[*listener.Listener]
	clusters   []placed[*cluster.Cluster]
	routes     map[string]placed[*route.RouteConfiguration]
	endpoints  map[string][]*endpoint.ClusterLoadAssignment
	secrets    map[string]*tls.Secret
	extensions map[string]placed[*core.TypedExtensionConfig] // by ECDS

	dumpsListeners, dumpsClusters bool
	rejected                      []string // places of updates that Envoy refused
}

func collect(roots []placed[proto.Message]) site {
	s := site{
		roots: roots, routes: map[string]placed[*route.RouteConfiguration]{}, endpoints: map[string][]*endpoint.ClusterLoadAssignment{},
		secrets: map[string]*tls.Secret{}, extensions: map[string]placed[*core.TypedExtensionConfig]{},
	}
	s.walkAll(func(_ string, m proto.Message) bool {
		switch m.(type) {
		case *admin.ListenersConfigDump:
			s.dumpsListeners = true
		case *admin.ClustersConfigDump:
			s.dumpsClusters = true
		}
		return true
	})
	s.walkAll(s.take)
	return s
}

func (s *site) walkAll(visit func(path string, m proto.Message) bool) {
	for _, root := range s.roots {
		walk(root.path, root.msg, visit)
	}
}

// take sorts one message in. What a dump lists by kind is not taken from the
// bootstrap in it once more.
func (s *site) take(path string, m proto.Message) bool {
	switch m := m.(type) {
	case *bootstrap.Bootstrap:
		s.bootstraps = append(s.bootstraps, placed[*bootstrap.Bootstrap]{path, m})
		s.takeStatic(path, m)
		return false
	case *listener.Listener:
		s.listeners = append(s.listeners, placed[*listener.Listener]{path, m})
		return false
	case *cluster.Cluster:
		s.clusters = append(s.clusters, placed[*cluster.Cluster]{path, m})
		return false
	case *route.RouteConfiguration:
		s.routes[m.GetName()] = placed[*route.RouteConfiguration]{path, m}
		return false
	case *endpoint.ClusterLoadAssignment:
		s.endpoints[m.GetClusterName()] = append(s.endpoints[m.GetClusterName()], m)
		return false
	case *tls.Secret:
		s.secrets[m.GetName()] = m
		return false
	case *core.TypedExtensionConfig:
		s.extensions[m.GetName()] = placed[*core.TypedExtensionConfig]{path, m}
		return false
	case *admin.UpdateFailureState:
		s.rejected = append(s.rejected, path)
		return false
	}
	return true
}

func (s *site) takeStatic(path string, b *bootstrap.Bootstrap) {
	static := b.GetStaticResources()
	path = joined(path, "static_resources")
	if !s.dumpsListeners {
		for i, l := range static.GetListeners() {
			s.take(fmt.Sprintf("%s.listeners[%d]", path, i), l)
		}
	}
	if !s.dumpsClusters {
		for i, c := range static.GetClusters() {
			s.take(fmt.Sprintf("%s.clusters[%d]", path, i), c)
		}
	}
	for i, secret := range static.GetSecrets() {
		s.take(fmt.Sprintf("%s.secrets[%d]", path, i), secret)
	}
}

// clustersNamed are all of one name: a dump may hold an old and a new one.
func (s *site) clustersNamed(name string) []placed[*cluster.Cluster] {
	var out []placed[*cluster.Cluster]
	for _, c := range s.clusters {
		if c.msg.GetName() == name {
			out = append(out, c)
		}
	}
	return out
}
