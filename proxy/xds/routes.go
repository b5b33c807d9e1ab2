package xds

import (
	"regexp"
	"slices"
	"strings"

	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	bufferv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	matcherv3 "github.com/envoyproxy/go-control-plane/envoy/type/matcher/v3"
	"google.golang.org/protobuf/types/known/anypb"

	"postern/proxy/dialect"
)

// routeConfigs are by the names of their listeners.
func (b *builder) routeConfigs() []*routev3.RouteConfiguration {
	var out []*routev3.RouteConfiguration
	for _, e := range []struct {
		name  string
		there bool
	}{{listenerApp, b.config.App != nil}, {listenerSidecar, b.config.Sidecar != nil}, {listenerWebhook, b.config.Webhook != nil}} {
		if e.there {
			out = append(out, b.routeConfig(e.name))
		}
	}
	return out
}

func (b *builder) routeConfig(name string) *routev3.RouteConfiguration {
	var routes []*routev3.Route
	if name == listenerWebhook {
		routes = append(routes, b.judged("webhooks"))
	} else {
		routes = b.calls()
	}
	return &routev3.RouteConfiguration{
		Name:         name,
		VirtualHosts: []*routev3.VirtualHost{{Name: name, Domains: []string{"*"}, Routes: routes}},
	}
}

// calls are those of apps, named by dialect: answers of Envoy's own go by that.
func (b *builder) calls() []*routev3.Route {
	var out []*routev3.Route
	for _, s := range speakers {
		out = append(out, b.files(s)...)
	}
	for _, s := range speakers {
		r := b.judged("calls_" + string(s.dialect))
		r.Match.Headers = s.headers()
		if s.path != "" {
			r.Match.PathSpecifier = pattern(s.path)
		}
		out = append(out, r)
	}
	return out
}

func pattern(path string) *routev3.RouteMatch_SafeRegex {
	return &routev3.RouteMatch_SafeRegex{SafeRegex: &matcherv3.RegexMatcher{Regex: path}}
}

// judged takes everything: the gateway decides by method and path, and answers
// or writes where it goes. Nothing is repeated, mirrored or hedged, since a send
// that happens twice is two messages.
func (b *builder) judged(name string) *routev3.Route {
	return &routev3.Route{
		Name:  name,
		Match: &routev3.RouteMatch{PathSpecifier: &routev3.RouteMatch_Prefix{Prefix: "/"}},
		Action: &routev3.Route_Route{Route: &routev3.RouteAction{
			ClusterSpecifier: &routev3.RouteAction_Cluster{Cluster: clusterMeta},
			Timeout:          seconds(b.config.Upstream.Timeout + patience), // the gateway's own comes first
		}},
	}
}

// files are the calls whose bodies or answers are files: they are not kept
// whole in Envoy, but go to the gateway's own listener, which judges them.
func (b *builder) files(s speaker) []*routev3.Route {
	var out []*routev3.Route
	for _, path := range filePaths() {
		if strings.HasPrefix(path, "/+v1/") != s.old() {
			continue
		}
		out = append(out, &routev3.Route{
			Name:  "files_" + string(s.dialect),
			Match: &routev3.RouteMatch{PathSpecifier: pattern(path), Headers: s.headers()},
			Action: &routev3.Route_Route{Route: &routev3.RouteAction{
				ClusterSpecifier: &routev3.RouteAction_Cluster{Cluster: clusterGateway},
				Timeout:          seconds(b.config.Transfer + patience),
			}},
			TypedPerFilterConfig: map[string]*anypb.Any{
				filterBuffer:  b.pack(&bufferv3.BufferPerRoute{Override: &bufferv3.BufferPerRoute_Disabled{Disabled: true}}),
				filterExtProc: b.pack(&extprocv3.ExtProcPerRoute{Override: &extprocv3.ExtProcPerRoute_Disabled{Disabled: true}}),
			},
		})
	}
	return out
}

// filePaths are patterns of whole paths, from the table that the gateway itself
// routes by. The loose forms of old clients (dialect.Loose) match, too.
func filePaths() []string {
	var out []string
	for _, e := range dialect.Endpoints() {
		if e.State == dialect.Refused || !carriesFile(e) {
			continue
		}
		path := pathPattern(e)
		if !slices.Contains(out, path) {
			out = append(out, path)
		}
	}
	return out
}

func carriesFile(e dialect.Endpoint) bool {
	switch e.Name {
	case dialect.RouteUpload, dialect.RouteFile, dialect.RouteSession, dialect.RoutePhoto:
		return true
	case dialect.RouteMedia:
		return e.Dialect.Flat() // elsewhere it is a node of JSON
	}
	return false
}

var variable = regexp.MustCompile(`\\\{[a-z_]+\\\}`)

func pathPattern(e dialect.Endpoint) string {
	path := variable.ReplaceAllString(regexp.QuoteMeta(e.Path), `[A-Za-z0-9._:-]+`)
	switch {
	case e.Dialect == dialect.Cloud && e.Path != dialect.AttachmentsPath:
		return `(/v[0-9]+\.[0-9]+)?` + path
	case strings.HasPrefix(e.Path, "/v1/"):
		return strings.ReplaceAll(path, "/", "/+") + "/*"
	}
	return path + "/?"
}
