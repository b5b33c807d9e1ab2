package conformance

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

// upstreamError is a line of testdata/errors.txt.
type upstreamError struct {
	code, cloudStatus    int
	flatCode, flatStatus int
}

func upstreamErrors(t *testing.T) []upstreamError {
	t.Helper()
	raw, err := os.ReadFile("testdata/errors.txt")
	fail(t, err)
	var out []upstreamError
	for _, line := range strings.Split(strings.TrimSpace(string(raw)), "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		var e upstreamError
		_, err := fmt.Sscanf(line, "%d | %d | %d | %d", &e.code, &e.cloudStatus, &e.flatCode, &e.flatStatus)
		fail(t, err)
		out = append(out, e)
	}
	return out
}

// fault sets the simulator's next answer to a person, once.
func (s *site) fault(t *testing.T, to string, f sim.Fault) {
	t.Helper()
	s.Sim.ClearFaults("next-" + to)
	f.ID, f.To, f.Times = "next-"+to, "+"+to, 1
	_, err := s.Sim.AddFault(f)
	fail(t, err)
}

// calm lets the time pass for which a code of Meta's holds a number off, and as
// long again, after which it counts as new.
func (s *site) calm(code int) {
	holds := map[int]time.Duration{
		4: time.Minute, 368: time.Minute, 80007: 10 * time.Second, 80008: time.Minute,
		130429: time.Second, 131031: time.Minute, 131056: time.Second, 131057: 5 * time.Second,
	}
	s.Clock.Forward(2*holds[code] + time.Millisecond)
}

// testUpstreamErrors answers a send with every documented error.
func testUpstreamErrors(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	mark, all := s.mark(), upstreamErrors(t)
	s.each(t, func(t *testing.T, c *caller) {
		for _, e := range all {
			t.Run(itoa(e.code), func(t *testing.T) {
				s.fault(t, to, sim.Fault{Action: sim.ActionError, Code: e.code, Details: "Upstream says why."})
				a := s.message(t, c, text(to, "Hello"))
				status, code := e.cloudStatus, e.code
				if c.flat {
					status, code = e.flatStatus, e.flatCode
				}
				if details := refused(t, c, a, status, code); !strings.Contains(details, "Upstream says why.") {
					t.Errorf("upstream's sentence is lost: %s", a.Body)
				}
				checkUpstreamMark(t, c, e, a)
				s.calm(e.code)
			})
		}
	})
	if n := len(s.taken(mark)); n != 0 {
		t.Errorf("%d sends were taken", n)
	}
	failed := "kind = 'settle' AND result = 'failed'"
	rig.Await(t, "every refusal on record", func() bool { return s.count(t, failed) == itoa(4*len(all)) })
	got := map[string]bool{}
	for _, r := range s.SQL(t, "SELECT dialect, code FROM audit WHERE "+failed) {
		got[r[0]+r[1]] = true
	}
	for _, c := range s.callers() {
		for _, e := range all {
			if !got[c.name+itoa(e.code)] {
				t.Errorf("%s: code %d is not on record", c.name, e.code)
			}
		}
	}
}

// checkUpstreamMark holds what decides about retries: codes without equivalent
// name the Cloud code, and Retry-After stands only beside 429 and 503.
func checkUpstreamMark(t *testing.T, c *caller, e upstreamError, a rig.Reply) {
	t.Helper()
	if c.flat && e.flatCode == 1000 && !strings.Contains(a.Body, itoa(e.code)) {
		t.Errorf("the Cloud code is not named: %s", a.Body)
	}
	if c.flat && e.code == 131050 && !strings.Contains(a.Body, "policy:opted_out") {
		t.Errorf("the opt-out is not named: %s", a.Body)
	}
	if a.Header.Get("Retry-After") != "" && a.Status != 429 && a.Status != 503 {
		t.Errorf("status %d with Retry-After (need 06)", a.Status)
	}
}

// testUpstreamCredential: that upstream refuses the gateway's own token is not
// the app's trouble. It must not renew a credential that is fine.
func testUpstreamCredential(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		for _, code := range []int{0, 190} {
			s.fault(t, to, sim.Fault{Action: sim.ActionError, Code: code})
			status, want := 500, 131016
			if c.flat {
				want = 1014
			}
			refused(t, c, s.message(t, c, text(to, "Hello")), status, want)
		}
	})
	if !strings.Contains(s.Log.String(), "upstream_credential") {
		t.Error("nobody was told that the credential is refused")
	}
	rig.Await(t, "four refusals on record", func() bool {
		return s.count(t, "kind = 'settle' AND result = 'failed' AND code = 190") == "4"
	})
}

// testRetryAfter: upstream's own advice is handed on with a rate limit.
func testRetryAfter(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		s.fault(t, to, sim.Fault{Action: sim.ActionError, Code: 130429, Status: 429, RetryAfter: 17})
		code := 130429
		if c.flat {
			code = 1015
		}
		a := s.message(t, c, text(to, "Hello"))
		refused(t, c, a, 429, code)
		if got := a.Header.Get("Retry-After"); got != "17" {
			t.Errorf("Retry-After %q, upstream said 17", got)
		}
		s.Clock.Forward(40 * time.Second)
	})
}
