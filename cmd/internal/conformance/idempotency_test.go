package conformance

import (
	"strings"
	"sync"
	"testing"
	"time"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
)

func same(t *testing.T, what string, a, b rig.Reply) {
	t.Helper()
	if a.Status != b.Status || a.Body != b.Body || a.Header.Get("Retry-After") != b.Header.Get("Retry-After") {
		t.Errorf("%s: first %d %s\nthen %d %s", what, a.Status, a.Body, b.Status, b.Body)
	}
}

// TestIdempotency: under one key a message leaves once, and the answer is the
// same to the byte, after a restart too.
func TestIdempotency(t *testing.T) {
	s := open(t, rig.Options{})
	to := s.Env["DEMO_CONSENTED"]
	first := map[string]rig.Reply{}
	s.each(t, func(t *testing.T, c *caller) {
		key := "Idempotency-Key: once-" + c.name
		mark := s.mark()
		first[c.name] = s.message(t, c, text(to, "Hello"), key)
		same(t, "again", first[c.name], s.message(t, c, text(to, "Hello"), key))
		other := s.message(t, c, text(to, "Other"), key)
		code := 100
		if c.flat {
			code = 1009
		}
		if details := refused(t, c, other, 400, code); !strings.Contains(details, "Idempotency-Key") {
			t.Errorf("the sentence does not name the key: %s", details)
		}
		if a := s.message(t, c, text(to, "Hello"), key+"-2"); a.Body == first[c.name].Body {
			t.Error("another key got the same answer")
		}
		refused(t, c, s.message(t, c, text(to, "Hello"), "Idempotency-Key: "+strings.Repeat("k", 256)), 400, map[bool]int{false: 131009, true: 1009}[c.flat])
		if n := len(s.taken(mark)); n != 2 {
			t.Errorf("%d sends were taken, want 2", n)
		}
	})
	s.Stop()
	again := open(t, rig.Options{Keep: s.Dir})
	mark := again.mark()
	for _, c := range s.callers() {
		same(t, c.name+" after a restart", first[c.name], again.message(t, c, text(to, "Hello"), "Idempotency-Key: once-"+c.name))
	}
	if n := len(again.taken(mark)); n != 0 {
		t.Errorf("%d sends were taken after the restart", n)
	}
	again.Clock.Forward(25 * time.Hour)
	template := `{"to":"+` + to + `","type":"template","template":{"name":"order_update","language":{"code":"en_US"},"components":[{"type":"body","parameters":[{"type":"text","text":"42"}]}]}}`
	if a := again.message(t, s.cloud, template, "Idempotency-Key: once-cloud"); a.Status != 200 {
		t.Errorf("a key is held longer than 24 hours: %d %s", a.Status, a.Body)
	}
}

// testIdempotencyScope: a key belongs to one app and number.
func testIdempotencyScope(t *testing.T, s *site) {
	to := s.Env["DEMO_CONSENTED"]
	for _, c := range []*caller{s.cloud, s.v2, s.onprem} {
		if a := s.message(t, c, text(to, "Hello to "+c.name), "Idempotency-Key: shared"); a.Status > 201 {
			t.Errorf("%s: %d %s", c.name, a.Status, a.Body)
		}
	}
	if n := len(s.taken(s.base)); n != 3 {
		t.Errorf("%d sends were taken, want 3", n)
	}
}

// testIdempotencyOutcomes: what upstream refused, what is unknown and what is
// still under way is never sent a second time.
func testIdempotencyOutcomes(t *testing.T, s *site) {
	s.quiet(t)
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		for name, f := range map[string]sim.Fault{
			"refused": {Action: sim.ActionError, Code: 131026}, "unknown": {Action: sim.ActionCut, When: sim.After},
			"unknown, not taken": {Action: sim.ActionCut},
		} {
			s.fault(t, to, f)
			key := "Idempotency-Key: " + name + " " + c.name
			a := s.message(t, c, text(to, "Hello"), key)
			mark := s.mark()
			same(t, name, a, s.message(t, c, text(to, "Hello"), key))
			if n := len(s.taken(mark)); n != 0 {
				t.Errorf("%s: %d sends at the second try", name, n)
			}
		}
		s.checkWaits(t, c, to)
	})
}

// checkWaits makes the same request eight times at once.
func (s *site) checkWaits(t *testing.T, c *caller, to string) {
	t.Helper()
	s.fault(t, to, sim.Fault{Action: sim.ActionSlow, DelayMS: 200})
	mark := s.mark()
	answers := make([]rig.Reply, 8)
	var all sync.WaitGroup
	for i := range answers {
		all.Go(func() { answers[i] = s.message(t, c, text(to, "Hello"), "Idempotency-Key: waits-"+c.name) })
	}
	all.Wait()
	for _, a := range answers[1:] {
		same(t, "at once", answers[0], a)
	}
	if n := len(s.taken(mark)); n != 1 {
		t.Errorf("%d sends were taken, want one", n)
	}
	if answers[0].Status > 201 {
		t.Errorf("answered %d %s", answers[0].Status, answers[0].Body)
	}
}
