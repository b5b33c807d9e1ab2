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
	routes := []*routev3.Route{b.judged("calls")}
	if name == listenerWebhook {
		routes = []*routev3.Route{b.judged("webhooks")}
	} else {
		routes = append(b.files(), routes...)
	}
	return &routev3.RouteConfiguration{
		Name:         name,
		VirtualHosts: []*routev3.VirtualHost{{Name: name, Domains: []string{"*"}, Routes: routes}},
	}
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
func (b *builder) files() []*routev3.Route {
	var out []*routev3.Route
	for _, path := range filePaths() {
		out = append(out, &routev3.Route{
			Name: "files",
			Match: &routev3.RouteMatch{PathSpecifier: &routev3.RouteMatch_SafeRegex{
				SafeRegex: &matcherv3.RegexMatcher{Regex: path},
			}},
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
