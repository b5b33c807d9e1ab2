package xds

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"slices"
	"time"

	discoveryv3 "github.com/envoyproxy/go-control-plane/envoy/service/discovery/v3"
	secretv3 "github.com/envoyproxy/go-control-plane/envoy/service/secret/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"github.com/envoyproxy/go-control-plane/pkg/cache/v3"
	"github.com/envoyproxy/go-control-plane/pkg/resource/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/delta/v3"
	"github.com/envoyproxy/go-control-plane/pkg/server/sotw/v3"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/status"

	"postern/proxy/extproc"
)

// Limits on one Envoy's streams and messages: requests are small, answers are
// not bounded by them.
const (
	maxRequest    = 1 << 20
	streamsEach   = 64
	leastInterval = 5 * time.Second
)

// ServerConfig is whom the server serves.
type ServerConfig struct {
	// Nodes are the ids of Envoys that are known.
	Nodes []string
	// TLS asks for client certificates: private keys go this way. Nil for a unix
	// socket that only Envoy can open.
	TLS *tls.Config
	// Handshake hears why one failed, see extproc.Credentials.
	Handshake func(failure string)
	Observe   Observer
}

// Observer hears what becomes of what is handed out. Node is one of the known
// ids, kind Envoy's name of a type of resources, such as "Listener".
type Observer interface {
	// Rejected: the Envoy goes on with what it had. Words are its own, bounded.
	Rejected(node, kind, words string)
	// Accepted follows Rejected once the Envoy takes what it is given.
	Accepted(node, kind string)
	// Unknown: somebody asked under an id that is not known, and was refused.
	Unknown()
}

// Server hands out resources and secrets by ADS, and secrets by SDS: as deltas
// or whole, as each Envoy asks.
type Server struct {
	cache cache.SnapshotCache
	nodes []string
	grpc  *grpc.Server
}

// NewServer makes a server that has nothing yet; until Push an Envoy waits.
func NewServer(cfg ServerConfig) *Server {
	s := &Server{
		// Requests for a part of the secrets are answered: while its clusters warm an
		// Envoy has not heard of the listeners' yet.
		cache: cache.NewSnapshotCache(false, cache.IDHash{}, nil),
		nodes: slices.Clone(cfg.Nodes),
		grpc: grpc.NewServer(
			grpc.Creds(extproc.Credentials(cfg.TLS, cfg.Handshake)), grpc.MaxRecvMsgSize(maxRequest), grpc.MaxConcurrentStreams(streamsEach), grpc.ConnectionTimeout(patience),
			grpc.KeepaliveParams(keepalive.ServerParameters{Time: keepaliveTime, Timeout: keepaliveWait}),
			grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: leastInterval, PermitWithoutStream: true}),
		),
	}
	t, ctx := newTalks(cfg), context.Background() // streams end with their connections
	both := streams{sotw.NewServer(ctx, s.cache, wholes{t}), delta.NewServer(ctx, s.cache, deltas{t})}
	discoveryv3.RegisterAggregatedDiscoveryServiceServer(s.grpc, both)
	secretv3.RegisterSecretDiscoveryServiceServer(s.grpc, both)
	return s
}

// streams are the services: all types over one stream, or secrets alone.
type streams struct {
	whole sotw.Server
	delta delta.Server
}

// StreamAggregatedResources implements ADS.
func (s streams) StreamAggregatedResources(to discoveryv3.AggregatedDiscoveryService_StreamAggregatedResourcesServer) error {
	return s.whole.StreamHandler(to, resource.AnyType)
}

// DeltaAggregatedResources implements ADS.
func (s streams) DeltaAggregatedResources(to discoveryv3.AggregatedDiscoveryService_DeltaAggregatedResourcesServer) error {
	return s.delta.DeltaStreamHandler(to, resource.AnyType)
}

// StreamSecrets implements SDS.
func (s streams) StreamSecrets(to secretv3.SecretDiscoveryService_StreamSecretsServer) error {
	return s.whole.StreamHandler(to, resource.SecretType)
}

// DeltaSecrets implements SDS.
func (s streams) DeltaSecrets(to secretv3.SecretDiscoveryService_DeltaSecretsServer) error {
	return s.delta.DeltaStreamHandler(to, resource.SecretType)
}

// FetchSecrets implements SDS: nobody polls here.
func (s streams) FetchSecrets(context.Context, *discoveryv3.DiscoveryRequest) (*discoveryv3.DiscoveryResponse, error) {
	return nil, status.Error(codes.Unimplemented, "secrets come by stream")
}

// Push hands out resources with their secrets from now on. Who has them already
// is not told again. After an error everybody keeps what there was.
func (s *Server) Push(ctx context.Context, r *Resources, secrets Secrets) error {
	b := &builder{config: r.config}
	all := map[types.ResponseType][]types.Resource{
		types.Listener: each(r.listeners), types.Route: each(r.routes), types.Cluster: each(r.clusters), types.Secret: each(b.secrets(secrets)),
	}
	if b.err != nil {
		return fmt.Errorf("hand out to Envoy: %w", b.err)
	}
	snapshot := &cache.Snapshot{}
	for kind, list := range all {
		v, err := version(list)
		if err != nil {
			return err
		}
		snapshot.Resources[kind] = cache.NewResources(v, list)
	}
	var errs []error
	for _, node := range s.nodes {
		errs = append(errs, s.cache.SetSnapshot(ctx, node, snapshot))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("hand out to Envoy: %w", err)
	}
	return nil
}

// Serve answers until Stop, which may come before it. It closes the socket.
func (s *Server) Serve(l net.Listener) error {
	if err := s.grpc.Serve(l); err != nil && !errors.Is(err, grpc.ErrServerStopped) {
		return fmt.Errorf("serve Envoy's configuration: %w", err)
	}
	return nil
}

// Stop ends all streams at once: an Envoy goes on with what it has.
func (s *Server) Stop() { s.grpc.Stop() }
