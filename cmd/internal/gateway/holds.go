package gateway

import (
	"context"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention"
)

// numbersOf are the numbers that an app has now.
func (g *Gateway) numbersOf(app string) []string {
	_, a, _ := g.config.Load().App(app)
	return a.Numbers
}

// keptRows names webhooks and message ids that a hold covers; nil while there
// is none.
func (g *Gateway) keptRows(held func(retention.Item) []retention.Hold) func(journal.Resting) bool {
	if len(g.holds.List()) == 0 {
		return nil
	}
	return func(r journal.Resting) bool {
		return len(held(retention.Item{
			Store: retention.StoreDeliveries, Row: r.Record, Time: r.Time, Tenant: r.Tenant, App: r.App, Number: r.Number, Subject: r.Subject,
		})) > 0
	}
}

// keptFiles names files that a hold covers. One that an app uploaded is under a
// subject of its own: a hold of a person does not know it.
// What has to be announced stays until a retention run lets it go.
func (g *Gateway) keptFiles(ctx context.Context, held func(retention.Item) []retention.Hold) func(journal.Media) bool {
	p := g.Retention()
	return func(m journal.Media) bool {
		if m.Stored && m.Upstream != nil { // else a run, or the person's erasure, let it go
			if awaits, err := p.Awaits(ctx, g.store.Journal, audit.ClassMedia, m.Subject); awaits || err != nil {
				return true
			}
		}
		return len(held(retention.Item{
			Store: retention.StoreMedia, Row: m.ID, Time: m.Created, Tenant: m.Tenant, App: m.App, Number: m.Number, Subject: m.Subject,
		})) > 0
	}
}

// holdsGauge counts legal holds and what waits for them, when it is asked.
type holdsGauge struct {
	g       *Gateway
	holds   *prometheus.Desc
	waiting *prometheus.Desc
}

func newHoldsGauge(g *Gateway) holdsGauge {
	return holdsGauge{
		g:       g,
		holds:   prometheus.NewDesc("postern_holds", "Legal holds in force, by state.", []string{"state"}, nil),
		waiting: prometheus.NewDesc("postern_erasures_held", "Erasures of persons that wait for the end of a legal hold or of a floor.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (h holdsGauge) Describe(out chan<- *prometheus.Desc) { out <- h.holds; out <- h.waiting }

// Collect implements prometheus.Collector.
func (h holdsGauge) Collect(out chan<- prometheus.Metric) {
	states := countHolds(h.g.holds.List(), h.g.now())
	for _, state := range []string{"placed", "asked", "review_due"} {
		out <- prometheus.MustNewConstMetric(h.holds, prometheus.GaugeValue, float64(states[state]), state)
	}
	if waiting, err := h.g.admin.HeldErasures(context.Background()); err == nil { // else it is absent
		out <- prometheus.MustNewConstMetric(h.waiting, prometheus.GaugeValue, float64(len(waiting)))
	}
}

// countHolds says how many are in force, how many of them wait for a second
// person, and how many somebody was to look at again by now.
func countHolds(all []retention.Hold, now time.Time) map[string]int {
	out := map[string]int{}
	for _, one := range all {
		state := "placed"
		if one.Expires != 0 {
			state = "asked"
		}
		out[state]++
		if one.ReviewDue(now) {
			out["review_due"]++
		}
	}
	return out
}
