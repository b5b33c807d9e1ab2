package gateway

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/cmd/internal/admin"
	"postern/policy"
)

// upstreamMetrics show what Meta holds of ours and until when.
type upstreamMetrics struct {
	tokenEnds  *prometheus.GaugeVec
	tokenValid *prometheus.GaugeVec
	flowStates *prometheus.GaugeVec
	resting    *prometheus.GaugeVec
}

func newUpstreamMetrics(to prometheus.Registerer) upstreamMetrics {
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		v := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "postern", Name: name, Help: help}, labels)
		to.MustRegister(v)
		return v
	}
	return upstreamMetrics{
		tokenEnds:  gauge("token_expiry_timestamp_seconds", "When a tenant's token, or its access to data, ends; absent for never.", "tenant", "what"),
		tokenValid: gauge("token_valid", "1 while Meta calls a tenant's token valid.", "tenant"),
		flowStates: gauge("flow_keys", "Numbers with flows by what Meta holds of their keys.", "state"),
		resting:    gauge("numbers_resting", "Numbers by where Meta keeps their messages.", "kind", "region"),
	}
}

func (m upstreamMetrics) token(tenant string, s tokenSaid) {
	for what, at := range map[string]time.Time{tokenItself: s.expires, tokenAccess: s.access} {
		if at.IsZero() {
			m.tokenEnds.DeleteLabelValues(tenant, what)
			continue
		}
		m.tokenEnds.WithLabelValues(tenant, what).Set(float64(at.Unix()))
	}
	valid := 0.0
	if s.valid {
		valid = 1
	}
	m.tokenValid.WithLabelValues(tenant).Set(valid)
}

func (m upstreamMetrics) residency(counts map[policy.Residency]int) {
	m.resting.Reset()
	for r, n := range counts {
		m.resting.WithLabelValues(r.Kind, r.Region).Set(float64(n))
	}
}

func (m upstreamMetrics) flowKeys(said map[string]flowSaid) {
	counts := map[admin.FlowKeyState]int{
		admin.FlowKeyCurrent: 0, admin.FlowKeyPrevious: 0, admin.FlowKeyOther: 0, admin.FlowKeyMissing: 0, admin.FlowKeyUnsigned: 0, notTold: 0,
	}
	for _, s := range said {
		counts[s.word()]++
	}
	for state, n := range counts {
		m.flowStates.WithLabelValues(string(state)).Set(float64(n))
	}
}
