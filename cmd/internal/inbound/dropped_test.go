package inbound

import (
	"strings"
	"testing"

	"postern/cmd/internal/rig"
)

// testDropped: that upstream gave up a message of a person raises an alarm;
// another error of its own does not.
func testDropped(t *testing.T, s *office) {
	for _, code := range []string{"130500", "131035"} {
		s.taken(t, s.envelope(s.Env["POSTERN_PHONE_ID"], `"errors":[{"code":`+code+`,"title":"Something went wrong"}]`))
	}
	rig.Await(t, "the alarm", func() bool {
		body := s.At(t, "GET", s.Env["POSTERN_ADMIN_URL"]+"/metrics", "").Body
		return strings.Contains(body, `postern_alarms_total{alarm="inbound_lost"} 1`)
	})
}
