package gateway

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/zerolog"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/retention"
)

// shown are the values of gauges and counters by name and first label.
func shown(t *testing.T, registry *prometheus.Registry) map[string]float64 {
	t.Helper()
	all, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]float64{}
	for _, family := range all {
		for _, m := range family.GetMetric() {
			name := family.GetName()
			if l := m.GetLabel(); len(l) > 0 {
				name += " " + l[0].GetValue()
			}
			out[name] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return out
}

// TestRequestsAlarmTwice: once when a deadline is near and once when it is over.
func TestRequestsAlarmTwice(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	now := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	j, err := journal.Open(t.Context(), journal.Config{Path: t.TempDir(), Chain: "bank.example/1", Now: func() time.Time { return now }, MinFree: -1})
	if err != nil {
		t.Fatal(err)
	}
	defer j.Close() //nolint:errcheck // the test is over
	near := now.Add(28 * day)
	var b journal.Batch
	for _, q := range []retention.Request{
		{Type: retention.RequestErasure, Deadline: now.Add(90 * day).UnixMicro()}, {Type: retention.RequestAccess, Deadline: near.UnixMicro()},
	} {
		q.ID, q.Received = audit.NewID(now), now.UnixMicro()
		row, err := q.Row()
		if err != nil {
			t.Fatal(err)
		}
		b.Settings = append(b.Settings, row)
	}
	if err := j.Append(t.Context(), b); err != nil {
		t.Fatal(err)
	}
	g := &Gateway{store: &boot.Store{Journal: j}, now: func() time.Time { return now }, metrics: newMetrics(), log: zerolog.Nop()}
	g.config.Store(&boot.Config{Requests: boot.Requests{Warn: 7 * day}})
	g.metrics.registry.MustRegister(newRequestsGauge(g))
	for _, c := range []struct {
		at   time.Time
		soon int
		told float64
	}{{now, 0, 0}, {near.Add(-7 * day), 1, 1}, {near.Add(-day), 1, 1}, {near, 1, 2}, {near.Add(day), 1, 2}} {
		now = c.at
		if err := g.watchRequests(t.Context()); err != nil {
			t.Fatal(err)
		}
		state, got := g.requestStates(), shown(t, g.metrics.registry)
		if state.Open != 2 || state.DueSoon != c.soon || state.Nearest != near.Format(time.RFC3339) || got["postern_alarms_total request_deadline"] != c.told {
			t.Errorf("%v: %+v, alarms %v, want %d soon and %v alarms", c.at, state, got["postern_alarms_total request_deadline"], c.soon, c.told)
		}
		if got["postern_requests_open access"] != 1 || got["postern_requests_open erasure"] != 1 || got["postern_requests_open restriction"] != 0 || got["postern_requests_deadline"] != float64(near.Unix()) {
			t.Errorf("%v: gauges %v", c.at, got)
		}
	}
}
