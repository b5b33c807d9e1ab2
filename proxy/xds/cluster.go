package xds

import (
	"errors"
	"net"
	"net/netip"
	"net/url"
	"time"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	endpointv3 "github.com/envoyproxy/go-control-plane/envoy/config/endpoint/v3"
	upstreamhttpv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/upstreams/http/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

const (
	connectTimeout = 5 * time.Second
	idleUpstream   = 60 * time.Second // shorter than Meta's: a connection that ends under a send leaves its outcome unknown
	pending        = 4096             // requests that wait for a connection
	askedAtOnce    = 16384            // to the gateway at once; it sheds before
	keepaliveTime  = 10 * time.Second
	keepaliveWait  = 5 * time.Second
)

func (b *builder) clusters() []*clusterv3.Cluster {
	out := []*clusterv3.Cluster{b.meta(), b.asked(), b.gateway()}
	if s := b.config.Sidecar; s != nil && s.Pass {
		out = append(out, &clusterv3.Cluster{
			Name: clusterOriginal, ConnectTimeout: seconds(connectTimeout), LbPolicy: clusterv3.Cluster_CLUSTER_PROVIDED,
			ClusterDiscoveryType: &clusterv3.Cluster_Type{Type: clusterv3.Cluster_ORIGINAL_DST},
		})
	}
	return out
}

// meta is the way to Meta, over HTTP/1.1 as the gateway's own: one request a
// connection at a time, and never twice.
func (b *builder) meta() *clusterv3.Cluster {
	up := b.config.Upstream
	u, err := url.Parse(up.URL)
	if err != nil || u.Hostname() == "" {
		b.fail(errors.New("the configuration names no upstream: write a URL such as https://graph.facebook.com"))
		return nil
	}
	port := u.Port()
	if port == "" {
		port = map[string]string{"https": "443", "http": "80"}[u.Scheme]
	}
	c := b.cluster(clusterMeta, net.JoinHostPort(u.Hostname(), port), up.Connections)
	c.TypedExtensionProtocolOptions = b.speaks(http1())
	if u.Scheme == "https" {
		c.TransportSocket = b.toMeta(u.Hostname())
	}
	return c
}

// asked is the gateway as processor.
func (b *builder) asked() *clusterv3.Cluster {
	p := b.config.Processor
	c := b.cluster(clusterProcessor, p.Address, askedAtOnce)
	c.TypedExtensionProtocolOptions = b.speaks(http2())
	if !isUnix(p.Address) {
		c.TransportSocket = b.toProcessor(p)
	}
	return c
}

// gateway is the gateway's own listener, for files.
func (b *builder) gateway() *clusterv3.Cluster {
	c := b.cluster(clusterGateway, b.config.Gateway, b.config.Upstream.Connections)
	c.TypedExtensionProtocolOptions = b.speaks(http1())
	c.TransportSocket = b.toGateway()
	return c
}

// cluster is one host by its address or name, with as many requests at once.
func (b *builder) cluster(name, address string, requests int) *clusterv3.Cluster {
	return &clusterv3.Cluster{
		Name: name, ConnectTimeout: seconds(connectTimeout), ClusterDiscoveryType: &clusterv3.Cluster_Type{Type: found(name, address)},
		DnsLookupFamily:               clusterv3.Cluster_ALL, // whichever answers first
		PerConnectionBufferLimitBytes: count(int(max(b.config.BodyBytes, b.config.AnswerBytes) + slack)),
		CircuitBreakers: &clusterv3.CircuitBreakers{Thresholds: []*clusterv3.CircuitBreakers_Thresholds{{
			MaxConnections: count(requests), MaxPendingRequests: wrapperspb.UInt32(pending), MaxRequests: count(requests), MaxRetries: wrapperspb.UInt32(0),
		}}},
		LoadAssignment: &endpointv3.ClusterLoadAssignment{ClusterName: name, Endpoints: []*endpointv3.LocalityLbEndpoints{{
			LbEndpoints: []*endpointv3.LbEndpoint{{HostIdentifier: &endpointv3.LbEndpoint_Endpoint{Endpoint: &endpointv3.Endpoint{Address: b.address(address)}}}},
		}}},
	}
}

// found is how the host's address comes about.
func found(name, address string) clusterv3.Cluster_DiscoveryType {
	_, err := netip.ParseAddrPort(address)
	switch {
	case isUnix(address) || err == nil:
		return clusterv3.Cluster_STATIC
	case name == clusterMeta:
		return clusterv3.Cluster_LOGICAL_DNS // its addresses change, the host is one
	}
	return clusterv3.Cluster_STRICT_DNS
}

func (b *builder) speaks(protocol *upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig) map[string]*anypb.Any {
	return map[string]*anypb.Any{
		"envoy.extensions.upstreams.http.v3.HttpProtocolOptions": b.pack(&upstreamhttpv3.HttpProtocolOptions{
			CommonHttpProtocolOptions: &corev3.HttpProtocolOptions{IdleTimeout: seconds(idleUpstream)},
			UpstreamProtocolOptions:   &upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig_{ExplicitHttpConfig: protocol},
		}),
	}
}

func http1() *upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig {
	return &upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig{
		ProtocolConfig: &upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig_HttpProtocolOptions{HttpProtocolOptions: &corev3.Http1ProtocolOptions{}},
	}
}

// http2 notices a processor that is gone without a word.
func http2() *upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig {
	return &upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig{
		ProtocolConfig: &upstreamhttpv3.HttpProtocolOptions_ExplicitHttpConfig_Http2ProtocolOptions{Http2ProtocolOptions: &corev3.Http2ProtocolOptions{
			ConnectionKeepalive: &corev3.KeepaliveSettings{Interval: seconds(keepaliveTime), Timeout: seconds(keepaliveWait)},
		}},
	}
}
