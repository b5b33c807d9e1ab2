package envoy

import (
	"net/http"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// text sends one as the Cloud app.
func (s *site) text(t *testing.T) rig.Reply {
	t.Helper()
	return s.Cloud(t, `{"to":"+`+s.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`)
}

// settled waits for the outcomes of sends.
func (s *site) settled(t *testing.T, want ...string) {
	t.Helper()
	rig.Await(t, "outcomes "+strings.Join(want, ", "), func() bool {
		rows := s.SQL(t, "SELECT result FROM audit WHERE kind = 'settle' ORDER BY seq")
		if len(rows) != len(want) {
			return false
		}
		for i, w := range want {
			if rows[i][0] != w {
				t.Fatalf("outcome %d is %s, want %s", i, rows[i][0], w)
			}
		}
		return true
	})
}

// unknownCode and downCode are how the Cloud app reads of what became of a send.
const unknownCode, downCode = `"code":131000`, `"code":2,`

// TestEnvoysOwnAnswersAreNotMetas: what Envoy answers in upstream's place says
// whether anything can have gone up.
func TestEnvoysOwnAnswersAreNotMetas(t *testing.T) {
	for name, tc := range map[string]struct {
		config  func(string) string
		watch   func(http.Handler) http.Handler
		code    string
		outcome string
	}{
		"no connection":                       {closedPort, nil, downCode, "not_sent"},
		"no host":                             {line("type: STATIC\n      load_assignment: {cluster_name: meta, endpoints: [{", "type: STATIC\n      load_assignment: {cluster_name: meta, endpoints: []} #"), nil, downCode, "not_sent"},
		"a name that the certificate has not": {line("matcher: {exact: localhost}", "matcher: {exact: graph.facebook.com}"), nil, downCode, "not_sent"},
		"a connection that breaks": {nil, func(http.Handler) http.Handler {
			return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
		}, unknownCode, "unknown"},
		"a timeout of Envoy's":            {line("timeout: 60s", "timeout: 0.2s"), hanging, unknownCode, "unknown"},
		"a timeout of the gateway's":      {nil, hanging, unknownCode, "unknown"},
		"answers that are not told apart": {line("response_attributes", "# response_attributes"), nil, unknownCode, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := rig.Options{Config: func(text string) string { return strings.Replace(text, "timeout: 10s", "timeout: 1s", 1) }}
			if tc.watch != nil {
				o.Watch = sends(tc.watch)
			}
			var changes []func(string) string
			if tc.config != nil {
				changes = append(changes, tc.config)
			}
			s := frontproxy(t, o, changes...)
			if a := s.text(t); !strings.Contains(a.Body, tc.code) {
				t.Errorf("%d %s, want %s", a.Status, a.Body, tc.code)
			}
			s.settled(t, tc.outcome)
		})
	}
}

// sends puts a handler before the simulator for sends alone.
func sends(before func(http.Handler) http.Handler) func(http.Handler) http.Handler {
	return func(simulator http.Handler) http.Handler {
		before := before(simulator)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "/messages") {
				before.ServeHTTP(w, r)
				return
			}
			simulator.ServeHTTP(w, r)
		})
	}
}

// hanging answers nothing as long as somebody waits.
func hanging(http.Handler) http.Handler {
	return http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		buf := make([]byte, 1)
		for {
			if _, err := r.Body.Read(buf); err != nil {
				break
			}
		}
		<-r.Context().Done()
	})
}

// closedPort has Envoy send to a port where nobody listens.
func closedPort(config string) string {
	before, after, _ := strings.Cut(config, "cluster_name: meta, endpoints")
	i := strings.Index(after, "port_value: ")
	j := strings.IndexByte(after[i:], '}')
	return before + "cluster_name: meta, endpoints" + after[:i] + "port_value: 1" + after[i+j:]
}
