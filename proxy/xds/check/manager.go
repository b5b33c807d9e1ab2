package check

import (
	"fmt"

	listener "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	matching "github.com/envoyproxy/go-control-plane/envoy/extensions/common/matching/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	hcm "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/proto"
)

// filter is one HTTP filter of a manager, with what lies in it opened.
type filter struct {
	path     string // of the list's item
	name     string
	entry    *hcm.HttpFilter
	config   proto.Message // nil where it is not seen
	at       string        // path of config
	matched  bool          // runs for some requests only
	external bool          // comes from a control plane
}

// manager is one HTTP connection manager, with where it listens and leads.
type manager struct {
	path     string
	msg      *hcm.HttpConnectionManager
	listener placed[*listener.Listener]
	chain    placed[*listener.FilterChain]
	config   placed[*route.RouteConfiguration]
	filters  []filter
	gate     int  // index of the gate's filter, -1: none
	guessed  bool // several may be it
	sends    []send
	own      bool // has routes to the gateway's own listener
}

// guarded reports whether the promises are about it.
func (m *manager) guarded() bool { return m.own || m.gate >= 0 || len(m.sends) > 0 }

// managers are all there are.
func (s *survey) allManagers() []*manager {
	var out []*manager
	for _, l := range s.listeners {
		for _, c := range chains(l) {
			for i, f := range c.msg.GetFilters() {
				if h, ok := opened(f.GetTypedConfig()).(*hcm.HttpConnectionManager); ok {
					out = append(out, s.manager(fmt.Sprintf("%s.filters[%d].typed_config", c.path, i), h, l, c))
				}
			}
		}
		if h, ok := opened(l.msg.GetApiListener().GetApiListener()).(*hcm.HttpConnectionManager); ok {
			out = append(out, s.manager(l.path+".api_listener.api_listener", h, l, placed[*listener.FilterChain]{}))
		}
	}
	return out
}

func chains(l placed[*listener.Listener]) []placed[*listener.FilterChain] {
	var out []placed[*listener.FilterChain]
	for i, c := range l.msg.GetFilterChains() {
		out = append(out, placed[*listener.FilterChain]{fmt.Sprintf("%s.filter_chains[%d]", l.path, i), c})
	}
	if c := l.msg.GetDefaultFilterChain(); c != nil {
		out = append(out, placed[*listener.FilterChain]{l.path + ".default_filter_chain", c})
	}
	return out
}

func (s *survey) manager(path string, h *hcm.HttpConnectionManager, l placed[*listener.Listener], c placed[*listener.FilterChain]) *manager {
	m := &manager{path: path, msg: h, listener: l, chain: c, filters: s.filters(path+".http_filters", h.GetHttpFilters())}
	m.config = placed[*route.RouteConfiguration]{path + ".route_config", h.GetRouteConfig()}
	if name := h.GetRds().GetRouteConfigName(); name != "" {
		m.config = s.routes[name]
	}
	s.followRoutes(m)
	m.gate, m.guessed = s.theGate(m)
	return m
}

// filters opens a list of HTTP filters; those that a filter holds stand in its
// place.
func (s *survey) filters(path string, list []*hcm.HttpFilter) []filter {
	var out []filter
	for i, e := range list {
		f := filter{path: fmt.Sprintf("%s[%d]", path, i), name: e.GetName(), entry: e, config: opened(e.GetTypedConfig())}
		f.at = f.path + ".typed_config"
		if e.GetConfigDiscovery() != nil {
			f.external = true
			known := s.extensions[e.GetName()]
			f.config, f.at = opened(known.msg.GetTypedConfig()), known.path+".typed_config"
			if f.config == nil {
				f.config, f.at = opened(e.GetConfigDiscovery().GetDefaultConfig()), f.path+".config_discovery.default_config"
			}
		}
		out = append(out, s.unfold(f)...)
	}
	return out
}

// unfold opens the wrapper that makes a filter conditional, and takes the gate
// out of any filter that holds it.
func (s *survey) unfold(f filter) []filter {
	if w, ok := f.config.(*matching.ExtensionWithMatcher); ok {
		f.matched, f.config = true, opened(w.GetExtensionConfig().GetTypedConfig())
		f.at += ".extension_config.typed_config"
	}
	out := []filter{f}
	if _, ok := f.config.(*extproc.ExternalProcessor); ok || f.config == nil {
		return out
	}
	each(f.at, f.config, func(path string, p *extproc.ExternalProcessor) {
		inner := f
		inner.config, inner.at, inner.matched = p, path, true
		out = append(out, inner)
	})
	return out
}
