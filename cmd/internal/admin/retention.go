package admin

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/go-json-experiment/json"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/policy/facts"
	"postern/proxy"
	"postern/proxy/person"
	"postern/retention"
)

// RetentionPlan asks what would go now, or at another time.
type RetentionPlan struct {
	At      int64 `json:"at"`      // Unix seconds; 0: now
	Persons bool  `json:"persons"` // name who has to be told, by subject id
}

// retentionPlan changes nothing. That it named persons is recorded; its counts
// name nobody.
func (s *Service) retentionPlan(ctx context.Context, a Actor, in RetentionPlan) (retention.Plan, error) {
	now, src := s.cfg.Now(), retention.Source(RetentionSource(s.cfg.Journal, s.cfg.People, s.cfg.Config))
	switch {
	case in.At != 0 && now.Sub(time.Unix(in.At, 0)) > time.Minute: // who asks may have said now
		return retention.Plan{}, refuse(Invalid, "at has gone by: a plan is of now, where at is left out, or of a time to come")
	case in.At != 0:
		now, src = time.Unix(in.At, 0), retention.Preview{Source: src}
	}
	out, err := retention.MakePlan(ctx, s.cfg.Retention(), s.cfg.Holds, now, src, s.overLost(src)...)
	if err != nil {
		return out, err
	}
	if out.Obstacles, err = s.obstacles(ctx); err != nil {
		return out, err
	}
	if in.Persons && len(out.Untold) > 0 {
		_, err = s.trailRead(ctx, a, TrailRead{What: readNotices, Rows: named(out.Untold)})
		return out, err
	}
	for i := range out.Untold {
		out.Untold[i].Subjects = nil
	}
	return out, nil
}

// obstacles are what stands in the way of a run now, whatever time a plan is for.
func (s *Service) obstacles(ctx context.Context) ([]retention.Obstacle, error) {
	out, err := retention.Obstacles(ctx, s.cfg.Retention(), s.cfg.Holds, s.cfg.Now(), RetentionSource(s.cfg.Journal, s.cfg.People, s.cfg.Config))
	if err == nil && s.cfg.TrustClock != nil && !slices.ContainsFunc(out, func(o retention.Obstacle) bool { return o.What == retention.ObstacleClock }) {
		if jumped := s.cfg.TrustClock(); jumped != nil {
			out = append(out, retention.Distrusted("the clock: "+jumped.Error()))
		}
	}
	return out, err
}

// overLost are the records that this store lost when it was restored and
// ClickHouse has, as a source of their own; none where there is no ClickHouse.
func (s *Service) overLost(src retention.Source) []retention.Source {
	if s.cfg.OverLost == nil {
		return nil
	}
	return []retention.Source{s.cfg.OverLost(src)}
}

// RetentionSource is the journal as retention plans over it.
func RetentionSource(j *journal.Journal, people *person.Directory, config func() *boot.Config) retention.JournalSource {
	return retention.JournalSource{
		Journal: j, Consents: consentGiven, Same: people.Same,
		Ended: func(f journal.Fact) (int64, error) { return facts.Ended(proxy.FactRow(f)) },
		Open:  func(ctx context.Context) (map[audit.SubjectID]string, error) { return leftAlone(ctx, j) },
		Cold:  func() bool { return config().Retention.HasCold() },
	}
}

// leftAlone are the persons with an open request, and those whose data may only
// be kept: erasing it would be processing, too.
func leftAlone(ctx context.Context, j *journal.Journal) (map[audit.SubjectID]string, error) {
	out, err := retention.OpenRequests(j)(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := j.FactsOfKind(ctx, facts.KindRestrict)
	for _, f := range rows {
		restricted, err := facts.IsRestricted(f.Value)
		if err != nil {
			return nil, fmt.Errorf("read a restriction: %w", err)
		}
		if restricted {
			out[f.Subject] = string(retention.RequestRestriction)
		}
	}
	return out, err
}

func consentGiven(f journal.Fact) (bool, error) {
	var l facts.Ledger
	if err := json.Unmarshal(f.Value, &l); err != nil {
		return false, facts.ErrRow // the decoder's own words could quote the value
	}
	return l.Given, nil
}
