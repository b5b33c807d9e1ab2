package envoy

import (
	"bytes"
	_ "embed"
	"encoding/base64"
	"net"
	"strings"
	"testing"
	"text/template"

	"postern/cmd/internal/boot"
	"postern/cmd/internal/envoytest"
	"postern/cmd/internal/gateway"
	"postern/cmd/internal/rig"
	"postern/proxy/xds"
)

// site is a gateway behind Envoy: what goes to the rig's app listener goes to
// Envoy's, which asks the gateway and sends to the simulator itself.
type site struct {
	*rig.Rig
	Envoy  *envoytest.Envoy
	Direct string // address of the gateway's own app listener
}

//go:embed testdata/front.yaml
var frontText string

// front is what the template of a front proxy's configuration is filled with.
type front struct {
	*rig.Rig
	Upstream, UpstreamPort string
	ExtProcPort            string
}

// frontproxy starts a gateway and the Envoy in front of it. Lines of Envoy's
// configuration can be changed.
func frontproxy(t *testing.T, o rig.Options, change ...func(config string) string) *site {
	t.Helper()
	envoytest.Program(t) // before anything is started for nothing
	if o.ExtProc == rig.NoExtProc {
		o.ExtProc = rig.ExtProcUnix
	}
	s := &site{Rig: rig.Start(t, o)}
	s.Envoy = envoytest.Start(t, frontConfig(t, s.Rig, change...))
	s.Direct = s.Env["POSTERN_URL"]
	s.Env["POSTERN_URL"] = "https://" + s.Envoy.Address(t, "postern_app")
	return s
}

// configured starts a gateway and an Envoy that has all it does from it.
func configured(t *testing.T, o rig.Options) *site {
	t.Helper()
	envoytest.Program(t)
	if o.ExtProc == rig.NoExtProc {
		o.ExtProc = rig.ExtProcUnix
	}
	s := &site{Rig: rig.Start(t, o)}
	s.Envoy = envoytest.Start(t, bootstrap(t, s.Rig))
	s.Direct = s.Env["POSTERN_URL"]
	s.Env["POSTERN_URL"] = "https://" + s.Envoy.Address(t, "postern_app")
	return s
}

// bootstrap is what postern envoy bootstrap prints.
func bootstrap(t *testing.T, r *rig.Rig) []byte {
	t.Helper()
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	if err != nil {
		t.Fatal(err)
	}
	start := gateway.EnvoyStart(cfg, rig.Node)
	start.Admin, start.HeapBytes, start.Connections = "127.0.0.1:0", 1<<30, 1000
	raw, err := xds.Bootstrap(start)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func frontConfig(t *testing.T, r *rig.Rig, change ...func(string) string) []byte {
	t.Helper()
	host, port, err := net.SplitHostPort(strings.TrimPrefix(r.Env["METASIM_GRAPH_URL"], "https://"))
	if err != nil {
		t.Fatal(err)
	}
	_, processor, _ := strings.Cut(r.ExtProc.Address, ":")
	var out bytes.Buffer
	if err := template.Must(template.New("front").Parse(frontText)).Execute(&out, front{r, host, port, processor}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, c := range change {
		now := c(text)
		if now == text {
			t.Fatal("a change of Envoy's configuration changes nothing")
		}
		text = now
	}
	return []byte(text)
}

// line replaces a part of Envoy's configuration.
func line(old, now string) func(string) string {
	return func(config string) string { return strings.Replace(config, old, now, 1) }
}

func basic(user, password string) string {
	return base64.StdEncoding.EncodeToString([]byte(user + ":" + password))
}
