package envoy

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.yaml.in/yaml/v3"

	"postern/cmd/internal/envoytest"
	"postern/crypto/certs"
	"postern/proxy/xds"
	"postern/proxy/xds/check"
	"postern/proxy/xds/check/checktest"
)

// certificates gives the file names that the check's samples and fixes hold
// files that are there: Envoy opens them when it validates.
func certificates(t *testing.T) func(config []byte) []byte {
	t.Helper()
	folder := t.TempDir()
	now := time.Now()
	authority, err := certs.NewAuthority("check", now, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	cert, key, err := authority.Issue(now, time.Hour, "127.0.0.1")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{
		"/etc/ssl/certs/ca-certificates.crt": authority.CertPEM(), "/etc/envoy/postern-ca.pem": authority.CertPEM(),
		"/etc/envoy/client.pem": cert, "/etc/envoy/client-key.pem": key, "/etc/envoy/app.pem": cert, "/etc/envoy/app-key.pem": key,
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, filepath.Base(name)), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return func(config []byte) []byte {
		for name := range files {
			config = bytes.ReplaceAll(config, []byte(name), []byte(filepath.Join(folder, filepath.Base(name))))
		}
		return config
	}
}

// TestEnvoyTakesWhatTheCheckIsTestedWith: the faults that the check finds are
// those of configurations that an Envoy would run, and so are its fixes.
func TestEnvoyTakesWhatTheCheckIsTestedWith(t *testing.T) {
	cases, err := checktest.Cases()
	if err != nil {
		t.Fatal(err)
	}
	all := samples{real: certificates(t), clean: opened(t, checktest.Clean())}
	for _, c := range cases {
		if c.Partial {
			continue
		}
		all.add(t, c.Name, c.Config)
		if mended := mend(t, c); mended != nil {
			all.add(t, c.Name+", mended", mended)
		}
	}
	if len(all.listeners) < 50 {
		t.Errorf("only %d samples differ in their listener alone", len(all.listeners))
	}
	all.clean["static_resources"].(map[string]any)["listeners"] = all.listeners
	all.validate(t, "all listeners", all.clean)
}

// samples are configurations for Envoy to judge. Those that differ from the
// clean one in the listener alone go into one.
type samples struct {
	real      func([]byte) []byte
	clean     map[string]any
	listeners []any
}

func (s *samples) add(t *testing.T, name string, config []byte) {
	t.Helper()
	tree := opened(t, config)
	resources, _ := tree["static_resources"].(map[string]any)
	list, _ := resources["listeners"].([]any)
	if len(list) != 1 || !reflect.DeepEqual(tree["admin"], s.clean["admin"]) || !reflect.DeepEqual(resources["clusters"], s.clean["static_resources"].(map[string]any)["clusters"]) {
		s.validate(t, name, tree)
		return
	}
	listener := list[0].(map[string]any)
	listener["name"] = name
	listener["address"].(map[string]any)["socket_address"].(map[string]any)["port_value"] = 10000 + len(s.listeners)
	s.listeners = append(s.listeners, listener)
}

func (s *samples) validate(t *testing.T, name string, tree map[string]any) {
	t.Helper()
	raw, err := yaml.Marshal(tree)
	if err == nil {
		err = envoytest.Validate(t, s.real(raw))
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
}

func opened(t *testing.T, config []byte) (tree map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal(config, &tree); err != nil {
		t.Fatal(err)
	}
	return tree
}

// mend merges the fix of the case's finding, nil if words alone mend it.
func mend(t *testing.T, c checktest.Case) []byte {
	t.Helper()
	found, err := check.Config(c.Config)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range found {
		if f.Rule == c.Rule && f.Path == c.Path && f.Fix != "" {
			mended, err := checktest.Merge(c.Config, f.Path, f.Fix)
			if err != nil {
				t.Fatal(err)
			}
			return mended
		}
	}
	return nil
}

// TestOwnConfigurationIsClean: what Postern gives an Envoy keeps its promises,
// as printed, and as a running Envoy tells it.
func TestOwnConfigurationIsClean(t *testing.T) {
	config, secrets := everything(pem(t, "gateway.example.org"))
	begin := xds.Start{Node: "edge-1", Admin: "127.0.0.1:9901", HeapBytes: 1 << 30, Connections: 1000, Server: "unix:/run/postern/xds.sock"}
	static, err := xds.Static(config, begin, secrets)
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := xds.Snapshot(config)
	if err != nil {
		t.Fatal(err)
	}
	printed, err := snapshot.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, raw := range map[string][]byte{"static": static, "printed": printed} {
		keepsPromises(t, name, raw)
	}
}

// TestRunningEnvoyIsChecked by its own account of what it runs by.
func TestRunningEnvoyIsChecked(t *testing.T) {
	real := certificates(t)
	keepsPromises(t, "clean", envoytest.Start(t, real(port0(checktest.Clean()))).ConfigDump(t))
	const gate = "static_resources.listeners[0].filter_chains[0].filters[0].typed_config.http_filters[1].typed_config"
	config, err := checktest.Merge(checktest.Clean(), gate, "failure_mode_allow: true")
	if err != nil {
		t.Fatal(err)
	}
	found, err := check.Config(envoytest.Start(t, real(port0(config))).ConfigDump(t))
	if err != nil || len(found) == 0 || found[0].Rule != "failure.allow" {
		t.Fatalf("%+v, %v", found, err)
	}
	if path := found[0].Path; !strings.HasPrefix(path, "configs[") || !strings.Contains(path, "].static_listeners[0].listener.filter_chains[0].") {
		t.Errorf("at %s", path)
	}
}

// TestConfiguredEnvoyIsChecked: what came by ADS and SDS is in the account of a
// running Envoy, certificates and all.
func TestConfiguredEnvoyIsChecked(t *testing.T) {
	for _, delta := range []bool{true, false} {
		p := newPlane(t, delta, func(c *xds.Config) {
			c.Upstream.URL, c.BodyBytes, c.AnswerBytes = "https://graph.facebook.com", 1<<20, 4<<20
		})
		p.ask(p.client(true)) // it has everything
		found, err := check.Config(p.ConfigDump(t))
		if err != nil || len(found) > 0 {
			t.Errorf("by deltas %v: found %+v, %v", delta, found, err)
		}
	}
}

// port0 lets the machine choose the listener's port.
func port0(config []byte) []byte {
	return bytes.ReplaceAll(config, []byte("port_value: 8080"), []byte("port_value: 0"))
}

// keepsPromises wants nothing found but notes.
func keepsPromises(t *testing.T, name string, raw []byte) {
	t.Helper()
	found, err := check.Config(raw)
	if err != nil {
		t.Errorf("%s: %v", name, err)
	}
	for _, f := range found {
		if f.Severity != check.Note {
			t.Errorf("%s: %s at %s: %s", name, f.Rule, f.Path, f.Says)
		}
	}
}
