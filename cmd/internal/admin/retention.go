package admin

import (
	"context"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit/journal"
	"postern/policy/facts"
	"postern/retention"
)

// RetentionPlan asks what would go now, or at another time.
type RetentionPlan struct {
	At int64 `json:"at"` // Unix seconds; 0: now
}

// retentionPlan changes nothing. Its counts name nobody.
func (s *Service) retentionPlan(ctx context.Context, _ Actor, in RetentionPlan) (retention.Plan, error) {
	now, src := s.cfg.Now(), retention.Source(RetentionSource(s.cfg.Journal))
	if in.At != 0 {
		now, src = time.Unix(in.At, 0), retention.Preview{Source: src}
	}
	return retention.MakePlan(ctx, s.cfg.Retention(), s.cfg.Holds, now, src)
}

// RetentionSource is the journal as retention plans over it.
func RetentionSource(j *journal.Journal) retention.JournalSource {
	return retention.JournalSource{Journal: j, Consents: consentGiven, Open: retention.OpenRequests(j)}
}

func consentGiven(f journal.Fact) (bool, error) {
	var l facts.Ledger
	if err := json.Unmarshal(f.Value, &l); err != nil {
		return false, facts.ErrRow // the decoder's own words could quote the value
	}
	return l.Given, nil
}
