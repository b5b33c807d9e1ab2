package conformance

import (
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// With POSTERN_EDGE=envoy these tests go through a real Envoy. All that may then
// differ is here, and stands in proxy/extproc/README.md.

// behindEnvoy reports whether an Envoy stands in front.
func (s *site) behindEnvoy() bool { return s.Envoy != nil }

// refusedByEnvoy reports a target that Envoy never shows the gateway: one with a
// fragment. It answers by itself, so that there is nothing on record.
func (s *site) refusedByEnvoy(t *testing.T, target string, a rig.Reply) bool {
	t.Helper()
	if !s.behindEnvoy() || !strings.Contains(target, "#") {
		return false
	}
	if a.Status < 400 || a.Status > 500 {
		t.Errorf("%d %s", a.Status, a.Body)
	}
	return true
}

// answeredByEnvoy reports an outcome that Envoy tells the app in the gateway's
// place: upstream's answer broke off, and Envoy does not ask how to say so. The
// old dialects then have no id, but are told not to send again.
func (s *site) answeredByEnvoy(t *testing.T, c *caller, o outcome, a rig.Reply) bool {
	t.Helper()
	if !s.behindEnvoy() || !c.flat || !strings.HasPrefix(o.name, "truncated") {
		return false
	}
	if a.Status != 500 || !strings.Contains(a.Body, "may have been sent. Do not send it again") {
		t.Errorf("unknown is answered %d %s", a.Status, a.Body)
	}
	return true
}
