package conformance

import (
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// TestResidency: a number whose messages do not rest where policy demands sends
// nothing, and each dialect says why; the other numbers of the app's tenant are
// judged by themselves.
func TestResidency(t *testing.T) {
	s := open(t, rig.Options{Policies: map[string]string{"settings.yaml": "residency: {allow: [CH]}\n"}})
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		status, code := 403, 10
		if c.flat {
			code = 1005
		}
		details := refused(t, c, s.message(t, c, text(to, "Hello")), status, code)
		if !strings.HasPrefix(details, "policy:residency: ") {
			t.Errorf("details %q", details)
		}
	})
	rig.Await(t, "upstream's first word", func() bool {
		return strings.Contains(s.At(t, "GET", s.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Body, `"`+s.cloud.number+`":{"policy":"refused","storage":"default"}`)
	})
	fail(t, s.Sim.SetStorage(s.cloud.number, sim.Storage{Status: sim.StorageLocal, Region: "CH"}))
	s.Clock.Forward(15 * time.Minute)
	rig.Await(t, "the number in the region to send", func() bool { return s.message(t, s.cloud, text(to, "Hello")).Status == 200 })
	for _, c := range []*caller{s.v2, s.v1, s.onprem} {
		if a := s.message(t, c, text(to, "Hello")); a.Header.Get("X-Postern-Reason") != "residency" {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Body)
		}
	}
	if n := len(s.taken(s.base)); n != 1 {
		t.Errorf("%d sends were taken, want 1", n)
	}
}
