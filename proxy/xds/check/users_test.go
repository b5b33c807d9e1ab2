package check

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/proxy/xds/check/checktest"
)

// TestConfigurationsAsPeopleHaveThem: each file of testdata is written as its kind
// usually is, faults included, and has beside it what is to be found, line by line
// judged by hand: a front proxy with ext_authz, Istio's bootstrap and dump, Envoy
// Gateway's dump, Contour's, several processors.
func TestConfigurationsAsPeopleHaveThem(t *testing.T) {
	files, err := filepath.Glob("testdata/*[nl]") // json, yaml
	if err != nil || len(files) < 5 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, f := range found(t, raw) {
			fmt.Fprintf(&b, "%s %s %s\n", f.Severity, f.Rule, f.Path)
		}
		golden := strings.TrimSuffix(file, filepath.Ext(file)) + ".txt"
		if *update {
			if err := os.WriteFile(golden, []byte(b.String()), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if want, err := os.ReadFile(golden); err != nil || string(want) != b.String() {
			t.Errorf("%s: found\n%swant\n%s%v", file, b.String(), want, err)
		}
	}
}

// TestWaysToTheGate: routes may turn on a filter that is off, as Envoy Gateway has
// it, and a simulator is told by its address.
func TestWaysToTheGate(t *testing.T) {
	raw, err := os.ReadFile("testdata/gateway_api.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const silent = "          route: {cluster: httproute/default/wa/rule/0, host_rewrite_literal: graph.facebook.com}\n"
	on := strings.Replace(string(raw), silent, silent+`          typed_per_filter_config:
            envoy.filters.http.ext_proc/envoyextensionpolicy/default/postern/extproc/0:
              '@type': type.googleapis.com/envoy.config.route.v3.FilterConfig
              config: {}
`, 1)
	if rules(t, on)["gate.disabled"] || !rules(t, string(raw))["gate.disabled"] {
		t.Error("whether all routes turn the filter on makes no difference")
	}
	raw, err = os.ReadFile("testdata/several.yaml")
	if err != nil {
		t.Fatal(err)
	}
	simulated := strings.ReplaceAll(string(raw), "graph.facebook.com", "localhost")
	if !rules(t, simulated)["reach.none"] || rules(t, simulated, "localhost:443")["reach.none"] {
		t.Error("a simulator is not known by its address")
	}
	other := strings.Replace(simulated, "address: 10.0.0.9, port_value: 443", "address: localhost, port_value: 444", 1)
	if rules(t, other, "localhost:443")["upstream.plain"] || !rules(t, other, "localhost")["upstream.plain"] {
		t.Error("another service of the machine is taken for the simulator")
	}
}

// TestAnAddressHasNoName: a certificate that is compared with an address needs no
// name in the handshake, one that is compared with a name does.
func TestAnAddressHasNoName(t *testing.T) {
	named := strings.Replace(string(checktest.Clean()), "        sni: graph.facebook.com\n", "", 1)
	if !rules(t, named)["upstream.sni"] {
		t.Error("nothing is said of a name that is missing")
	}
	addressed := strings.NewReplacer("san_type: DNS, matcher: {exact: graph.facebook.com}", "san_type: IP_ADDRESS, matcher: {exact: 127.0.0.1}",
		"address: graph.facebook.com, port_value: 443", "address: 127.0.0.1, port_value: 443").Replace(named)
	if found := rules(t, addressed, "127.0.0.1:443"); len(found) > 0 {
		t.Errorf("found %v", found)
	}
}

func rules(t *testing.T, config string, hosts ...string) map[string]bool {
	t.Helper()
	all, err := Config([]byte(config), hosts...)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for _, f := range all {
		out[f.Rule] = true
	}
	return out
}

func TestObjectsOfKubernetesAreRefused(t *testing.T) {
	_, err := Config([]byte("apiVersion: gateway.envoyproxy.io/v1alpha1\nkind: EnvoyPatchPolicy\nspec: {}\n"))
	if err == nil || !strings.Contains(err.Error(), "/config_dump") {
		t.Errorf("%v", err)
	}
}
