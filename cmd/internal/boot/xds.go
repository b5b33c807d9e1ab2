package boot

import (
	"fmt"
	"regexp"
	"slices"
)

// XDS is what Envoys get their configuration and certificates by, and what is
// in it. The zero value configures none.
type XDS struct {
	EnvoySocket
	Nodes       []string     `json:"nodes"`        // ids of the Envoys that are served
	App         string       `json:"app"`          // where they listen for apps; "" nowhere
	Webhook     string       `json:"webhook"`      // and for webhooks
	TrustedHops int          `json:"trusted_hops"` // proxies before them that write X-Forwarded-For
	Roots       string       `json:"roots"`        // PEM file of roots of Meta's servers; "": the system's
	Sidecar     EnvoySidecar `json:"sidecar"`
	Reach       EnvoyReach   `json:"reach"`
}

// EnvoySidecar is where connections of an app arrive that the machine redirects.
type EnvoySidecar struct {
	Address string      `json:"address"` // "" for no sidecar
	TLS     TLSListener `json:"tls"`     // certificate for Names; nothing else of it is set
	Names   []string    `json:"names"`
	Others  string      `json:"others"` // connections to other names: "pass" or "refuse"
}

// EnvoyReach is how Envoys reach the gateway. Files are on their machines.
type EnvoyReach struct {
	Gateway string `json:"gateway"` // listeners.app
	ExtProc string `json:"ext_proc"`
	XDS     string `json:"xds"`
	Name    string `json:"name"` // in the gateway's certificates for the last two
	Cert    string `json:"cert"` // Envoy's own
	Key     string `json:"key"`
	CA      string `json:"ca"`
}

func (r *reader) xds(s *section) XDS {
	defer s.done()
	if s.node == nil {
		return XDS{}
	}
	x := XDS{
		EnvoySocket: r.envoySocket(s),
		Nodes:       s.texts("nodes", "write a list of ids, as postern envoy bootstrap --node gives them to Envoys"),
		App:         s.text("app", "", "write host:port, or leave it out"),
		Webhook:     s.text("webhook", "", "write host:port, or leave it out"),
		TrustedHops: s.whole("trusted_hops", 0, 0, 16),
		Roots:       s.file("roots", "", "write a PEM file of roots, or leave it out for the system's"),
		Sidecar:     r.sidecar(s.sub("sidecar")),
		Reach:       r.reach(s.sub("reach")),
	}
	return x
}

func (r *reader) sidecar(s *section) EnvoySidecar {
	defer s.done()
	if s.node == nil {
		return EnvoySidecar{}
	}
	out := EnvoySidecar{
		Address: s.required("address", "write host:port, such as 127.0.0.1:15001"),
		TLS: TLSListener{
			Cert: s.file("cert", "", "write the PEM file of a certificate of a private CA for names, and its chain"),
			Key:  s.file("key", "", "write the PEM file of its key"), MinTLS: "1.2",
		},
		Names:  s.texts("names", "write a list of host names"),
		Others: s.text("others", "refuse", "write pass or refuse"),
	}
	if len(out.Names) == 0 {
		out.Names = []string{"graph.facebook.com", "waba.360dialog.io", "waba-v2.360dialog.io"}
	}
	out.TLS.Hosts = out.Names
	return out
}

func (r *reader) reach(s *section) EnvoyReach {
	defer s.done()
	return EnvoyReach{
		Gateway: s.text("gateway", "", "write host:port of listeners.app"),
		ExtProc: s.text("ext_proc", "", "write host:port of envoy.ext_proc.listen"),
		XDS:     s.text("xds", "", "write host:port of envoy.xds.listen"),
		Name:    s.text("name", "", "write the host name in the gateway's certificates"),
		Cert:    s.text("cert", "", "write a path on Envoy's machine"),
		Key:     s.text("key", "", "write a path on Envoy's machine"),
		CA:      s.text("ca", "", "write a path on Envoy's machine"),
	}
}

var nodePattern = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)

func (r *reader) checkXDS(c *Config) {
	const at = "envoy.xds"
	x := c.Envoy.XDS
	if !x.Enabled() {
		return
	}
	r.expect(c.Envoy.ExtProc.Enabled(), at, "configures Envoys that nobody answers", "add envoy.ext_proc")
	r.expect(len(x.Nodes) > 0, at+".nodes", "is missing", "write a list of the ids of your Envoys")
	for i, node := range x.Nodes {
		r.expect(nodePattern.MatchString(node), fmt.Sprintf("%s.nodes[%d]", at, i), "is no id of a node", "use letters, digits and . _ -, at most 64")
	}
	r.expect(x.App != "" || x.Webhook != "" || x.Sidecar.Address != "", at, "has Envoys listen nowhere", "write app, webhook or sidecar")
	for _, e := range []struct{ key, address string }{
		{"app", x.App}, {"webhook", x.Webhook}, {"sidecar.address", x.Sidecar.Address},
		{"reach.gateway", x.Reach.Gateway}, {"reach.ext_proc", x.Reach.ExtProc}, {"reach.xds", x.Reach.XDS},
	} {
		_, _, ok := hostPort(e.address, 0)
		r.expect(e.address == "" || ok, at+"."+e.key, "is not host:port", "write an address such as 127.0.0.1:8443")
	}
	r.checkSidecar(x.Sidecar)
	r.checkReach(c, x)
	r.checkPorts(c, x)
}

func (r *reader) checkSidecar(s EnvoySidecar) {
	const at = "envoy.xds.sidecar"
	if s.Address == "" {
		return
	}
	r.expect(s.TLS.Cert != "" && s.TLS.Key != "", at, "has no certificate", "write cert and key, of a private CA that the app trusts")
	r.expect(slices.Contains([]string{"pass", "refuse"}, s.Others), at+".others", "is neither pass nor refuse", "write pass or refuse")
	for i, name := range s.Names {
		r.expect(hostPattern.MatchString(name), fmt.Sprintf("%s.names[%d]", at, i), "is no host name", "write one such as graph.facebook.com")
	}
}

// checkReach: over TCP both sides show certificates.
func (r *reader) checkReach(c *Config, x XDS) {
	const at = "envoy.xds.reach"
	_, near := c.Envoy.ExtProc.Socket()
	_, own := x.Socket()
	whole := x.Reach.Name != "" && x.Reach.Cert != "" && x.Reach.Key != "" && x.Reach.CA != ""
	r.expect(near && own || whole, at, "does not say how Envoys and the gateway know each other over TCP", "write name, cert, key and ca, or listen on unix:PATH for both")
	r.expect(c.Listeners.App.ClientCA == "" || c.Listeners.App.ClientCert != "required", "listeners.app.client_cert",
		"would keep Envoys out, which bring files there and have no certificate of an app", "write optional")
}

// opened is what of it a running program holds open.
func (x XDS) opened() XDS {
	return XDS{EnvoySocket: x.EnvoySocket, Nodes: x.Nodes, Sidecar: EnvoySidecar{TLS: x.Sidecar.TLS}}
}
