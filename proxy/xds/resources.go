package xds

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"

	clusterv3 "github.com/envoyproxy/go-control-plane/envoy/config/cluster/v3"
	listenerv3 "github.com/envoyproxy/go-control-plane/envoy/config/listener/v3"
	routev3 "github.com/envoyproxy/go-control-plane/envoy/config/route/v3"
	"github.com/envoyproxy/go-control-plane/pkg/cache/types"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Resources are what an Envoy runs by, certificates excepted.
type Resources struct {
	config    Config
	listeners []*listenerv3.Listener
	routes    []*routev3.RouteConfiguration
	clusters  []*clusterv3.Cluster
}

// MarshalJSON gives the resources in Envoy's own JSON, by kind, keys in order.
func (r *Resources) MarshalJSON() ([]byte, error) {
	out := map[string][]json.RawMessage{}
	for kind, list := range map[string][]types.Resource{
		"listeners": each(r.listeners), "route_configs": each(r.routes), "clusters": each(r.clusters),
	} {
		for _, one := range list {
			raw, err := render(one)
			if err != nil {
				return nil, err
			}
			out[kind] = append(out[kind], raw)
		}
	}
	return json.Marshal(out)
}

// render writes a message in Envoy's JSON. protojson varies its spaces, so what
// comes out is read and written again.
func render(m proto.Message) (json.RawMessage, error) {
	raw, err := protojson.MarshalOptions{UseProtoNames: true}.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("write Envoy's configuration: %w", err)
	}
	var tree any
	if err := json.Unmarshal(raw, &tree); err != nil {
		return nil, fmt.Errorf("write Envoy's configuration: %w", err)
	}
	return json.Marshal(tree)
}

func each[T types.Resource](list []T) []types.Resource {
	var out []types.Resource
	for _, one := range list {
		out = append(out, one)
	}
	return out
}

// version is by content, so that equal resources have one version.
func version(list []types.Resource) (string, error) {
	h := sha256.New()
	for _, one := range list {
		raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(one)
		if err != nil {
			return "", fmt.Errorf("encode Envoy's configuration: %w", err)
		}
		fmt.Fprintf(h, "%d ", len(raw)) //nolint:errcheck // hash.Hash never returns an error
		h.Write(raw)                    //nolint:errcheck // as above
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
