package xds_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"

	"postern/proxy/xds"
	"postern/proxy/xds/check"
)

// shape is a configuration as Envoy reads it, with what it was made from.
type shape struct {
	config xds.Config
	raw    []byte
	tree   any
}

// shapes are by name: each by ADS and as one file. plain has none of what is
// optional but what weakens it.
func shapes(t *testing.T) map[string]shape {
	t.Helper()
	plain := whole()
	plain.Upstream.Pins, plain.Upstream.TLS12, plain.Sidecar.Pass, plain.Webhook.Clients, plain.App.TrustedHops = nil, true, false, xds.ClientsOptional, 0
	out := map[string]shape{}
	for name, c := range map[string]xds.Config{"front": front(), "whole": whole(), "plain": plain} {
		r, err := xds.Snapshot(c)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := json.Marshal(r)
		out[name+" by ADS"] = shaped(t, c, raw, err)
		raw, err = xds.Static(c, start(), files("/etc/envoy"))
		out[name+" as a file"] = shaped(t, c, raw, err)
	}
	return out
}

func shaped(t *testing.T, c xds.Config, raw []byte, err error) shape {
	t.Helper()
	s := shape{config: c, raw: raw}
	if err == nil {
		err = json.Unmarshal(raw, &s.tree)
	}
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// each shows all objects below tree.
func each(tree any, see func(object map[string]any)) {
	switch v := tree.(type) {
	case map[string]any:
		see(v)
		for _, key := range slices.Sorted(maps.Keys(v)) {
			each(v[key], see)
		}
	case []any:
		for _, item := range v {
			each(item, see)
		}
	}
}

// typed are the objects of one of Envoy's types.
func typed(tree any, name string) (out []map[string]any) {
	each(tree, func(object map[string]any) {
		if kind, ok := object["@type"].(string); ok && strings.HasSuffix(kind, "."+name) {
			out = append(out, object)
		}
	})
	return out
}

// in is what lies at a path of keys, nil for nothing.
func in(tree any, path ...string) any {
	for _, key := range path {
		object, _ := tree.(map[string]any)
		tree = object[key]
	}
	return tree
}

// lacks is the first path at which got is not as wanted, "" for none: keys that
// are not in want do not matter, and null stands for a key that is not there.
func lacks(got, want any, path string) string {
	object, ok := want.(map[string]any)
	if !ok || len(object) == 0 { // one without keys has to be there
		if _, there := got.(map[string]any); reflect.DeepEqual(got, want) || ok && there {
			return ""
		}
		return path
	}
	for _, key := range slices.Sorted(maps.Keys(object)) {
		if at := lacks(in(got, key), object[key], path+"."+key); at != "" {
			return at
		}
	}
	return ""
}

func wanted(t *testing.T, text string) (tree any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(text), &tree); err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(tree) // numbers as JSON has them
	if err == nil {
		err = json.Unmarshal(raw, &tree)
	}
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// promises are what each object of a type holds, whatever is configured.
var promises = []struct{ says, kind, holds string }{
	{"nothing passes that the gateway did not judge whole", "ExternalProcessor", `
failure_mode_allow: null
status_on_error: {code: ServiceUnavailable}
observability_mode: null
disable_immediate_response: null
allow_mode_override: null
grpc_service: {envoy_grpc: {cluster_name: postern_ext_proc}, retry_policy: null}
message_timeout: 5s
max_message_timeout: 600s
processing_mode:
  {request_header_mode: SEND, request_body_mode: BUFFERED, request_trailer_mode: SEND, response_header_mode: SEND, response_body_mode: BUFFERED}
mutation_rules: {allow_all_routing: true, allow_envoy: true, disallow_is_error: true}
request_attributes: [source.address, connection.dns_san_peer_certificate, connection.uri_san_peer_certificate]
response_attributes: [response.code_details]`},
	{"what the gateway judges is what came", "HttpConnectionManager", `
normalize_path: false
merge_slashes: null
path_with_escaped_slashes_action: KEEP_UNCHANGED
common_http_protocol_options: {headers_with_underscores_action: DROP_HEADER}
http_protocol_options: {allow_absolute_url: false, allow_chunked_length: null, enable_trailers: null, accept_http_10: null}
upgrade_configs: null`},
	{"nothing is believed that a caller says of itself", "HttpConnectionManager", `
use_remote_address: true
internal_address_config: {}
generate_request_id: true
preserve_external_request_id: null`},
	{"nobody holds a connection for ever or fills Envoy with it", "HttpConnectionManager", `
max_request_headers_kb: 32
request_headers_timeout: 10s
request_timeout: 600s
stream_idle_timeout: 640s
common_http_protocol_options: {max_headers_count: 100, idle_timeout: 120s}
http2_protocol_options: {max_concurrent_streams: 250, initial_stream_window_size: 65536, initial_connection_window_size: 1048576, max_consecutive_inbound_frames_with_empty_payload: 1}`},
	{"nobody is told what runs here", "Router", `suppress_envoy_headers: true`},
	{"nobody is told what runs here", "HttpConnectionManager", `server_header_transformation: PASS_THROUGH`},
}

func TestPromisesHold(t *testing.T) {
	for name, s := range shapes(t) {
		for _, p := range promises {
			all := typed(s.tree, p.kind)
			if len(all) == 0 {
				t.Errorf("%s: there is no %s", name, p.kind)
			}
			for _, object := range all {
				if at := lacks(object, wanted(t, p.holds), p.kind); at != "" {
					t.Errorf("%s: %s: not so with %s", name, p.says, at)
				}
			}
		}
	}
}

// repeats are settings by which a send happens twice, is seen by somebody else or
// becomes what nobody judges.
var repeats = []string{
	"retry_policy", "retry_policy_typed_config", "hedge_policy", "request_mirror_policies", "internal_redirect_policy", "upgrade_configs",
	"redirect", "direct_response", "cluster_header", "weighted_clusters", "most_specific_header_mutations_wins", "request_headers_to_add",
}

func TestASendGoesUpOnce(t *testing.T) {
	for name, s := range shapes(t) {
		each(s.tree, func(object map[string]any) {
			for _, key := range repeats {
				if object[key] != nil {
					t.Errorf("%s: there is %s", name, key)
				}
			}
			if kind, _ := object["@type"].(string); strings.Contains(kind, ".tap.") {
				t.Errorf("%s: there is a tap", name)
			}
		})
	}
}

// TestOwnCheckAgrees: "postern envoy check" has nothing to say but what has to be
// known of what was asked for.
func TestOwnCheckAgrees(t *testing.T) {
	known := map[string][]string{
		"front by ADS": {"upstream.not-seen"}, "plain by ADS": {"upstream.not-seen"},
		"whole by ADS": {"upstream.not-seen", "edge.hops", "round.names"}, "whole as a file": {"edge.hops", "round.names"},
	}
	for name, s := range shapes(t) {
		found, err := check.Config(s.raw)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var rules []string
		for _, f := range found {
			rules = append(rules, f.Rule)
		}
		if !slices.Equal(rules, known[name]) {
			t.Errorf("%s: found %q", name, rules)
		}
	}
}
