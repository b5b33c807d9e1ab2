package inbound

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/built"
	"postern/cmd/internal/rig"
)

// testLimits: tries grow apart, end after a day in the old forms and after
// seven in the Cloud forms, and what ended can be replayed.
func testLimits(t *testing.T, s *office, a *app) {
	a.answers(status(500))
	s.Hooks.Answer(500)
	defer s.Hooks.Answer(200)
	for _, c := range []struct {
		*form
		life   time.Duration
		delays []time.Duration
	}{
		{s.v1, 24 * time.Hour, []time.Duration{3 * time.Second, 6 * time.Second, 9 * time.Second}},
		{s.v2, 7 * 24 * time.Hour, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second}},
		{s.onprem, 24 * time.Hour, []time.Duration{3 * time.Second, 6 * time.Second, 9 * time.Second}},
		{s.cloud, 7 * 24 * time.Hour, []time.Duration{2 * time.Second, 4 * time.Second, 8 * time.Second}},
	} {
		if c.auth != "" {
			s.target(t, c.form, a.url, nil)
		}
		first, second := s.says(t, c.form, person, "x"), s.says(t, c.form, person, "y")
		for i, d := range c.delays {
			var w admin.Delivery
			rig.Await(t, "a try", func() bool {
				if all := s.waiting(t, false); len(all) > 0 {
					w = all[0]
				}
				return w.Attempts == i+1
			})
			if got := time.Duration(w.NextAt-s.Clock.Now().UnixMicro()) * time.Microsecond; got != d || w.LastCode != 500 {
				t.Errorf("%s: after try %d the next is in %s, want %s; code %d", c.name, i+1, got, d, w.LastCode)
			}
			if got := time.Duration(w.NotAfter-w.Created) * time.Microsecond; got != c.life {
				t.Errorf("%s: tried for %s, want %s", c.name, got, c.life)
			}
			s.later(t, d)
		}
		s.replayed(t, a, c.form, c.life, first, second)
	}
}

// replayed lets the time of two events end, and has them tried again.
func (s *office) replayed(t *testing.T, a *app, c *form, life time.Duration, words ...string) {
	t.Helper()
	s.later(t, life-time.Hour)
	rig.Await(t, "late tries", func() bool { return s.waiting(t, false)[1].Attempts > 0 })
	if n := len(s.waiting(t, true)); n != 0 {
		t.Fatalf("%s: %d given up an hour early", c.name, n)
	}
	s.later(t, 2*time.Hour)
	rig.Await(t, "dead letters", func() bool { return len(s.waiting(t, true)) == 2 && len(s.waiting(t, false)) == 0 })
	dead := s.waiting(t, true)
	a.answers(nil)
	s.Hooks.Answer(200)
	before := a.tries(words[0]) + a.tries(words[1]) + s.count(words[0]) + s.count(words[1])
	s.command(t, "1 to be tried again", "deliveries", "replay", "--app", c.app, dead[0].ID.String())
	s.settled(t)
	if err := s.TryAdmin(t, "deliveries.replay", admin.Replay{App: c.app, ID: &dead[0].ID}, nil); err == nil {
		t.Errorf("%s: what was delivered was replayed", c.name)
	}
	s.command(t, dead[1].ID.String(), "deliveries", "list", "--dead", "--app", c.app)
	s.command(t, "1 to be tried again", "deliveries", "replay", "--app", c.app, "--all")
	s.settled(t)
	if after := a.tries(words[0]) + a.tries(words[1]) + s.count(words[0]) + s.count(words[1]); after != before+2 || len(s.waiting(t, true)) != 0 {
		t.Errorf("%s: %d webhooks after a replay of two", c.name, after-before)
	}
	for _, d := range dead {
		got := s.rows(t, "SELECT result, actor FROM audit WHERE kind = 'delivery' AND ref = '"+d.ID.String()+"' ORDER BY seq")
		if fmt.Sprint(got) != "[[dead system] [replayed demo] [delivered system]]" {
			t.Errorf("%s: on record as %v", c.name, got)
		}
	}
	a.answers(status(500))
	s.Hooks.Answer(500)
}

// built is the folder of the built programs.
func (s *office) built() string {
	if s.programs == "" {
		s.programs = built.Programs(s.whole)
	}
	return s.programs
}

// command runs the program as an operator does and looks for words in what it says.
func (s *office) command(t *testing.T, want string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(s.built(), "postern"), args...) //nolint:gosec // our own program
	cmd.Env = append(cmd.Environ(), "POSTERN_CONFIG="+s.Env["POSTERN_CONFIG"], "POSTERN_OPERATOR_KEY_FILE="+s.Env["POSTERN_OPERATOR_KEY_FILE"])
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), want) {
		t.Errorf("postern %s: %v: %s", strings.Join(args, " "), err, out)
	}
}
