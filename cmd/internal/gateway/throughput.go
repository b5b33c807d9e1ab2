package gateway

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/proxy/dialect"
	"postern/proxy/limit"
	"postern/proxy/upstream"
)

// throughputs is what Meta gives each number.
type throughputs struct {
	mu sync.Mutex
	by map[string]dialect.Phone
}

func (t *throughputs) put(p dialect.Phone) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.by == nil {
		t.by = map[string]dialect.Phone{}
	}
	t.by[p.ID] = p
}

func (t *throughputs) of(number string) dialect.Phone {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.by[number]
}

// watchNumbers reads each number's throughput. What cannot be read stays as it
// was, at first as the standard one: too little is no loss for longer than until
// the next time, and too much Meta refuses by itself.
func (g *Gateway) watchNumbers(ctx context.Context) error {
	asking, cancel := context.WithTimeout(ctx, 20*time.Second) // other tasks wait
	defer cancel()
	for _, t := range g.config.Load().Tenants {
		who, err := g.token(t.Name)
		if err != nil {
			continue
		}
		for _, n := range t.Numbers {
			if phone, ok := g.askPhone(asking, who, n.ID); ok {
				g.throughs.put(phone)
				g.limits.SetLevel(n.ID, levelOf(phone))
			}
		}
	}
	return nil
}

const limitFields = "throughput,whatsapp_business_manager_messaging_limit"

// askPhone asks with the field that tells of the WhatsApp Business app, and
// without it where Meta's version does not know it.
func (g *Gateway) askPhone(ctx context.Context, who upstream.Credential, number string) (dialect.Phone, bool) {
	for _, fields := range []string{limitFields + ",is_on_biz_app", limitFields} {
		a := g.upstream.Get(ctx, who, "/"+number+"?fields="+fields)
		if a.Answered() && a.Status == http.StatusOK {
			phone, err := dialect.DecodePhone(a.Body)
			return phone, err == nil && phone.ID == number
		}
		if !a.Answered() || a.Status != http.StatusBadRequest {
			break
		}
	}
	return dialect.Phone{}, false
}

func levelOf(p dialect.Phone) limit.Level {
	switch {
	case p.Beside:
		return limit.Beside
	case p.Throughput == "HIGH":
		return limit.High
	}
	return limit.Standard
}

// numberState is what readyz says of a number.
type numberState struct {
	Throughput string     `json:"throughput"` // "not_told" before Meta's first answer
	Limit      string     `json:"messaging_limit,omitempty"`
	Beside     bool       `json:"beside_business_app,omitempty"`
	Held       int        `json:"held,omitempty"` // Meta's code that holds its messages off
	Until      *time.Time `json:"held_until,omitempty"`
}

func (g *Gateway) numberStates() map[string]numberState {
	out, held := map[string]numberState{}, g.limits.Held()
	for _, t := range g.config.Load().Tenants {
		for _, n := range t.Numbers {
			phone := g.throughs.of(n.ID)
			s := numberState{Throughput: phone.Throughput, Limit: phone.Limit, Beside: phone.Beside}
			if s.Throughput == "" {
				s.Throughput = notTold
			}
			i := slices.IndexFunc(held, func(h limit.Held) bool {
				return h.Scope == limit.Number && h.Name == n.ID || h.Scope == limit.Account && h.Name == t.Name
			})
			if i >= 0 {
				s.Held, s.Until = held[i].Code, &held[i].Until
			}
			out[n.ID] = s
		}
	}
	return out
}

// restricted reports a number whose messages Meta refused for what it did, as
// far as the last answer to one says.
func (g *Gateway) restricted(number string) bool {
	return slices.ContainsFunc(g.limits.Held(), func(h limit.Held) bool {
		return h.Scope == limit.Number && h.Name == number && (h.Code == limit.CodeRestricted || h.Code == limit.CodeLocked)
	})
}

// held tells of what an answer of Meta's holds off from now on. A single pair is
// not worth an alarm.
func (g *Gateway) held(h limit.Held) {
	if h.Scope == limit.Pair {
		return
	}
	g.metrics.Alarm("held_off")
	g.log.Warn().Str(h.Scope.String(), h.Name).Int("code", h.Code).Time("until", h.Until).
		Msg("an answer of Meta's holds calls off; they are answered here with the same code, and one is let through then to see")
}

// accountChanged hears that Meta told of a change of a tenant's account or
// numbers: their throughput is read anew, and what restricted them is tried.
func (g *Gateway) accountChanged(tenant string) {
	var numbers []string
	for _, n := range g.routes.Load().tenants[tenant].Numbers {
		numbers = append(numbers, n.ID)
	}
	g.limits.Changed(numbers)
	g.hurry()
}

// heldCodes are always shown, at 0 while nothing is held off.
var heldCodes = map[limit.Scope][]int{
	limit.Number:     {limit.CodeThroughput, limit.CodeMaintenance, limit.CodeRestricted, limit.CodeLocked},
	limit.Pair:       {limit.CodePair},
	limit.Account:    {limit.CodeAccount, limit.CodeApp},
	limit.Management: {limit.CodeManagement, limit.CodeAccount, limit.CodeApp},
}

// heldGauge shows what is held off when it is asked for.
type heldGauge struct {
	desc *prometheus.Desc
	held func() []limit.Held
}

func newHeldGauge(held func() []limit.Held) heldGauge {
	return heldGauge{prometheus.NewDesc("postern_held_off", "What an answer of Meta's holds off, by scope and its code.", []string{"scope", "code"}, nil), held}
}

// Describe implements prometheus.Collector.
func (h heldGauge) Describe(out chan<- *prometheus.Desc) { out <- h.desc }

// Collect implements prometheus.Collector.
func (h heldGauge) Collect(out chan<- prometheus.Metric) {
	n := map[limit.Held]int{}
	for scope, codes := range heldCodes {
		for _, code := range codes {
			n[limit.Held{Scope: scope, Code: code}] = 0
		}
	}
	for _, held := range h.held() {
		n[limit.Held{Scope: held.Scope, Code: held.Code}]++
	}
	for of, count := range n {
		out <- prometheus.MustNewConstMetric(h.desc, prometheus.GaugeValue, float64(count), of.Scope.String(), strconv.Itoa(of.Code))
	}
}
