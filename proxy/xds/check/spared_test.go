package check

import (
	"slices"
	"strings"
	"testing"

	"postern/proxy/xds/check/checktest"
)

const (
	itsManager = "static_resources.listeners[0].filter_chains[0].filters[0].typed_config"
	itsGate    = itsManager + ".http_filters[1]"
)

// TestWhatIsRightIsSpared: near each fault is what people may well write.
func TestWhatIsRightIsSpared(t *testing.T) {
	const tap = `{name: tap, typed_config: {"@type": type.googleapis.com/envoy.extensions.filters.http.tap.v3.Tap, common_config: {admin_config: {config_id: a}}}}`
	const admin = "static_resources.clusters[2].load_assignment.endpoints[0].lb_endpoints[0]"
	for name, c := range map[string]struct {
		rule  string
		edits [][2]string
	}{
		"HTTP/1.1 alone, whose bodies Envoy bounds":   {"buffer.missing", [][2]string{{itsManager + ".http_filters[0]", "null"}, {itsManager, "codec_type: HTTP1"}}},
		"a mapper that says more, not something else": {"failure.replaced", [][2]string{{itsManager + ".local_reply_config", "mappers: [{filter: {status_code_filter: {comparison: {op: GE, value: {default_value: 400, runtime_key: a}}}}, headers_to_add: [{header: {key: retry-after, value: '5'}}]}]"}}},
		"a form with the answer in it":                {"failure.replaced", [][2]string{{itsManager + ".local_reply_config", "body_format: {text_format_source: {inline_string: '%LOCAL_REPLY_BODY%'}}"}}},
		"certificates of callers, written by Envoy":   {"edge.certificates", [][2]string{{itsManager, "forward_client_cert_details: SANITIZE_SET"}}},
		"the admin interface for this machine alone":  {"admin.forwarded", [][2]string{{admin, "endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: 9901}}}"}}},
		"another port beside the admin interface":     {"admin.forwarded", [][2]string{{"static_resources.listeners[0]", "address: {socket_address: {address: '::', port_value: 8080}}"}}},
		"another host with the port of admin's":       {"admin.forwarded", [][2]string{{"static_resources.listeners[0]", "address: {socket_address: {address: '::', port_value: 8080}}"}, {admin, "endpoint: {address: {socket_address: {address: 192.0.2.7, port_value: 9901}}}"}}},
		"a tap, which has a rule of its own":          {"gate.followed", [][2]string{{itsManager + ".http_filters[2].typed_config", "upstream_http_filters: [" + tap + ", {name: codec, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.http.upstream_codec.v3.UpstreamCodec}}]"}}},
		"percent signs in a log":                      {"log.reveals", [][2]string{{itsManager + ".access_log[0].typed_config", "log_format: {text_format_source: {inline_string: '%%REQ(:PATH)%% %PROTOCOL%'}}"}}},
		"several others under one name":               {"gate.missing", [][2]string{{itsGate, "null"}, {itsManager + ".route_config.virtual_hosts[0].routes[1].route", "cluster: others"}, {"static_resources", "clusters: [{name: others, lb_policy: CLUSTER_PROVIDED, cluster_type: {name: envoy.clusters.aggregate, typed_config: {'@type': type.googleapis.com/envoy.extensions.clusters.aggregate.v3.ClusterConfig, clusters: [elsewhere, postern_ext_proc]}}}]"}}},
		"nothing to ask about":                        {"gate.missing", [][2]string{{itsGate, "null"}, {itsManager + ".route_config.virtual_hosts[0].routes[1].route", "cluster: elsewhere"}}},
		"Google's client by a socket":                 {"processor.google", [][2]string{{itsGate + ".typed_config.grpc_service", "{envoy_grpc: null, google_grpc: {target_uri: 'unix:/run/p.sock', stat_prefix: postern}}"}}},
		"Google's client with a certificate":          {"processor.google", [][2]string{{itsGate + ".typed_config.grpc_service", "{envoy_grpc: null, google_grpc: {target_uri: 'h:1', stat_prefix: postern, channel_credentials: {ssl_credentials: {private_key: {filename: a}, cert_chain: {filename: b}}}}}"}}},
	} {
		config := checktest.Clean()
		for _, e := range c.edits {
			var err error
			if config, err = checktest.Merge(config, e[0], e[1]); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		if all := found(t, config); slices.ContainsFunc(all, func(f Finding) bool { return f.Rule == c.rule }) {
			t.Errorf("%s: %+v", name, all)
		}
	}
}

// TestAFindingSaysWhichOnce: one place has one finding of a rule, with the name of
// what is meant.
func TestAFindingSaysWhichOnce(t *testing.T) {
	config, err := checktest.Merge(checktest.Clean(), itsGate+".typed_config", "processing_mode: {request_body_mode: STREAMED, request_trailer_mode: SEND, response_header_mode: SKIP, response_body_mode: NONE}")
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, f := range found(t, config) {
		if f.Rule == "body.partial" && !strings.HasSuffix(f.Says, " (STREAMED)") {
			t.Errorf("says %q", f.Says)
		}
		if f.Rule == "answer.unseen" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d findings of one place", n)
	}
	if config, err = checktest.Merge(checktest.Clean(), itsManager+".access_log[0].typed_config", "log_format: {json_format: {to: '%RESP(LOCATION)%'}}"); err != nil {
		t.Fatal(err)
	}
	if all := found(t, config); len(all) != 1 || !strings.HasSuffix(all[0].Says, " (%RESP(LOCATION)%)") {
		t.Errorf("a header in a log: %+v", all)
	}
}
