package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"postern/proxy/xds/check/checktest"
)

// TestWhatIsNotUnderstoodIsAnError: and the error repeats no value.
func TestWhatIsNotUnderstoodIsAnError(t *testing.T) {
	const secret = "hidden-value"
	deep := strings.Repeat("[", 300) + strings.Repeat("]", 300)
	for _, c := range []struct{ name, raw, want string }{
		{"nothing", "", "no mapping"},
		{"a list", "[]", "no mapping"},
		{"the gateway's own", "version: 1\nlisteners: {app: {address: x}}\nupstream: {}\n", "this is the gateway's own; give the file that Envoy starts with"},
		{"a text", secret, "no mapping"},
		{"broken", "static_resources:\n  - {" + secret, "neither JSON nor YAML, see line"},
		{"a key twice", `{"admin": {}, "admin": {}}`, "neither JSON nor YAML"},
		{"unknown key", "static_resource: {}", `as Bootstrap: unknown field "static_resource"`},
		{"unknown key of a type", "static_resources: {listeners: [{filter_chains: [{filters: [{name: a, typed_config: {'@type': type.googleapis.com/envoy.extensions.filters.network.tcp_proxy.v3.TcpProxy, clusters: a}}]}]}]}",
			`static_resources.listeners[0].filter_chains[0].filters[0].typed_config: unknown field "clusters"`},
		{"unknown key in a dump", `{"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.ClustersConfigDump", "clusters": []}]}`, `configs[0]: unknown field "clusters"`},
		{"unknown key in a kind", "listeners: [{title: a}]", `listeners[0]: unknown field "title"`},
		{"a kind that is no list", "listeners: {}", "listeners is no list"},
		{"another kind of value", "admin: {address: {socket_address: {port_value: " + secret + "}}}", "as Bootstrap: invalid value for uint32"},
		{"no number", "admin: {ignore_global_conn_limit: .nan}", "JSON does not have"},
		{"a number as key", "admin: {1: a}", "quote it"},
		{"deep", "admin: " + deep, "too deeply"},
		{"deep in what is not known", "admin: {'@type': a/b.C, value: " + deep + "}", "too deeply"},
	} {
		_, err := Config([]byte(c.raw))
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if _, err := Config(make([]byte, maxBytes+1)); err == nil || !strings.Contains(err.Error(), "32 MiB") {
		t.Errorf("too large: %v", err)
	}
}

// TestTypedStructIsTheTypeItStandsFor: control planes send filters so.
func TestTypedStructIsTheTypeItStandsFor(t *testing.T) {
	const gate = "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1]"
	config, err := checktest.Merge(checktest.Clean(), gate, `
typed_config:
  "@type": type.googleapis.com/xds.type.v3.TypedStruct
  type_url: type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor
  value: {grpc_service: {envoy_grpc: {cluster_name: postern_ext_proc}}, failure_mode_allow: true}
`)
	if err != nil {
		t.Fatal(err)
	}
	if all := found(t, config); !slices.ContainsFunc(all, func(f Finding) bool { return f.Rule == "failure.allow" && f.Path == gate+".typed_config" }) {
		t.Errorf("%+v", all)
	}
}

// TestHostsOfTheUserLeadToMeta, too: another provider's, or a test's.
func TestHostsOfTheUserLeadToMeta(t *testing.T) {
	config := []byte(strings.ReplaceAll(string(checktest.Clean()), "graph.facebook.com", "eu.api.example.org"))
	for _, c := range []struct {
		hosts []string
		none  bool
	}{{nil, true}, {[]string{"other.example.org"}, true}, {[]string{"EU.api.example.org."}, false}, {[]string{"*.example.org"}, false}} {
		all, err := Config(config, c.hosts...)
		if none := len(all) == 1 && all[0].Rule == "reach.none"; err != nil || none != c.none || !none && len(all) > 0 {
			t.Errorf("%v: %+v, %v", c.hosts, all, err)
		}
	}
}

// TestFindingsComeInOrder of severity, then of place, each once.
func TestFindingsComeInOrder(t *testing.T) {
	config := checktest.Clean()
	for i := range 12 {
		var err error
		config, err = checktest.Merge(config, "static_resources", fmt.Sprintf(`
clusters: [{name: c%d, load_assignment: {cluster_name: c, endpoints: [{lb_endpoints: [{endpoint: {hostname: graph.facebook.com}}]}]}}]
`, i))
		if err != nil {
			t.Fatal(err)
		}
	}
	all := found(t, config)
	if len(all) != 12 {
		t.Fatalf("%d findings", len(all))
	}
	for i, f := range all {
		if want := fmt.Sprintf("static_resources.clusters[%d]", i); f.Rule != "upstream.plain" || f.Path != want {
			t.Errorf("%s at %s, want %s", f.Rule, f.Path, want)
		}
	}
}

func TestOperatorsOfFormats(t *testing.T) {
	const text = "50% 100%% %START_TIME(%H:%M(%s))% %REQ(:PATH):20%%PROTOCOL% %CEL(size(request.path))% %RESPONSE_CODE% %REQ(:PATH"
	want := [][2]string{{"START_TIME", "%H:%M(%s)"}, {"REQ", ":PATH"}, {"PROTOCOL", ""}, {"CEL", "size(request.path)"}, {"RESPONSE_CODE", ""}, {"REQ", ":PATH"}}
	if got := operatorsOf(text); !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

// FuzzConfig: any input is an error or findings, and never a panic.
func FuzzConfig(f *testing.F) {
	f.Add(checktest.Clean())
	for _, c := range cases(f)[:5] {
		f.Add(c.Config)
	}
	f.Add([]byte(`{"configs": [{"@type": "type.googleapis.com/envoy.admin.v3.RoutesConfigDump"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		all, err := Config(raw)
		if err != nil {
			return
		}
		for _, found := range all {
			if ruled(found.Rule).severity != found.Severity {
				t.Errorf("no rule: %+v", found)
			}
		}
	})
}
