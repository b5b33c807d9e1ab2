package check

import (
	cluster "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	core "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	tap "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/tap/v3"
	sockettap "github.com/envoyproxy/go-control-plane/envoy/extensions/transport_sockets/tap/v3"
	upstreams "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/proto"
)

// httpOptions are what a cluster takes over from a request into its TLS.
func httpOptions(c *cluster.Cluster) *core.UpstreamHttpProtocolOptions {
	for _, a := range c.GetTypedExtensionProtocolOptions() {
		if o, ok := opened(a).(*upstreams.HttpProtocolOptions); ok && o.GetUpstreamHttpProtocolOptions() != nil {
			return o.GetUpstreamHttpProtocolOptions()
		}
	}
	return c.GetUpstreamHttpProtocolOptions() //nolint:staticcheck // old files have it
}

// inCluster tells of HTTP filters that run in the cluster, after the gate.
func (s *survey) inCluster(c placed[*cluster.Cluster]) {
	options := c.msg.GetTypedExtensionProtocolOptions()
	for _, name := range sortedKeys(options) {
		if o, ok := opened(options[name]).(*upstreams.HttpProtocolOptions); ok {
			path := entry(c.path+".typed_extension_protocol_options", name) + ".http_filters"
			for _, f := range s.filters(path, o.GetHttpFilters()) {
				s.follows(f)
				s.taps(f.path, f.entry)
			}
		}
	}
}

// taps tells of filters and sockets that copy what passes.
func (s *survey) taps(path string, m proto.Message) {
	if m == nil {
		return
	}
	each(path, m, func(path string, _ *tap.Tap) { s.add("copy.tap", path, "") })
	each(path, m, func(path string, _ *sockettap.Tap) { s.add("copy.socket", path, "") })
}
