package admin

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
)

// TrailRead asks for trail.read: that a reading of the trail be recorded, before
// its rows are shown or once it has failed.
type TrailRead struct {
	What    string `json:"what"` // "sql", "search", "thread", "show", "export", "replay", "explain", "diff"
	Rows    int64  `json:"rows"`
	Subject string `json:"subject,omitempty"` // hex, where one person was asked for
	Store   string `json:"store,omitempty"`   // that was asked, where it is not the journal: "clickhouse"
	Failed  string `json:"failed,omitempty"`  // why there was no answer: "refused", "too_long", "failed"
	Asked   string `json:"asked,omitempty"`   // the question; of it the form alone is recorded, since it can hold a number
}

var plainWord = regexp.MustCompile(`^[a-z]{1,16}$`)

// failures are the reasons of TrailRead.Failed.
var failures = []string{"", "refused", "too_long", "failed"}

func (s *Service) trailRead(ctx context.Context, a Actor, in TrailRead) (None, error) {
	if !plainWord.MatchString(in.What) || in.What == typeReveal || in.Rows < 0 || in.Store != "" && in.Store != "clickhouse" || !slices.Contains(failures, in.Failed) {
		return None{}, refuse(Invalid, "the reading is not described; use the command line of the same version")
	}
	r := s.record(audit.KindTrailRead, a, in.What)
	r.Result = cmp.Or(in.Failed, "rows:"+strconv.FormatInt(in.Rows, 10))
	if in.Subject != "" {
		id, err := audit.ParseID(in.Subject) // a subject has the same form
		if err != nil {
			return None{}, refuse(Invalid, "the subject is 32 lower-case hex digits")
		}
		r.Subject = audit.SubjectID(id)
	}
	if in.Store != "" {
		r.Labels = append(r.Labels, "store:"+in.Store)
	}
	if in.Asked != "" {
		detail, err := json.Marshal(map[string]string{"asked": journal.Shape(in.Asked)})
		if err != nil {
			return None{}, fmt.Errorf("record a reading: %w", err)
		}
		r.Parts = append(r.Parts, audit.NewPart(audit.PartDetail, detail))
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
