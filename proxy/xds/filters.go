package xds

import (
	"net/http"
	"time"

	mutationv3 "github.com/envoyproxy/go-control-plane/envoy/config/common/mutation_rules/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	bufferv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/buffer/v3"
	extprocv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/ext_proc/v3"
	routerv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/http/router/v3"
	hcmv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/filters/network/http_connection_manager/v3"
	typev3 "github.com/envoyproxy/go-control-plane/envoy/type/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"
)

// Names of HTTP filters, by which routes switch them off.
const (
	filterBuffer  = "buffer"
	filterExtProc = "ext_proc"
	filterRouter  = "router"
)

const (
	silence = 5 * time.Second  // of the gateway, that Envoy bears
	longest = 10 * time.Minute // that the gateway may ask it to wait in place of that (proxy/extproc)
)

// filters are in the order that a request passes. Without the buffer nothing
// limits a body over HTTP/2; without ext_proc nothing judges it.
func (b *builder) filters(name string) []*hcmv3.HttpFilter {
	return []*hcmv3.HttpFilter{
		b.filter(filterBuffer, &bufferv3.Buffer{MaxRequestBytes: count(int(b.bodyLimit(name) + slack))}),
		b.filter(filterExtProc, b.processor()),
		b.filter(filterRouter, &routerv3.Router{SuppressEnvoyHeaders: true}),
	}
}

func (b *builder) filter(name string, m proto.Message) *hcmv3.HttpFilter {
	return &hcmv3.HttpFilter{Name: name, ConfigType: &hcmv3.HttpFilter_TypedConfig{TypedConfig: b.pack(m)}}
}

func (b *builder) bodyLimit(name string) int64 {
	if name == listenerWebhook {
		return b.config.WebhookBytes
	}
	return b.config.BodyBytes
}

// processor asks the gateway about whole requests and whole answers, waits for
// it, and lets nothing by that it did not judge.
func (b *builder) processor() *extprocv3.ExternalProcessor {
	return &extprocv3.ExternalProcessor{
		GrpcService: &corev3.GrpcService{TargetSpecifier: &corev3.GrpcService_EnvoyGrpc_{
			EnvoyGrpc: &corev3.GrpcService_EnvoyGrpc{ClusterName: clusterProcessor},
		}, Timeout: seconds(0)}, // a stream lasts as long as its request
		FailureModeAllow:  false,
		StatusOnError:     &typev3.HttpStatus{Code: typev3.StatusCode(http.StatusServiceUnavailable)},
		MessageTimeout:    seconds(silence),
		MaxMessageTimeout: seconds(longest),
		ProcessingMode: &extprocv3.ProcessingMode{
			RequestHeaderMode: extprocv3.ProcessingMode_SEND, RequestBodyMode: extprocv3.ProcessingMode_BUFFERED,
			ResponseHeaderMode: extprocv3.ProcessingMode_SEND, ResponseBodyMode: extprocv3.ProcessingMode_BUFFERED,
			RequestTrailerMode: extprocv3.ProcessingMode_SEND, ResponseTrailerMode: extprocv3.ProcessingMode_SKIP,
		},
		MutationRules: &mutationv3.HeaderMutationRules{
			AllowAllRouting: wrapperspb.Bool(true), // method, path and host are the gateway's to write
			AllowEnvoy:      wrapperspb.Bool(true), // and x-envoy headers to take away
			DisallowIsError: wrapperspb.Bool(true), // a change that is not made is no change to go on with
		},
		RequestAttributes:  []string{"source.address", "connection.dns_san_peer_certificate", "connection.uri_san_peer_certificate"},
		ResponseAttributes: []string{"response.code_details"}, // whether an answer is Meta's or Envoy's own
	}
}
