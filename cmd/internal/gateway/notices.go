package gateway

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/cmd/internal/admin"
	"postern/retention"
)

// noticeStates is what readyz says of persons who have to be told before their
// data goes: how many, and how many of them so late that their data stays longer
// than its class says. One person counts in each class.
type noticeStates struct {
	Due     int    `json:"due"`
	Overdue int    `json:"overdue"`
	Looked  string `json:"looked,omitempty"` // RFC 3339
}

// dueNotices is who had to be told when it was looked last. Looking reads
// everything that is old enough, so that it is done seldom.
type dueNotices struct {
	mu     sync.Mutex
	state  noticeStates
	stale  bool
	looked time.Duration // on the monotonic clock; 0: never
	took   time.Duration
}

// How often is looked who has to be told.
const (
	noticesEvery = time.Hour
	noticesShare = 20 // looking takes at most a twentieth of the time
)

// changed has it looked again soon.
func (n *dueNotices) changed() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.stale = true
}

func (n *dueNotices) states() noticeStates {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state
}

// due reports whether it is to be looked now, which the caller then does.
func (n *dueNotices) due(now time.Duration) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	wait := noticesEvery
	if n.stale {
		wait = 0
	}
	if n.looked != 0 && now < n.looked+max(wait, noticesShare*n.took) {
		return false
	}
	n.stale = false
	return true
}

// found takes over what was seen, and says whether there are persons where there
// were none.
func (n *dueNotices) found(s noticeStates, at, took time.Duration) (due, overdue bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	due, overdue = s.Due > 0 && n.state.Due == 0, s.Overdue > 0 && n.state.Overdue == 0
	n.state, n.looked, n.took = s, max(at, 1), took
	return due, overdue
}

// keepNotices looks again and again. It is a part of its own, since looking can
// take minutes and a run must not wait for it.
func (g *Gateway) keepNotices(ctx context.Context) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if began := g.elapsed(); g.notices.due(began) {
				g.watchNotices(ctx, began)
			}
		}
	}
}

// watchNotices looks who has to be told, where the policy says so.
func (g *Gateway) watchNotices(ctx context.Context, began time.Duration) {
	p := g.Retention()
	if !p.Announces() {
		g.notices.found(noticeStates{}, began, 0)
		return
	}
	src := admin.RetentionSource(g.store.Journal, g.people, g.config.Load)
	var also []retention.Source
	if g.clickHouse.store != nil {
		also = append(also, retention.OverLost(src, lostRows{g}))
	}
	all, refused, err := p.Untold(ctx, g.holds, g.now(), time.Time{}, src, also...)
	if errors.Is(err, retention.ErrUnreached) { // its own alarms say so; who is known has to be told all the same
		err = nil
	}
	if err != nil || refused != "" {
		if err != nil && ctx.Err() == nil {
			g.log.Error().Err(err).Msg("retention notices")
			g.metrics.Alarm("retention_failed")
		}
		g.notices.found(g.notices.states(), began, g.elapsed()-began)
		return
	}
	g.tellNotices(all, began)
}

func (g *Gateway) tellNotices(all []retention.Untold, began time.Duration) {
	state := noticeStates{Looked: g.now().UTC().Format(time.RFC3339)}
	for _, u := range all {
		state.Due += u.Persons
		state.Overdue += u.Overdue
	}
	due, overdue := g.notices.found(state, began, g.elapsed()-began)
	if due || overdue {
		g.metrics.Alarm("notices_due")
		g.log.Warn().Int("due", state.Due).Int("overdue", state.Overdue).Msg("persons have to be told before their data goes")
	}
}

// noticesGauge shows what was seen last.
type noticesGauge struct {
	g    *Gateway
	desc *prometheus.Desc
}

func newNoticesGauge(g *Gateway) noticesGauge {
	return noticesGauge{g, prometheus.NewDesc("postern_notices", "Persons who have to be told before their data goes, counted in each class.", []string{"state"}, nil)}
}

// Describe implements prometheus.Collector.
func (n noticesGauge) Describe(out chan<- *prometheus.Desc) { out <- n.desc }

// Collect implements prometheus.Collector.
func (n noticesGauge) Collect(out chan<- prometheus.Metric) {
	s := n.g.notices.states()
	out <- prometheus.MustNewConstMetric(n.desc, prometheus.GaugeValue, float64(s.Due), "due")
	out <- prometheus.MustNewConstMetric(n.desc, prometheus.GaugeValue, float64(s.Overdue), "overdue")
}
