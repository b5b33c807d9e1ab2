package admin

import (
	"context"
	"regexp"
	"strconv"

	"postern/audit"
	"postern/audit/journal"
)

// TrailRead asks for trail.read: that a reading of the trail be recorded
// before its rows are shown. What was asked is not recorded, since a question
// can hold a number.
type TrailRead struct {
	What    string `json:"what"` // "sql", "search", "thread", "show", "export", "replay", "explain"
	Rows    int64  `json:"rows"`
	Subject string `json:"subject,omitempty"` // hex, where one person was asked for
}

var plainWord = regexp.MustCompile(`^[a-z]{1,16}$`)

func (s *Service) trailRead(ctx context.Context, a Actor, in TrailRead) (None, error) {
	if !plainWord.MatchString(in.What) || in.What == typeReveal || in.Rows < 0 {
		return None{}, refuse(Invalid, "the reading is not described; use the command line of the same version")
	}
	r := s.record(audit.KindTrailRead, a, in.What)
	r.Result = "rows:" + strconv.FormatInt(in.Rows, 10)
	if in.Subject != "" {
		id, err := audit.ParseID(in.Subject) // a subject has the same form
		if err != nil {
			return None{}, refuse(Invalid, "the subject is 32 lower-case hex digits")
		}
		r.Subject = audit.SubjectID(id)
	}
	return None{}, s.cfg.Journal.Append(ctx, journal.Batch{Records: []audit.Record{r}})
}

// reload takes over configuration and policy in the running gateway.
func (s *Service) reload(ctx context.Context, a Actor, _ None) (None, error) {
	if s.cfg.Reload == nil {
		return None{}, refuse(Unavailable, "no gateway is running; its next start takes the file as it is")
	}
	if err := s.cfg.Reload(ctx, a.Name); err != nil {
		return None{}, refuse(Invalid, "%v", err)
	}
	return None{}, nil
}
