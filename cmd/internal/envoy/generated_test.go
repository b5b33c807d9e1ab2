package envoy

import (
	"bytes"
	"regexp"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/envoytest"
	"postern/cmd/internal/rig"
	"postern/proxy/xds"
)

// messageTimeout is how long Envoy waits for the gateway; tests wait for it.
var messageTimeout = regexp.MustCompile(`("messageTimeout": *|"message_timeout": *)"[^"]*"`)

// generated is a site whose Envoy runs by what the gateway makes for it. before
// stands in front of the gateway's processor, if it is not nil.
func generated(t *testing.T, o rig.Options, before func(socket string) (at string), change ...func(*xds.Config)) *site {
	t.Helper()
	envoytest.Program(t)
	o.ExtProc = rig.ExtProcUnix
	s := &site{Rig: rig.Start(t, o)}
	s.front(t, before, change...)
	return s
}

// roomy has limits that no test reaches by chance.
var roomy = xds.Start{Node: "edge", Admin: "127.0.0.1:0", HeapBytes: 1 << 30, Connections: 1000}

// front starts an Envoy before the site's gateway.
func (s *site) front(t *testing.T, before func(socket string) (at string), change ...func(*xds.Config)) {
	t.Helper()
	s.behind(t, s.static(t, roomy, before, change...))
}

// behind starts an Envoy with that configuration; the app's calls go there.
func (s *site) behind(t *testing.T, raw []byte) {
	t.Helper()
	s.Envoy = envoytest.Start(t, raw)
	s.Direct = s.Env["POSTERN_URL"]
	s.Env["POSTERN_URL"] = "https://" + s.Envoy.Address(t, "postern_app")
}

// static is what the gateway makes for an Envoy, as one file.
func (s *site) static(t *testing.T, start xds.Start, before func(socket string) (at string), change ...func(*xds.Config)) []byte {
	t.Helper()
	socket := s.ExtProc.Socket
	if before != nil {
		socket = before(socket)
	}
	config := xds.Config{
		App:       &xds.Listener{Address: "127.0.0.1:0"},
		Upstream:  xds.Upstream{URL: s.Env["METASIM_GRAPH_URL"], Timeout: 30 * time.Second, Connections: 256},
		Processor: xds.Processor{Address: "unix:" + socket},
		Gateway:   strings.TrimPrefix(s.Env["POSTERN_URL"], "https://"),
		BodyBytes: 1 << 20, WebhookBytes: 3 << 20, AnswerBytes: 4 << 20, Transfer: time.Minute,
	}
	for _, c := range change {
		c(&config)
	}
	raw, err := xds.Static(config, start, xds.Secrets{
		App:  xds.Certificate{Chain: xds.Source{File: s.Dir + "/certs/server.pem"}, Key: xds.Source{File: s.Dir + "/certs/server-key.pem"}},
		Meta: xds.Source{File: s.Env["POSTERN_CA"]}, Gateway: xds.Source{File: s.Dir + "/certs/server.pem"},
	})
	if err != nil {
		t.Fatal(err)
	}
	if raw = messageTimeout.ReplaceAll(raw, []byte(`${1}"10s"`)); !bytes.Contains(raw, []byte(`"10s"`)) {
		t.Fatal("Envoy waits for the gateway without end")
	}
	return raw
}
