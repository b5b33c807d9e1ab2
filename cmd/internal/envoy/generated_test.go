package envoy

import (
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/envoytest"
	"postern/cmd/internal/rig"
	"postern/proxy/xds"
)

// generated is a site whose Envoy runs by what the gateway makes for it.
func generated(t *testing.T, o rig.Options) *site {
	t.Helper()
	envoytest.Program(t)
	o.ExtProc = rig.ExtProcUnix
	s := &site{Rig: rig.Start(t, o)}
	raw, err := xds.Static(xds.Config{
		App:       &xds.Listener{Address: "127.0.0.1:0"},
		Upstream:  xds.Upstream{URL: s.Env["METASIM_GRAPH_URL"], Timeout: 30 * time.Second, Connections: 256},
		Processor: xds.Processor{Address: "unix:" + s.ExtProc.Socket},
		Gateway:   strings.TrimPrefix(s.Env["POSTERN_URL"], "https://"),
		BodyBytes: 1 << 20, WebhookBytes: 3 << 20, AnswerBytes: 4 << 20, Transfer: time.Minute,
	}, xds.Start{Node: "edge", Admin: "127.0.0.1:0", HeapBytes: 1 << 30, Connections: 1000}, xds.Secrets{
		App:  xds.Certificate{Chain: xds.Source{File: s.Dir + "/certs/server.pem"}, Key: xds.Source{File: s.Dir + "/certs/server-key.pem"}},
		Meta: xds.Source{File: s.Env["POSTERN_CA"]}, Gateway: xds.Source{File: s.Dir + "/certs/server.pem"},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.Envoy = envoytest.Start(t, raw)
	s.Direct = s.Env["POSTERN_URL"]
	s.Env["POSTERN_URL"] = "https://" + s.Envoy.Address(t, "postern_app")
	return s
}
