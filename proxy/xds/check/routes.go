package check

import (
	"fmt"
	"strings"

	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	route "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	extproc "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// send is one way from a manager to Meta: a route, or one of the clusters that
// it is shared out to.
type send struct {
	path   string // of the route
	route  *route.Route
	host   placed[*route.VirtualHost]
	reach  reach
	layers []layer // what overrides filters for it, the narrowest first
}

// layer is one place with settings of filters.
type layer struct {
	path    string
	filters map[string]*anypb.Any
}

// followRoutes finds the sends of a manager.
func (s *survey) followRoutes(m *manager) {
	config := m.config.msg
	for i, h := range config.GetVirtualHosts() {
		host := placed[*route.VirtualHost]{fmt.Sprintf("%s.virtual_hosts[%d]", m.config.path, i), h}
		each(host.path, h, func(path string, r *route.Route) {
			layers := []layer{
				{path, r.GetTypedPerFilterConfig()}, {host.path, h.GetTypedPerFilterConfig()}, {m.config.path, config.GetTypedPerFilterConfig()},
			}
			s.follow(m, send{path: path, route: r, host: host, layers: layers})
		})
	}
}

// follow adds a route's ways to Meta.
func (s *survey) follow(m *manager, one send) {
	action := one.route.GetRoute()
	if action.GetClusterHeader() != "" {
		one.reach = anywhere
		m.sends = append(m.sends, one)
	}
	if r := s.leadsTo(action.GetCluster(), one, action); r != elsewhere {
		one.reach = r
		m.sends = append(m.sends, one)
	}
	m.own = m.own || ownListener(action.GetCluster())
	for i, w := range action.GetWeightedClusters().GetClusters() {
		r := s.leadsTo(w.GetName(), one, action)
		if w.GetClusterHeader() != "" {
			r = anywhere
		}
		if r == elsewhere {
			continue
		}
		part := one
		part.reach = r
		path := fmt.Sprintf("%s.route.weighted_clusters.clusters[%d]", one.path, i)
		part.layers = append([]layer{{path, w.GetTypedPerFilterConfig()}}, one.layers...)
		m.sends = append(m.sends, part)
	}
}

// ownListener reports whether a cluster has the name that Postern's own
// configuration gives to its listeners.
func ownListener(cluster string) bool {
	return cluster == "postern" || cluster == "postern_webhook" || cluster == "postern_app"
}

// leadsTo is where a cluster leads for the hosts of the route.
func (s *survey) leadsTo(name string, one send, action *route.RouteAction) reach {
	r := s.leads(name)
	if r != anywhere || s.hosts.has(action.GetHostRewriteLiteral()) || action.GetHostRewriteHeader() != "" {
		return r
	}
	for _, domain := range one.host.msg.GetDomains() {
		if s.hosts.mayMatch(domain) {
			return anywhere
		}
	}
	return elsewhere
}

// override is what one layer says of the gate.
type override struct {
	path string // of the setting
	off  bool   // the filter does not run
	says *extproc.ExtProcPerRoute
	at   string // path of says
}

// overrides are the settings for a filter on the way of a send, the narrowest
// first.
func (one send) overrides(name string) []override {
	var out []override
	for _, l := range one.layers {
		a, ok := l.filters[name]
		if !ok {
			continue
		}
		o := override{path: entry(joined(l.path, "typed_per_filter_config"), name)}
		o.at = o.path
		m := opened(a)
		if f, ok := m.(*route.FilterConfig); ok {
			o.off, o.at = f.GetDisabled(), o.path+".config"
			m = opened(f.GetConfig())
		}
		o.says, _ = m.(*extproc.ExtProcPerRoute)
		o.off = o.off || o.says.GetDisabled()
		out = append(out, o)
	}
	return out
}

// sends applies the rules for what happens to a call behind the gate.
func (s *survey) sends(m *manager) {
	for _, one := range m.sends {
		s.repeats(one.path, bare(one.route, "typed_per_filter_config"))
		s.repeats(one.host.path, bare(one.host.msg, "routes", "matcher", "typed_per_filter_config"))
		s.repeats(m.config.path, bare(m.config.msg, "virtual_hosts", "typed_per_filter_config"))
		s.detours(m, one)
		s.added(one.path, one.route.GetRequestHeadersToAdd())
		s.added(one.host.path, one.host.msg.GetRequestHeadersToAdd())
		s.added(m.config.path, m.config.msg.GetRequestHeadersToAdd())
		for i, w := range one.route.GetRoute().GetWeightedClusters().GetClusters() {
			s.added(fmt.Sprintf("%s.route.weighted_clusters.clusters[%d]", one.path, i), w.GetRequestHeadersToAdd())
		}
	}
	for _, f := range m.filters {
		s.taps(f.at, f.config)
	}
	s.taps(m.chain.path+".transport_socket", m.chain.msg.GetTransportSocket())
}

// added tells of headers that decide where and as whom a call goes, and that
// Envoy sets after the gate did.
func (s *survey) added(path string, headers []*core.HeaderValueOption) {
	for _, h := range headers {
		switch name := strings.ToLower(h.GetHeader().GetKey()); name {
		case "authorization", "d360-api-key", "host", ":authority", ":path", ":method":
			s.add("route.credentials", path, name)
		}
	}
}

// repeats finds what would send a call twice or copy it.
func (s *survey) repeats(path string, m proto.Message) {
	each(path, m, func(path string, p *route.RetryPolicy) {
		if p.GetRetryOn() != "" || len(p.GetRetryOptionsPredicates()) > 0 {
			s.add("retry.policy", path, "")
		}
	})
	each(path, m, func(path string, p *route.HedgePolicy) {
		if p.GetHedgeOnPerTryTimeout() || p.GetInitialRequests().GetValue() > 1 || p.GetAdditionalRequestChance().GetNumerator() > 0 {
			s.add("retry.hedge", path, "")
		}
	})
	each(path, m, func(path string, _ *route.RouteAction_RequestMirrorPolicy) { s.add("copy.mirror", path, "") })
	each(path, m, func(path string, _ *route.InternalRedirectPolicy) { s.add("retry.redirect", path, "") })
}

// detours finds what a route does to a call after the gate has decided.
func (s *survey) detours(m *manager, one send) {
	action, path := one.route.GetRoute(), one.path+".route"
	if action.GetClusterHeader() != "" || one.reach == anywhere && action.GetCluster() == "" {
		s.add("round.header", path, "")
	}
	if action.GetPrefixRewrite() != "" || action.GetRegexRewrite() != nil || action.GetPathRewritePolicy() != nil || action.GetPathRewrite() != "" ||
		action.GetHostRewriteHeader() != "" || action.GetHostRewritePathRegex() != nil {
		s.add("route.rewrites", path, "")
	}
	if len(action.GetUpgradeConfigs()) > 0 {
		s.add("route.upgrades", path, "")
	}
	for _, u := range m.msg.GetUpgradeConfigs() {
		if u.GetEnabled() == nil || u.GetEnabled().GetValue() {
			s.add("edge.upgrades", m.path, u.GetUpgradeType())
		}
	}
}
