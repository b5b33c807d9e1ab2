package inbound

import (
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/audit/journal"
	"postern/cmd/internal/rig"
)

var errDisk = errors.New("input/output error")

// TestRepeats: an event counts once, whichever way it comes again: in the same
// POST, in another one, after an answer that said no, after a restart, and for
// eight days.
func TestRepeats(t *testing.T) {
	t.Parallel()
	var broken atomic.Int64 // the step that fails, with 1 added
	s := open(t, rig.Options{Fault: func(step journal.Step) error {
		if at := broken.Load() - 1; at == int64(step) || at >= 0 && step == journal.StepRecover {
			return errDisk
		}
		return nil
	}})
	moment := s.moment()
	word := `"timestamp":"` + moment + `"`
	update := text(person, "wamid.again", moment, "hello")
	body := s.envelope(s.cloud.number, `"messages":[`+update+`]`)
	for _, step := range []journal.Step{journal.StepBegin, journal.StepWrite, journal.StepCommit, journal.StepCommitted} {
		broken.Store(int64(step) + 1)
		if status := s.post(t, body); status != 503 {
			t.Errorf("step %d failed and the webhook was answered %d", step, status)
		}
		if step != journal.StepCommitted && s.count(word) != 0 {
			t.Error("an app heard of what is not recorded")
		}
		broken.Store(0)
		rig.Await(t, "the journal", func() bool { return s.At(t, "GET", s.Env["POSTERN_ADMIN_URL"]+"/readyz", "").Status == 200 })
	}
	for _, again := range []string{
		body, body, s.envelope(s.cloud.number, `"messages":[`+update+`,`+update+`]`),
		s.envelope(s.cloud.number, `"messages":[`+text(person, "wamid.other", s.moment(), "other")+`,`+update+`]`),
	} {
		s.taken(t, again)
	}
	s.Hooks.With(t, "wamid.other")
	s.once(t, word)
	s.again()
	s.taken(t, body)
	s.once(t, word)
	for day := 1; day < 8; day++ {
		s.Clock.Forward(24 * time.Hour)
		s.taken(t, body)
	}
	s.once(t, word)
	s.kept(t, 9*24*time.Hour)
	s.taken(t, body)
	rig.Await(t, "the message after eight days", func() bool { return s.count(word) == 2 })
}

// once checks that the app got an event and the trail holds it exactly once.
func (s *office) once(t *testing.T, word string) {
	t.Helper()
	s.settled(t)
	if n := s.count(word); n != 1 {
		t.Errorf("delivered %d times", n)
	}
	if n := s.one(t, "SELECT count(DISTINCT message_id) = count(*) FROM audit WHERE kind = 'inbound'"); n != "1" {
		t.Error("recorded more than once")
	}
}

// kept lets time pass until housekeeping has removed what is over.
func (s *office) kept(t *testing.T, d time.Duration) {
	t.Helper()
	s.Clock.Forward(d)
	gone := func(table string) bool { return s.table(t, "SELECT count(*) FROM "+table) == "0" }
	rig.Await(t, "housekeeping", func() bool {
		s.Clock.Forward(2 * time.Second)
		return gone("seen") && gone("deliveries")
	})
}

// TestBeforeAnswer: a state may come before Meta's answer to the send; the app
// knows the message by the id that the answer then gives.
func TestBeforeAnswer(t *testing.T) {
	t.Parallel()
	race := &overtaker{}
	s := open(t, rig.Options{Watch: race.watch})
	race.tell = func(m sent) {
		moment := s.moment()
		s.taken(t, s.state(race.form, m, "delivered", moment, ""))
		race.told = s.at(t, moment)
	}
	s.each(t, func(t *testing.T, c *form) {
		race.form = c
		m := s.send(t, c, "")
		if got := between(string(race.told.Body), `"statuses":[{"id":"`, `"`); got != m.own {
			t.Errorf("the app is told %q of %q", got, m.own)
		}
		// The customer quotes it and reacts to it.
		quote, reaction := s.moment(), s.moment()
		s.taken(t, s.from(c, `"type":"text","text":{"body":"x"},"context":{"from":"493023125001","id":"`+m.upstream+`"}`, quote, "wamid.q"+quote))
		s.taken(t, s.from(c, `"type":"reaction","reaction":{"message_id":"`+m.upstream+`","emoji":"\ud83d\udc4d"}`, reaction, "wamid.r"+reaction))
		if got := string(s.at(t, quote).Body); !strings.Contains(got, `"id":"`+m.own+`"`) {
			t.Errorf("quoted as %s", got)
		}
		got := string(s.at(t, reaction).Body)
		if !strings.Contains(got, `"message_id":"`+m.own+`"`) {
			t.Errorf("reacted to as %s", got)
		}
		// The reaction is taken back, and the person's own message is quoted.
		removed, own := s.moment(), s.moment()
		s.taken(t, s.from(c, `"type":"reaction","reaction":{"message_id":"`+m.upstream+`"}`, removed, "wamid.r"+removed))
		s.taken(t, s.from(c, `"type":"text","text":{"body":"x"},"context":{"from":"`+person+`","id":"wamid.q`+quote+`"}`, own, "wamid.q"+own))
		if got := string(s.at(t, removed).Body); !strings.Contains(got, `"reaction":{"message_id":"`+m.own+`"}`) {
			t.Errorf("taken back as %s", got)
		}
		theirs := "wamid.q" + quote
		if c.flat {
			theirs = "gB" + between(string(s.at(t, quote).Body), `"id":"gB`, `"`)
		}
		if got := string(s.at(t, own).Body); !strings.Contains(got, `"id":"`+theirs+`"`) {
			t.Errorf("%s is quoted as %s", theirs, got)
		}
	})
	if n := s.one(t, "SELECT count(*) FROM audit WHERE kind = 'unmatched_send'"); n != "0" {
		t.Errorf("%s sends round the gate", n)
	}
}
