package boot

import (
	"strings"
	"time"

	"postern/audit/blob"
)

// RetentionRuns says when what the retention policy lets go is purged, and
// where that goes which moves to cold storage.
type RetentionRuns struct {
	At     string `json:"at"`      // time of day, UTC, "03:00"; "off" where none starts by itself
	Cold   string `json:"cold"`    // folder, or
	ColdS3 S3     `json:"cold_s3"` // a bucket; neither: none
	Region string `json:"region"`
}

const (
	runsOff   = "off"
	writeTime = `write hours and minutes, UTC, such as "03:00", or off`
)

// HasCold reports whether there is a place to move records to.
func (r RetentionRuns) HasCold() bool { return r.Cold != "" || r.ColdS3.Bucket != "" }

// OpenCold opens it; nil where there is none. current gives what is in force.
func (r RetentionRuns) OpenCold(now func() time.Time, current func() RetentionRuns) (blob.Bucket, error) {
	switch {
	case r.Cold != "":
		return blob.OpenFolder(r.Cold)
	case r.ColdS3.Bucket != "":
		return r.ColdS3.Open(now, func() S3 { return current().ColdS3 })
	}
	return nil, nil //nolint:nilnil // there is none
}

func (r *reader) retentionRuns(s *section) RetentionRuns {
	defer s.done()
	out := RetentionRuns{At: s.text("at", "03:00", writeTime), ColdS3: r.s3(s.sub("cold_s3"), false), Region: s.text("region", "", writeRegion)}
	if s.get("cold") != nil {
		out.Cold = s.file("cold", "", "write a folder outside data")
	}
	return out
}

func (r *reader) checkRetentionRuns(c *Config) {
	_, valid := c.Retention.Next(time.Time{})
	r.expect(valid || c.Retention.At == runsOff, "retention.at", "is no time of day", writeTime)
	r.expect(c.Retention.Cold == "" || c.Retention.ColdS3.Bucket == "", "retention.cold", "stands beside cold_s3", "write one of them")
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
