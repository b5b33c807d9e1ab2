package xds

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	bootstrapv3 "github.com/envoyproxy/go-control-plane/envoy/config/bootstrap/v3"
	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	corev3 "github.com/envoyproxy/go-control-plane/envoy/config/core/v3"
	overloadv3 "github.com/envoyproxy/go-control-plane/envoy/config/overload/v3"
	connectionsv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/resource_monitors/downstream_connections/v3"
	heapv3 "github.com/envoyproxy/go-control-plane/envoy/extensions/resource_monitors/fixed_heap/v3"
	"go.yaml.in/yaml/v3"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

// clusterXDS is where an Envoy gets what it runs by.
const clusterXDS = "postern_xds"

// Start is what an Envoy is told on its command line, so to speak: all the rest
// it gets from the gateway.
type Start struct {
	Node        string // its id, one the gateway knows
	Admin       string // its own interface: loopback or unix:/path
	HeapBytes   uint64 // it stops taking requests near to
	Connections int    // of clients, at most

	Server string // the gateway's address for ADS
	Name   string // in the certificate shown there
	TLS    Files  // Envoy's own; needed where Server is host:port
	Delta  bool   // changes alone are sent
}

func (s Start) check() error {
	switch {
	case s.Node == "":
		return errors.New("the node has no id")
	case !private(s.Admin):
		return errors.New("the admin interface can stop Envoy and read its memory: write a loopback address with its port, or unix:/path")
	case s.HeapBytes == 0 || s.Connections <= 0:
		return errors.New("a limit of memory or connections is missing")
	}
	return nil
}

// private reports an address that other machines do not reach.
func private(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if isUnix(address) || err != nil {
		return isUnix(address)
	}
	addr, err := netip.ParseAddr(host)
	return err == nil && addr.IsLoopback()
}

// Bootstrap is what an Envoy starts with, in its own JSON. It holds no secret.
func Bootstrap(s Start) (json.RawMessage, error) {
	if err := s.check(); err != nil {
		return nil, fmt.Errorf("configure Envoy's start: %w", err)
	}
	if !isUnix(s.Server) && !s.TLS.Whole() {
		return nil, errors.New("configure Envoy's start: keys go this way, so it has to be guarded: name Envoy's certificate, its key and the roots it trusts, or listen on a unix socket")
	}
	b := &builder{}
	m := b.start(s)
	kind := corev3.ApiConfigSource_GRPC
	if s.Delta {
		kind = corev3.ApiConfigSource_DELTA_GRPC
	}
	m.DynamicResources = &bootstrapv3.Bootstrap_DynamicResources{
		LdsConfig: ads(), CdsConfig: ads(),
		AdsConfig: &corev3.ApiConfigSource{ApiType: kind, TransportApiVersion: corev3.ApiVersion_V3, SetNodeOnFirstMessageOnly: true, GrpcServices: []*corev3.GrpcService{{
			TargetSpecifier: &corev3.GrpcService_EnvoyGrpc_{EnvoyGrpc: &corev3.GrpcService_EnvoyGrpc{ClusterName: clusterXDS}},
		}}},
	}
	m.StaticResources = &bootstrapv3.Bootstrap_StaticResources{Clusters: []*clusterv3.Cluster{b.server(s)}}
	if b.err != nil {
		return nil, fmt.Errorf("configure Envoy's start: %w", b.err)
	}
	return render(m)
}

// Static is a whole configuration for an Envoy that asks nobody for its own:
// the snapshot with its certificates from files.
func Static(c Config, s Start, files Secrets) (json.RawMessage, error) {
	if err := errors.Join(c.check(), s.check()); err != nil {
		return nil, fmt.Errorf("configure Envoy: %w", err)
	}
	b := &builder{config: c, inline: true}
	m := b.start(s)
	m.StaticResources = &bootstrapv3.Bootstrap_StaticResources{Listeners: b.listeners(), Clusters: b.clusters(), Secrets: b.secrets(files)}
	if b.err != nil {
		return nil, fmt.Errorf("configure Envoy: %w", b.err)
	}
	return render(m)
}

// start is what both have.
func (b *builder) start(s Start) *bootstrapv3.Bootstrap {
	return &bootstrapv3.Bootstrap{
		Node:            &corev3.Node{Id: s.Node, Cluster: "postern"},
		Admin:           &bootstrapv3.Admin{Address: b.address(s.Admin)},
		OverloadManager: b.overload(s),
		LayeredRuntime: &bootstrapv3.LayeredRuntime{Layers: []*bootstrapv3.RuntimeLayer{
			{Name: "postern", LayerSpecifier: &bootstrapv3.RuntimeLayer_StaticLayer{StaticLayer: &structpb.Struct{}}}, // nothing of Envoy's own guards is switched
		}},
	}
}

func (b *builder) server(s Start) *clusterv3.Cluster {
	b.config.BodyBytes = slack // of a control plane's messages nothing is buffered long
	c := b.cluster(clusterXDS, s.Server, streamsEach)
	c.TypedExtensionProtocolOptions = b.speaks(http2())
	if !isUnix(s.Server) {
		c.TransportSocket = b.socket(mutual(s.TLS, s.Name))
	}
	return c
}

// Shares of the memory limit at which Envoy sheds, most gently first.
const (
	closesIdle   = 0.90
	stopsAccept  = 0.95
	stopsRequest = 0.98
)

const overloadRefresh = 250 * time.Millisecond

// overload sheds before memory or connections run out: what is refused here was
// never judged, so nothing is lost.
func (b *builder) overload(s Start) *overloadv3.OverloadManager {
	const heap = "envoy.resource_monitors.fixed_heap"
	return &overloadv3.OverloadManager{
		RefreshInterval: seconds(overloadRefresh),
		ResourceMonitors: []*overloadv3.ResourceMonitor{
			b.monitor(heap, &heapv3.FixedHeapConfig{MaxHeapSizeBytes: s.HeapBytes}),
			b.monitor("envoy.resource_monitors.global_downstream_max_connections", &connectionsv3.DownstreamConnectionsConfig{MaxActiveDownstreamConnections: int64(s.Connections)}),
		},
		Actions: []*overloadv3.OverloadAction{
			action("envoy.overload_actions.shrink_heap", heap, closesIdle),
			action("envoy.overload_actions.disable_http_keepalive", heap, closesIdle),
			action("envoy.overload_actions.stop_accepting_connections", heap, stopsAccept),
			action("envoy.overload_actions.stop_accepting_requests", heap, stopsRequest),
		},
	}
}

func (b *builder) monitor(name string, m proto.Message) *overloadv3.ResourceMonitor {
	return &overloadv3.ResourceMonitor{Name: name, ConfigType: &overloadv3.ResourceMonitor_TypedConfig{TypedConfig: b.pack(m)}}
}

func action(name, monitor string, at float64) *overloadv3.OverloadAction {
	return &overloadv3.OverloadAction{Name: name, Triggers: []*overloadv3.Trigger{{
		Name: monitor, TriggerOneof: &overloadv3.Trigger_Threshold{Threshold: &overloadv3.ThresholdTrigger{Value: at}},
	}}}
}

// YAML is JSON in the form that people edit, keys in order.
func YAML(raw json.RawMessage) ([]byte, error) {
	var tree any
	if err := yaml.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	out, err := yaml.Marshal(tree)
	if err != nil {
		return nil, fmt.Errorf("write YAML: %w", err)
	}
	return out, nil
}
