package main

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

const sidecarPart = "Sidecar, for an app that calls Meta's own names"

// besides starts a gateway whose sidecar shows a certificate of the CA that the
// README makes. Pairs of old and new change its section.
func besides(t *testing.T, change ...string) *outpost {
	t.Helper()
	return deployEnvoy(t, "sidecar.yaml", func(o *rig.Options) {
		section := o.Config
		o.Config = func(text string) string { return strings.NewReplacer(change...).Replace(section(text)) }
		o.Keep = t.TempDir() + "/gateway"
		write(t, o.Keep+"/sidecar-ca.sh", []byte(envoyFile(t, "sidecar-ca.sh")))
		before := &outpost{Rig: &rig.Rig{Dir: o.Keep}}
		before.run(t, steps(t, sidecarPart)[0])
	})
}

// TestDeploySidecar reaches the listener by connecting to it: what a redirect
// does is not part of it.
func TestDeploySidecar(t *testing.T) {
	p := besides(t)
	p.walk(t, steps(t, sidecarPart)[1:], "postern_sidecar", "graph.facebook.com", "waba.360dialog.io", "waba-v2.360dialog.io", "example.org")
	p.sent(t, 3)
	p.passed(t, "postern_sidecar", 3)
	rig.Await(t, "the connection to another name", func() bool {
		for _, n := range p.envoy.Stats(t, `^listener\..*\.no_filter_chain_match$`) {
			if n == 1 {
				return true
			}
		}
		return false
	})
}

// TestRoundTheSidecar: who has Meta's token and goes round is seen.
func TestRoundTheSidecar(t *testing.T) {
	p := deployEnvoy(t, "")
	a := p.At(t, http.MethodPost, p.Env["METASIM_GRAPH_URL"]+"/v25.0/"+p.Env["POSTERN_PHONE_ID"]+"/messages",
		`{"messaging_product":"whatsapp","to":"+`+p.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"Round"}}`, "Authorization: Bearer "+p.Secret(t, "meta-token"))
	if a.Status != http.StatusOK {
		t.Fatalf("the simulator answers %d %s", a.Status, a.Body)
	}
	rig.Await(t, "a record and its alarm", func() bool {
		return p.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'unmatched_send' AND type = 'status/sent'")[0][0] == strconv.Itoa(1) &&
			strings.Contains(p.Log.String(), `"unmatched_send"`)
	})
}
