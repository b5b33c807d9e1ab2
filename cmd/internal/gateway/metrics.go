package gateway

import (
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"postern/audit/journal"
	"postern/policy/facts"
)

// metrics counts in fixed words: dialects, routes, codes, apps. Nothing a
// person wrote or is called by is ever a label.
type metrics struct {
	registry   *prometheus.Registry
	requests   *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	decisions  *prometheus.CounterVec
	upstreams  *prometheus.HistogramVec
	commits    prometheus.Histogram
	webhooks   *prometheus.CounterVec
	deliveries *prometheus.CounterVec
	latencies  *prometheus.HistogramVec
	alarms     *prometheus.CounterVec
	tasks      *prometheus.CounterVec
	limited    *prometheus.CounterVec
	handshakes *prometheus.CounterVec
	reveals    *prometheus.CounterVec
	streams    prometheus.Gauge
	rejected   *prometheus.GaugeVec
	streamEnds *prometheus.CounterVec
	expires    *prometheus.GaugeVec
	slow       *prometheus.GaugeVec
	checked    prometheus.Gauge
	findings   prometheus.Gauge

	shipFindings prometheus.Gauge

	upstreamMetrics

	mu     sync.Mutex
	window map[string]*median // by app
}

var buckets = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30}

// commitBuckets are finer: a disk takes a fifth of a millisecond or ten.
var commitBuckets = []float64{.0001, .0002, .0003, .0004, .0005, .0006, .0008, .001, .0015, .002, .003, .005, .01, .025, .1, 1, 10}

func newMetrics() *metrics {
	m := &metrics{registry: prometheus.NewRegistry(), window: map[string]*median{}}
	m.upstreamMetrics = newUpstreamMetrics(m.registry)
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "postern", Name: name, Help: help}, labels)
		m.registry.MustRegister(c)
		return c
	}
	histogram := func(name, help string, labels ...string) *prometheus.HistogramVec {
		h := prometheus.NewHistogramVec(prometheus.HistogramOpts{Namespace: "postern", Name: name, Help: help, Buckets: buckets}, labels)
		m.registry.MustRegister(h)
		return h
	}
	m.requests = counter("requests_total", "Requests of apps by dialect, route and status.", "dialect", "route", "status")
	m.seconds = histogram("request_seconds", "Time to answer an app.", "dialect", "route")
	m.decisions = counter("decisions_total", "Decisions by kind, effect and first reason.", "kind", "effect", "reason")
	m.commits = prometheus.NewHistogram(prometheus.HistogramOpts{
		Namespace: "postern", Name: "commit_seconds", Help: "Time a decision or a webhook waited until its record was durable.", Buckets: commitBuckets,
	})
	m.registry.MustRegister(m.commits)
	m.upstreams = histogram("upstream_seconds", "Time upstream took, by outcome.", "result")
	m.webhooks = counter("webhooks_total", "Webhooks of Meta by status answered.", "status")
	m.deliveries = counter("deliveries_total", "Deliveries to apps by state and code.", "app", "state", "code")
	m.latencies = histogram("delivery_seconds", "Time from Meta's webhook to the app's 200.", "app")
	m.handshakes = counter("tls_failures_total", "Handshakes with clients that failed, by listener and kind.", "listener", "kind")
	m.reveals = counter("reveals_total", "Openings of what is kept sealed, by step.", "step")
	m.streamEnds = counter("extproc_streams_total", "Requests that came by Envoy, by how its stream ended.", "end")
	m.rejected = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "postern", Name: "envoy_rejected", Help: "1 while an Envoy rejects what it is configured with, by node and kind.",
	}, []string{"node", "kind"})
	m.streams = prometheus.NewGauge(prometheus.GaugeOpts{Namespace: "postern", Name: "extproc_streams", Help: "Requests by Envoy that are under way."})
	m.expires = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "postern", Name: "certificate_expiry_timestamp_seconds", Help: "When a certificate in use expires.",
	}, []string{"certificate"})
	m.registry.MustRegister(m.expires)
	m.alarms = counter("alarms_total", "Alarms by kind.", "alarm")
	m.tasks = counter("tasks_total", "What the gateway does by itself from time to time: how often it was done, failed or not.", "task")
	m.limited = counter("limited_total", "Calls answered here since a limit was reached or Meta's answer holds them off, by Meta's code for it.", "scope", "code")
	m.slow = prometheus.NewGaugeVec(prometheus.GaugeOpts{
		Namespace: "postern", Name: "delivery_slow", Help: "1 while the median from Meta to the app is above 250 ms.",
	}, []string{"app"})
	m.checked = prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "postern", Name: "trail_checked_records", Help: "Records of the trail verified since the start.",
	})
	m.findings = prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "postern", Name: "trail_findings", Help: "What in the trail disagreed with itself or its checkpoints.",
	})
	m.shipFindings = prometheus.NewGauge(prometheus.GaugeOpts{
		Namespace: "postern", Name: "clickhouse_findings", Help: "What in ClickHouse disagreed with what was sent, when it was verified last.",
	})
	m.registry.MustRegister(m.streams, m.rejected, m.shipFindings, m.checked, m.findings, m.slow, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// backlog shows what waits for each app, counted when it is asked for.
type backlog struct {
	desc    *prometheus.Desc
	waiting func() map[string]int
}

func newBacklog(waiting func() map[string]int) backlog {
	return backlog{prometheus.NewDesc("postern_delivery_backlog", "Events in memory that wait for an app.", []string{"app"}, nil), waiting}
}

// Describe implements prometheus.Collector.
func (b backlog) Describe(out chan<- *prometheus.Desc) { out <- b.desc }

// Collect implements prometheus.Collector.
func (b backlog) Collect(out chan<- prometheus.Metric) {
	for app, n := range b.waiting() {
		out <- prometheus.MustNewConstMetric(b.desc, prometheus.GaugeValue, float64(n), app)
	}
}

// Request implements outbound.Observer.
func (m *metrics) Request(dialect, route string, status int, d time.Duration) {
	m.requests.WithLabelValues(dialect, route, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(dialect, route).Observe(d.Seconds())
}

// Upstream implements outbound.Observer.
func (m *metrics) Upstream(result string, d time.Duration) {
	m.upstreams.WithLabelValues(result).Observe(d.Seconds())
}

// Limited implements outbound.Observer.
func (m *metrics) Limited(scope string, code int) {
	m.limited.WithLabelValues(scope, strconv.Itoa(code)).Inc()
}

// Decision implements proxy.Observer.
func (m *metrics) Decision(kind, effect, reason string) {
	m.decisions.WithLabelValues(kind, effect, reason).Inc()
}

// Commit implements proxy.Observer.
func (m *metrics) Commit(d time.Duration) { m.commits.Observe(d.Seconds()) }

// Alarm implements proxy.Observer.
func (m *metrics) Alarm(kind string) { m.alarms.WithLabelValues(kind).Inc() }

func (m *metrics) webhook(status int, _ time.Duration) {
	m.webhooks.WithLabelValues(strconv.Itoa(status)).Inc()
}

func (m *metrics) delivered(app string, state journal.DeliveryState, code int64) {
	name := map[journal.DeliveryState]string{
		journal.DeliveryPending: "retry", journal.DeliveryDone: "done", journal.DeliveryDead: "dead",
	}[state]
	m.deliveries.WithLabelValues(app, name, strconv.FormatInt(code, 10)).Inc()
}

// rests reports whether nothing may be delivered of a person now.
func (g *Gateway) rests(row journal.Delivery) bool {
	return g.people.Erased(row.Subject) || g.facts.Restricted(row.Tenant, facts.Subject(row.Subject))
}

// delivered counts a try to deliver for the operator and for the app.
func (g *Gateway) delivered(app string, state journal.DeliveryState, code int64, took time.Duration) {
	g.metrics.delivered(app, state, code)
	g.stats.Callback(app, code, took)
}

// slowAbove is the median from Meta's webhook to the app's 200 above which the
// alarm is raised (whatsapp.md 3.8).
const slowAbove = 250 * time.Millisecond

func (m *metrics) latency(app string, d time.Duration) {
	m.latencies.WithLabelValues(app).Observe(d.Seconds())
	m.mu.Lock()
	w := m.window[app]
	if w == nil {
		w = &median{}
		m.window[app] = w
	}
	slow, was := w.add(d) > slowAbove, w.slow
	w.slow = slow
	m.mu.Unlock()
	if slow == was {
		return
	}
	value := 0.0
	if slow {
		value = 1
		m.Alarm("delivery_slow")
	}
	m.slow.WithLabelValues(app).Set(value)
}

// median is over the last full window of deliveries: enough to say that an app
// is slow, cheap enough to keep for each.
type median struct {
	last [64]time.Duration
	n    int
	now  time.Duration
	slow bool
}

func (w *median) add(d time.Duration) time.Duration {
	w.last[w.n%len(w.last)] = d
	w.n++
	if w.n%len(w.last) == 0 {
		w.now = middle(w.last)
	}
	return w.now
}
