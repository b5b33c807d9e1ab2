package gateway

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/audit"
	"postern/retention"
)

// requestStates is what readyz says of requests of persons: how many are open,
// how many of them near or past their deadline, and the nearest one.
type requestStates struct {
	Open    int    `json:"open"`
	DueSoon int    `json:"due_soon"`
	Nearest string `json:"nearest,omitempty"` // RFC 3339
}

// dueRequests remembers which requests an alarm was raised for: once when the
// deadline is near, once when it is over; again after a restart.
type dueRequests struct {
	mu    sync.Mutex
	told  map[audit.ID]int
	state requestStates
}

// watchRequests raises an alarm before a deadline of a request passes.
func (g *Gateway) watchRequests(ctx context.Context) error {
	all, err := retention.Requests(ctx, g.store.Journal)
	if err != nil {
		return err
	}
	now, warn := g.now(), g.config.Load().Requests.Warn
	state, told := requestStates{Open: len(all)}, map[audit.ID]int{}
	g.requests.mu.Lock()
	defer g.requests.mu.Unlock()
	for _, q := range all {
		level := 0
		switch {
		case q.DueSoon(now, 0):
			level = 2
		case q.DueSoon(now, warn):
			level = 1
		}
		if level > 0 {
			state.DueSoon++
		}
		told[q.ID] = max(level, g.requests.told[q.ID])
		if level > g.requests.told[q.ID] {
			g.metrics.Alarm("request_deadline")
			g.log.Warn().Str("request", q.ID.String()).Str("type", string(q.Type)).Time("deadline", time.UnixMicro(q.Deadline).UTC()).Msg("a person's request waits for an answer")
		}
	}
	if len(all) > 0 {
		state.Nearest = time.UnixMicro(all[0].Deadline).UTC().Format(time.RFC3339)
	}
	g.requests.told, g.requests.state = told, state
	return nil
}

func (g *Gateway) requestStates() requestStates {
	g.requests.mu.Lock()
	defer g.requests.mu.Unlock()
	return g.requests.state
}

// requestsGauge counts open requests of persons, when it is asked.
type requestsGauge struct {
	g        *Gateway
	open     *prometheus.Desc
	deadline *prometheus.Desc
}

func newRequestsGauge(g *Gateway) requestsGauge {
	return requestsGauge{
		g:        g,
		open:     prometheus.NewDesc("postern_requests_open", "Requests of persons that wait for an answer, by type.", []string{"type"}, nil),
		deadline: prometheus.NewDesc("postern_requests_deadline", "Nearest deadline of an open request, Unix seconds.", nil, nil),
	}
}

// Describe implements prometheus.Collector.
func (r requestsGauge) Describe(out chan<- *prometheus.Desc) { out <- r.open; out <- r.deadline }

// Collect implements prometheus.Collector. What can not be read is absent.
func (r requestsGauge) Collect(out chan<- prometheus.Metric) {
	all, err := retention.Requests(context.Background(), r.g.store.Journal)
	if err != nil {
		return
	}
	count := map[retention.RequestType]int{}
	for _, q := range all {
		count[q.Type]++
	}
	for _, kind := range retention.RequestTypes() {
		out <- prometheus.MustNewConstMetric(r.open, prometheus.GaugeValue, float64(count[kind]), string(kind))
	}
	if len(all) > 0 {
		out <- prometheus.MustNewConstMetric(r.deadline, prometheus.GaugeValue, float64(all[0].Deadline/1e6))
	}
}
