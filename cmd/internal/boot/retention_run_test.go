package boot

import (
	"testing"
	"time"
)

func TestNextRun(t *testing.T) {
	at := func(s string) time.Time {
		out, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	for _, c := range []struct{ at, after, want string }{
		{"03:00", "2026-11-03T02:59:59Z", "2026-11-03T03:00:00Z"},
		{"03:00", "2026-11-03T03:00:00Z", "2026-11-04T03:00:00Z"},
		{"23:30", "2026-12-31T23:45:00Z", "2027-01-01T23:30:00Z"},
		{"03:00", "2026-11-03T04:30:00+02:00", "2026-11-03T03:00:00Z"},
	} {
		if got, some := (RetentionRuns{At: c.at}).Next(at(c.after)); !some || !got.Equal(at(c.want)) {
			t.Errorf("%s after %s: %s", c.at, c.after, got)
		}
	}
	if _, some := (RetentionRuns{At: runsOff}).Next(at("2026-11-03T02:59:59Z")); some {
		t.Error("a run starts though they are off")
	}
}
