package retention

import (
	"testing"
	"time"

	"postern/audit"
)

// TestBelieved: while the clock may be ahead, the time that the trail vouches for
// stands still; a week of records lets it go on.
func TestBelieved(t *testing.T) {
	s := newShelf(t)
	believed := func(when string, want time.Time, distrusted bool) {
		t.Helper()
		until, why, err := Believed(t.Context(), s.j, s.now())
		check(t, err)
		if !until.Equal(want) || (why != "") != distrusted {
			t.Errorf("%s: until %v, want %v; %q", when, until, want, why)
		}
	}
	believed("nothing is on record", s.now(), false)
	s.days(t, 9)
	believed("each day", s.now(), false)
	last := s.now()
	s.forward(9 * 24 * time.Hour)
	believed("some quiet days", s.now(), false)
	s.forward(391 * 24 * time.Hour)
	believed("400 days ahead", last, true)
	s.put(t, audit.Record{Kind: audit.KindLife, Type: "start"})
	believed("started so", last.Truncate(time.Millisecond), true)
	s.days(t, 6)
	believed("six days on", last.Truncate(time.Millisecond), true)
	s.days(t, 2)
	believed("a week on", s.now(), false)
	s.forward(-400 * 24 * time.Hour)
	believed("set back", s.now(), true)
}

// TestJumpThatWasTakenBack: a clock that jumped ahead and is right again is
// believed at once, not when the time has come to which it had jumped.
func TestJumpThatWasTakenBack(t *testing.T) {
	s := newShelf(t)
	s.message(t, audit.NewSubjectID(), "")
	s.days(t, 9)
	const ahead = 400 * 24 * time.Hour
	p := shelfPolicy(map[string]Class{"messages": {Days: 2, Clock: ClockRecord, Action: ActionPurge}})
	s.forward(ahead)
	s.put(t, audit.Record{Kind: audit.KindLife, Type: "clock_jump", Code: int64(ahead / time.Second)})
	if got := s.plan(t, p, s.source()); got.Refused == "" {
		t.Errorf("ahead: %+v", got)
	}
	s.forward(time.Minute - ahead)
	s.put(t, audit.Record{Kind: audit.KindLife, Type: "clock_jump", Code: -int64(ahead / time.Second)})
	if got := s.plan(t, p, s.source()); got.Refused != "" || len(got.Due) != 1 {
		t.Errorf("right again: %+v", got)
	}
}
