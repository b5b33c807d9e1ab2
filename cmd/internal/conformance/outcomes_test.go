package conformance

import (
	"encoding/hex"
	"slices"
	"strings"
	"testing"

	"postern/cmd/internal/rig"
	"postern/cmd/metasim/sim"
	"postern/proxy/dialect"
)

// outcome is how a misbehaving upstream ends a send.
type outcome struct {
	name  string
	fault sim.Fault
	taken bool   // the simulator took it
	want  string // result on record: failed, unknown or accepted
}

var outcomes = []outcome{
	{"429 with an error", sim.Fault{Action: sim.ActionError, Code: 130429, Status: 429}, false, "failed"},
	{"429 of something between", sim.Fault{Action: sim.ActionHTTP, Status: 429}, false, "unknown"},
	{"500 with an error", sim.Fault{Action: sim.ActionError, Code: 131000}, false, "failed"},
	{"an error with status 200", sim.Fault{Action: sim.ActionError, Code: 131026, Status: 200}, false, "failed"},
	{"502 of something between", sim.Fault{Action: sim.ActionHTTP, Status: 502}, false, "unknown"},
	{"503 of something between", sim.Fault{Action: sim.ActionHTTP, Status: 503}, false, "unknown"},
	{"cut before", sim.Fault{Action: sim.ActionCut}, false, "unknown"},
	{"cut after", sim.Fault{Action: sim.ActionCut, When: sim.After}, true, "unknown"},
	{"garbage before", sim.Fault{Action: sim.ActionGarbage}, false, "unknown"},
	{"garbage after", sim.Fault{Action: sim.ActionGarbage, When: sim.After}, true, "unknown"},
	{"truncated before", sim.Fault{Action: sim.ActionTruncate}, false, "unknown"},
	{"truncated after", sim.Fault{Action: sim.ActionTruncate, When: sim.After}, true, "unknown"},
	{"slow", sim.Fault{Action: sim.ActionSlow, DelayMS: 50}, true, "accepted"},
	{"hangs before", sim.Fault{Action: sim.ActionHang}, false, "unknown"},
	{"hangs after", sim.Fault{Action: sim.ActionHang, When: sim.After}, true, "unknown"},
}

// rates are the outcomes, first in the list, that hold a number off for a while.
const rates = 2

// testOutcomes: whatever upstream does, a message leaves at most once, what is
// not known is called unknown, and the app is answered so that it does not
// send again. The dialects run side by side, each with a person of its own; but
// two of them share a number, which a rate holds off.
func testOutcomes(t *testing.T, s *site) {
	s.quiet(t)
	people := s.people(t, 10, 4)
	for i, c := range s.callers() {
		for _, o := range outcomes[:rates] {
			t.Run(c.name+" "+o.name, func(t *testing.T) { s.checkOutcome(t, c, people[i], o) })
		}
	}
	t.Run("dialects", func(t *testing.T) {
		for i, c := range s.callers() {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				for _, o := range outcomes[rates:] {
					t.Run(o.name, func(t *testing.T) { s.checkOutcome(t, c, people[i], o) })
				}
				for i, got := range s.settled(t, c) {
					if i >= len(outcomes) || got != outcomes[i].want {
						t.Errorf("send %d settled as %s, want %s", i, got, outcomes[min(i, len(outcomes)-1)].want)
					}
				}
			})
		}
	})
	if list := s.taken(s.base); len(list) != 4*len(allTaken(outcomes)) {
		t.Errorf("%d sends were taken in all", len(list))
	}
}

func allTaken(list []outcome) (out []outcome) {
	for _, o := range list {
		if o.taken {
			out = append(out, o)
		}
	}
	return out
}

func (s *site) checkOutcome(t *testing.T, c *caller, to string, o outcome) {
	t.Helper()
	s.fault(t, to, o.fault)
	before := len(s.takenFor(to))
	a := s.message(t, c, text(to, "Hello"))
	told := !s.answeredByEnvoy(t, c, o, a)
	if told {
		checkOutcomeAnswer(t, c, o, a)
	}
	if o.fault.Status == 429 {
		s.calm(130429)
	}
	want := 0
	if o.taken {
		want = 1
	}
	if n := len(s.takenFor(to)) - before; n != want {
		t.Errorf("%d sends were taken, want %d", n, want)
	}
	if id := at(a.JSON(t), "messages", 0, "id"); told && c.flat && o.want == "unknown" {
		word, _ := id.(string)
		record, _, ok := dialect.ParseOpaqueID(word)
		if !ok {
			t.Fatalf("the answer holds no id of ours: %s", a.Body)
		}
		s.row(t, "SELECT seq FROM audit WHERE id = '"+hex.EncodeToString(record[:])+"'")
	}
}

// settled lists what became of the sends of a dialect, in their order.
func (s *site) settled(t *testing.T, c *caller) []string {
	t.Helper()
	var out []string
	rig.Await(t, "every send to be settled", func() bool {
		out = nil
		for _, r := range s.SQL(t, "SELECT s.result FROM audit a JOIN audit s ON s.ref = a.id AND s.kind = 'settle' WHERE a.kind = 'admission' AND a.dialect = '"+c.name+"' ORDER BY a.seq") {
			out = append(out, r[0])
		}
		return len(out) >= len(outcomes)
	})
	return out
}

func (s *site) takenFor(to string) []sim.Accepted {
	return slices.DeleteFunc(s.taken(s.base), func(a sim.Accepted) bool { return a.WaID != to })
}

func checkOutcomeAnswer(t *testing.T, c *caller, o outcome, a rig.Reply) {
	t.Helper()
	switch {
	case o.want == "unknown" && c.flat:
		if a.Status != 201 || at(a.JSON(t), "messages", 0, "id") == nil {
			t.Errorf("unknown is answered %d %s", a.Status, a.Body)
		}
	case o.want == "unknown":
		refused(t, c, a, 500, 131000)
		if at(a.JSON(t), "error", "is_transient") != false {
			t.Errorf("unknown reads as transient: %s", a.Body)
		}
	case o.want == "accepted":
		if a.Status > 201 || at(a.JSON(t), "messages", 0, "id") == nil {
			t.Errorf("accepted is answered %d %s", a.Status, a.Body)
		}
	case a.Status < 400:
		t.Errorf("an error is answered %d %s", a.Status, a.Body)
	}
}

// TestNotSent: where upstream cannot be reached at all the message surely did
// not leave, and only that is answered as worth another try.
func TestNotSent(t *testing.T) {
	s := open(t, rig.Options{Config: func(text string) string {
		head, rest, _ := strings.Cut(text, `base_url: "`)
		_, rest, _ = strings.Cut(rest, `"`)
		return head + `base_url: "https://127.0.0.1:1"` + rest
	}})
	to := s.Env["DEMO_CONSENTED"]
	s.each(t, func(t *testing.T, c *caller) {
		a := s.message(t, c, text(to, "Hello"))
		if c.flat {
			refused(t, c, a, 503, 1016)
		} else if refused(t, c, a, 500, 2); at(a.JSON(t), "error", "is_transient") != true {
			t.Errorf("not sent does not read as transient: %s", a.Body)
		}
		s.row(t, "SELECT id FROM audit WHERE kind = 'settle' AND result = 'not_sent' AND dialect = '"+c.name+"'")
	})
	if n := len(s.taken(s.base)); n != 0 {
		t.Errorf("%d sends were taken", n)
	}
}
