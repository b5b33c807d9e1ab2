package boot

import (
	"strings"
	"time"
)

// RetentionRuns says when what the retention policy lets go is purged, and
// where that goes which moves to cold storage.
type RetentionRuns struct {
	At     string `json:"at"`   // time of day, UTC, "03:00"; "off" where none starts by itself
	Cold   string `json:"cold"` // folder; "" for none
	Region string `json:"region"`
}

const (
	runsOff   = "off"
	writeTime = `write hours and minutes, UTC, such as "03:00", or off`
)

func (r *reader) retentionRuns(s *section) RetentionRuns {
	defer s.done()
	out := RetentionRuns{At: s.text("at", "03:00", writeTime), Region: s.text("region", "", writeRegion)}
	if s.get("cold") != nil {
		out.Cold = s.file("cold", "", "write a folder outside data")
	}
	return out
}

func (r *reader) checkRetentionRuns(c *Config) {
	_, valid := c.Retention.Next(time.Time{})
	r.expect(valid || c.Retention.At == runsOff, "retention.at", "is no time of day", writeTime)
	if c.Data != "" && c.Retention.Cold != "" && (c.Retention.Cold+"/" == c.Data+"/" || strings.HasPrefix(c.Retention.Cold, c.Data+"/")) {
		r.reportAt("retention.cold", "retention.cold lies inside data", "write a folder outside the store, best on another disk")
	}
}

// Next is when a run starts by itself after a moment, and whether one does.
func (r RetentionRuns) Next(after time.Time) (time.Time, bool) {
	at, err := time.Parse("15:04", r.At)
	if err != nil {
		return time.Time{}, false
	}
	next := after.UTC().Truncate(24 * time.Hour).Add(time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute)
	if !next.After(after) {
		next = next.Add(24 * time.Hour)
	}
	return next, true
}
