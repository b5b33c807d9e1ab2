package gateway

import (
	"context"
	"sync"
	"time"

	"postern/audit"
	"postern/retention"
)

// holdStates is what readyz says of legal holds: how many are in force, how many
// of them wait for a second person, and how many somebody was to look at again.
type holdStates struct {
	Placed    int `json:"placed"`
	Asked     int `json:"asked"`
	ReviewDue int `json:"review_due"`
}

// reviewedHolds remembers for which holds and review dates an alarm was raised;
// it is raised again after a restart.
type reviewedHolds struct {
	mu   sync.Mutex
	told map[audit.ID]int64
}

// watchHolds puts the end of holds on record that nobody approved in time, and
// raises an alarm for each of them and for each whose review is due. While the
// clock is not trusted none ends for good: right again it may have time left.
func (g *Gateway) watchHolds(ctx context.Context) error {
	var ended []retention.Hold
	_, why, err := retention.Believed(ctx, g.store.Journal, g.now())
	if err == nil && why == "" && g.distrust.Load() == 0 {
		ended, err = g.admin.ExpireHolds(ctx)
	}
	for i := range ended {
		g.metrics.Alarm("hold_expired")
		g.log.Warn().Str("hold", ended[i].ID.String()).Msg("nobody approved a legal hold in time: it ended")
	}
	g.reviews.tell(g.holds.List(), g.now(), func(h retention.Hold) {
		g.metrics.Alarm("hold_review")
		g.log.Warn().Str("hold", h.ID.String()).Time("review", time.UnixMicro(h.Review).UTC()).Msg("a legal hold is to be looked at again")
	})
	return err
}

func (r *reviewedHolds) tell(all []retention.Hold, now time.Time, alarm func(retention.Hold)) {
	r.mu.Lock()
	defer r.mu.Unlock()
	told := map[audit.ID]int64{}
	for _, h := range all {
		if !h.ReviewDue(now) {
			continue
		}
		if r.told[h.ID] != h.Review {
			alarm(h)
		}
		told[h.ID] = h.Review
	}
	r.told = told
}

func (g *Gateway) holdStates() holdStates {
	n := countHolds(g.holds.List(), g.now())
	return holdStates{Placed: n["placed"], Asked: n["asked"], ReviewDue: n["review_due"]}
}
