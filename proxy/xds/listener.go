package xds

import (
	"slices"
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	originaldstv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/original_dst/v3"
	tlsinspectorv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/listener/tls_inspector/v3"
	tcpproxyv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/tcp_proxy/v3"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// slack is what Envoy takes more than the gateway, so that the gateway answers
// what is too large: in the caller's dialect, and on record.
const slack = 64 << 10

// patience bounds handshakes and first bytes.
const patience = 10 * time.Second

func (b *builder) listeners() []*listenerv3.Listener {
	var out []*listenerv3.Listener
	if l := b.config.App; l != nil {
		out = append(out, b.plain(listenerApp, l, max(b.config.BodyBytes, b.config.AnswerBytes)))
	}
	if l := b.config.Sidecar; l != nil {
		out = append(out, b.sidecar(l))
	}
	if l := b.config.Webhook; l != nil {
		out = append(out, b.plain(listenerWebhook, l, b.config.WebhookBytes))
	}
	return out
}

// plain is a listener with one certificate.
func (b *builder) plain(name string, l *Listener, buffer int64) *listenerv3.Listener {
	chain := &listenerv3.FilterChain{
		Filters:                       []*listenerv3.Filter{b.http(name, l)},
		TransportSocket:               b.downstream(name, l),
		TransportSocketConnectTimeout: seconds(patience),
	}
	if name == listenerWebhook && l.Clients != "" && len(l.ClientNames) > 0 {
		chain.Filters = append([]*listenerv3.Filter{b.named(l)}, chain.Filters...)
	}
	return b.listener(name, l.Address, buffer, chain)
}

func (b *builder) listener(name, address string, buffer int64, chains ...*listenerv3.FilterChain) *listenerv3.Listener {
	return &listenerv3.Listener{
		Name: name, StatPrefix: name, Address: b.address(address), TrafficDirection: corev3.TrafficDirection_INBOUND,
		PerConnectionBufferLimitBytes: count(int(buffer + slack)),
		FilterChains:                  chains,
	}
}

// sidecar ends TLS for the names it has a certificate for. To all else it is a
// wire, or a wall.
func (b *builder) sidecar(s *Sidecar) *listenerv3.Listener {
	chain := &listenerv3.FilterChain{
		Name:                          "intercepted",
		FilterChainMatch:              &listenerv3.FilterChainMatch{ServerNames: slices.Clone(s.Names), TransportProtocol: "tls"},
		Filters:                       []*listenerv3.Filter{b.http(listenerSidecar, &Listener{})},
		TransportSocket:               b.downstream(listenerSidecar, &Listener{TLS12: true}),
		TransportSocketConnectTimeout: seconds(patience),
	}
	out := b.listener(listenerSidecar, s.Address, max(b.config.BodyBytes, b.config.AnswerBytes), chain)
	out.TrafficDirection = corev3.TrafficDirection_OUTBOUND
	out.ListenerFiltersTimeout = seconds(patience)
	out.ListenerFilters = []*listenerv3.ListenerFilter{
		{Name: "original_dst", ConfigType: &listenerv3.ListenerFilter_TypedConfig{TypedConfig: b.pack(&originaldstv3.OriginalDst{})}},
		{Name: "tls_inspector", ConfigType: &listenerv3.ListenerFilter_TypedConfig{TypedConfig: b.pack(&tlsinspectorv3.TlsInspector{EnableJa3Fingerprinting: wrapperspb.Bool(false)})}},
	}
	if s.Pass {
		out.DefaultFilterChain = &listenerv3.FilterChain{Name: "passed", Filters: []*listenerv3.Filter{b.wire()}}
	}
	return out
}

func (b *builder) wire() *listenerv3.Filter {
	return networkFilter("tcp_proxy", b.pack(&tcpproxyv3.TcpProxy{
		StatPrefix:       clusterOriginal,
		ClusterSpecifier: &tcpproxyv3.TcpProxy_Cluster{Cluster: clusterOriginal},
	}))
}
