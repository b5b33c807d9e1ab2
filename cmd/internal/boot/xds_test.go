package boot_test

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/boot"
)

// withXDS is the example with all of its section about Envoy but the comments
// within.
func withXDS(change ...string) func(string) string { return writtenTo("\n\n", change...) }

// far are changes to a gateway that Envoys reach over TCP.
var far = []string{
	"listen: unix:/run/postern/xds", strings.Replace(overTCP, ":9443", ":9444", 1), "listen: unix", overTCP, "socket_mode", "#", "socket_group", "#",
	"    nodes", "    reach: {name: gateway.example.org, cert: /e/c.pem, key: /e/k.pem, ca: /e/ca.pem}\n    nodes",
}

func TestXDSOfTheExample(t *testing.T) {
	path := folder(t, withXDS("    nodes", "    sidecar: {address: \"127.0.0.1:15001\", cert: certs/s.pem, key: certs/k.pem}\n    nodes"))
	c, err := boot.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	x := c.Envoy.XDS
	if socket, unix := x.Socket(); !unix || socket != "/run/postern/xds.sock" || x.Mode != 0o660 || !slices.Equal(x.Nodes, []string{"edge-1"}) || x.App != "0.0.0.0:443" || x.Webhook != "" {
		t.Errorf("%+v", x)
	}
	if x.Sidecar.Others != "refuse" || len(x.Sidecar.Names) != 3 || x.Sidecar.TLS.Cert != filepath.Join(filepath.Dir(path), "certs/s.pem") {
		t.Errorf("%+v", x.Sidecar)
	}
	if c, err = boot.Load(folder(t, withXDS(far...))); err != nil || c.Envoy.XDS.Reach.Cert != "/e/c.pem" {
		t.Errorf("over TCP: %v", err)
	}
}

// TestXDSProblems: nobody but Envoys is told keys, and they are told all they
// need.
func TestXDSProblems(t *testing.T) {
	for name, tc := range map[string]struct {
		change []string
		what   string
	}{
		"no processor":         {[]string{"  ext_proc:\n", "  unknown:\n"}, "configures Envoys that nobody answers"},
		"no nodes":             {[]string{"nodes:", "# nodes:"}, "envoy.xds.nodes is missing"},
		"a node of blanks":     {[]string{"[edge-1]", `["edge 1"]`}, "is no id of a node"},
		"no listener":          {[]string{"    app:", "    # app:"}, "has Envoys listen nowhere"},
		"an address":           {[]string{"0.0.0.0:443", "everywhere"}, "envoy.xds.app is not host:port"},
		"TCP, and no way back": {far[:len(far)-2], "does not say how Envoys and the gateway know each other"},
		"a bare sidecar":       {[]string{"    nodes", "    sidecar: {address: \"127.0.0.1:15001\"}\n    nodes"}, "envoy.xds.sidecar has no certificate"},
		"others":               {[]string{"    nodes", "    sidecar: {address: \"127.0.0.1:15001\", cert: a, key: b, others: log}\n    nodes"}, "is neither pass nor refuse"},
		"a name":               {[]string{"    nodes", "    sidecar: {address: \"127.0.0.1:15001\", cert: a, key: b, names: [\"*.example\"]}\n    nodes"}, "is no host name"},
		"the gateway's port":   {[]string{"0.0.0.0:443", "0.0.0.0:8443"}, "envoy.xds.app is where listeners.app listens on the same machine"},
		"one socket for two":   {[]string{"xds.sock", "ext_proc.sock"}, "envoy.xds.listen is where envoy.ext_proc.listen is; give one of the two another place"},
		"one address for two":  {append([]string{far[0], strings.Replace(overTCP, "127.0.0.1", "0.0.0.0", 1)}, far[2:]...), "envoy.xds.listen is where envoy.ext_proc.listen is"},
		"an address of apps":   {append([]string{far[0], strings.Replace(overTCP, "9443", "8443", 1)}, far[2:]...), "envoy.xds.listen is where listeners.app is"},
		"one port for two":     {[]string{"    nodes:", "    webhook: 127.0.0.1:443\n    nodes:"}, "envoy.xds.webhook is where envoy.xds.app listens"},
		"an unknown key":       {[]string{"nodes:", "node:"}, "envoy.xds.node is not a known key"},
	} {
		_, err := boot.Load(folder(t, withXDS(tc.change...)))
		if err == nil || !strings.Contains(err.Error(), tc.what) {
			t.Errorf("%s: %v", name, err)
		}
	}
	_, err := boot.Load(folder(t, func(text string) string {
		return strings.Replace(withXDS()(text), "    # client_ca: certs/app", "    client_ca: certs/app", 1)
	}))
	if err == nil || !strings.Contains(err.Error(), "would keep Envoys out") {
		t.Errorf("certificates of apps: %v", err)
	}
}
