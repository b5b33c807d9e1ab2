package xds

import (
	"time"

	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	"google.golang.org/protobuf/types/known/anypb"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Limits on what a client may make Envoy wait for or keep. They are those of
// the gateway's own listeners (proxy/edge) where it has such a limit.
const (
	idleConnection = 120 * time.Second
	drain          = 10 * time.Second
	maxStreams     = 250
	maxHeaders     = 100
	maxHeadersKiB  = 32
	streamWindow   = 64 << 10
	wholeWindow    = 1 << 20
)

func networkFilter(name string, config *anypb.Any) *listenerv3.Filter {
	return &listenerv3.Filter{Name: name, ConfigType: &listenerv3.Filter_TypedConfig{TypedConfig: config}}
}

// http is what reads requests. Paths are not normalised: the gateway refuses
// what is not canonical, escapes included, in the caller's dialect. So what it
// judges is what came, and it writes the path that goes up.
func (b *builder) http(name string, l *Listener) *listenerv3.Filter {
	m := &hcmv3.HttpConnectionManager{
		StatPrefix:          name,
		HttpFilters:         b.filters(name),
		AccessLog:           b.accessLog(name),
		LocalReplyConfig:    b.replies(name),
		NormalizePath:       wrapperspb.Bool(false),
		MergeSlashes:        false,
		UseRemoteAddress:    wrapperspb.Bool(true),
		XffNumTrustedHops:   uint32(l.TrustedHops),                                   //nolint:gosec // small by the configuration's check
		MaxRequestHeadersKb: wrapperspb.UInt32(maxHeadersKiB),                        // else 60
		GenerateRequestId:   wrapperspb.Bool(true),                                   // Envoy's own: the client's is not kept
		DrainTimeout:        seconds(drain),                                          // between the first GOAWAY and the last
		StreamIdleTimeout:   seconds(longest + b.config.Upstream.Timeout + patience), // nothing moves while the gateway waits for Meta

		RequestTimeout:        seconds(b.config.Transfer), // for a whole body; a file may take as long
		RequestHeadersTimeout: seconds(patience),

		PathWithEscapedSlashesAction: hcmv3.HttpConnectionManager_KEEP_UNCHANGED,
		ServerHeaderTransformation:   hcmv3.HttpConnectionManager_PASS_THROUGH,             // nobody is told what runs here
		InternalAddressConfig:        &hcmv3.HttpConnectionManager_InternalAddressConfig{}, // nobody's x-envoy headers count
	}
	b.protocols(m)
	b.clientCertificates(m, l)
	b.routed(m, name)
	return networkFilter("http", b.pack(m))
}

// protocols are strict wherever two parsers could read differently.
func (b *builder) protocols(m *hcmv3.HttpConnectionManager) {
	m.CommonHttpProtocolOptions = &corev3.HttpProtocolOptions{
		IdleTimeout:                  seconds(idleConnection),
		MaxHeadersCount:              wrapperspb.UInt32(maxHeaders),
		HeadersWithUnderscoresAction: corev3.HttpProtocolOptions_DROP_HEADER, // clients send file_offset with uploads in sessions
	}
	m.HttpProtocolOptions = &corev3.Http1ProtocolOptions{
		AllowAbsoluteUrl:   wrapperspb.Bool(false),
		AllowChunkedLength: false, // a length beside chunked is refused
		EnableTrailers:     false,
	}
	m.Http2ProtocolOptions = &corev3.Http2ProtocolOptions{
		MaxConcurrentStreams:                        wrapperspb.UInt32(maxStreams),
		InitialStreamWindowSize:                     wrapperspb.UInt32(streamWindow),
		InitialConnectionWindowSize:                 wrapperspb.UInt32(wholeWindow),
		MaxConsecutiveInboundFramesWithEmptyPayload: wrapperspb.UInt32(1),
	}
}

// clientCertificates tells the gateway who connected, and nobody else may.
func (b *builder) clientCertificates(m *hcmv3.HttpConnectionManager, l *Listener) {
	m.ForwardClientCertDetails = hcmv3.HttpConnectionManager_SANITIZE
	if l.Clients != "" {
		m.ForwardClientCertDetails = hcmv3.HttpConnectionManager_SANITIZE_SET
		m.SetCurrentClientCertDetails = &hcmv3.HttpConnectionManager_SetCurrentClientCertDetails{Uri: true, Dns: true}
	}
}

func (b *builder) routed(m *hcmv3.HttpConnectionManager, name string) {
	if b.inline {
		m.RouteSpecifier = &hcmv3.HttpConnectionManager_RouteConfig{RouteConfig: b.routeConfig(name)}
		return
	}
	m.RouteSpecifier = &hcmv3.HttpConnectionManager_Rds{Rds: &hcmv3.Rds{RouteConfigName: name, ConfigSource: ads()}}
}

// ads is where an Envoy gets what it is given by name.
func ads() *corev3.ConfigSource {
	return &corev3.ConfigSource{
		ResourceApiVersion:    corev3.ApiVersion_V3,
		ConfigSourceSpecifier: &corev3.ConfigSource_Ads{Ads: &corev3.AggregatedConfigSource{}},
	}
}
