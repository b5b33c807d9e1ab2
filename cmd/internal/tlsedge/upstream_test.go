package tlsedge

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/crypto/certs/certstest"
)

// TestPinsOfUpstream: with the right pin messages leave; with another one no
// byte of a request reaches whoever answers there.
func TestPinsOfUpstream(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		pin  func(s *site) string
		sent bool
	}{
		"right": {func(s *site) string { return s.servers.Pin() }, true},
		"wrong": {func(*site) string { return certstest.NewCA(t, "other", time.Now()).Pin() }, false},
	} {
		t.Run(name, func(t *testing.T) {
			var reached atomic.Int64
			count := func(simulator http.Handler) http.Handler {
				return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					reached.Add(1)
					simulator.ServeHTTP(w, r)
				})
			}
			s := startBehind(t, count, time.Hour, func(s *site, text string) string {
				return swap(t, text, "version: v25.0,", "version: v25.0, ca_only: true, pins: ['"+tc.pin(s)+"'],")
			})
			a := s.Cloud(t, `{"to":"+`+s.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"On its way"}}`)
			if (a.Status == http.StatusOK) != tc.sent || (reached.Load() > 0) != tc.sent {
				t.Errorf("answered %d, %d requests upstream: %s", a.Status, reached.Load(), a.Body)
			}
			word := map[bool]string{true: `"demo":"ok"`, false: `"demo":"pin"`}[tc.sent]
			rig.Await(t, "readyz to say "+word, func() bool {
				return strings.Contains(s.At(t, http.MethodGet, s.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Body, word)
			})
		})
	}
}
