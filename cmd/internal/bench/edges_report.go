package main

import (
	"postern/cmd/internal/bench/load"
)

func (e *Edges) load(name string) *EdgeLoad {
	for i := range e.Loads {
		if e.Loads[i].Name == name {
			return &e.Loads[i]
		}
	}
	return &EdgeLoad{}
}

func (l *EdgeLoad) way(name string) *Way {
	for i := range l.Ways {
		if l.Ways[i].Name == name {
			return &l.Ways[i]
		}
	}
	return nil
}

// compared is the median over the rounds of what a round says of two ways.
func (l *EdgeLoad) compared(one, other string, of func(one, other Metrics) float64) (value float64, measured bool) {
	a, b := l.way(one), l.way(other)
	if a == nil || b == nil {
		return 0, false
	}
	values := make([]float64, len(a.Rounds))
	for i := range a.Rounds {
		values[i] = of(a.Rounds[i], b.Rounds[i])
	}
	return load.Median(values), true
}

// figures are the goals of the way through Envoy to Postern.
func (e *Edges) figures() []Figure {
	var out []Figure
	failed := 0.0
	for _, l := range e.Loads {
		if w := l.way(wayPostern); w != nil {
			for _, r := range w.Rounds {
				failed += r.Failed
			}
		}
	}
	if v, measured := e.load(closedLoop).compared(wayPostern, wayOPA, func(p, o Metrics) float64 { return p.Rate / o.Rate }); measured {
		out = append(out, within("failed behind Envoy", "messages", failed, 0),
			judge(Figure{Name: "closed loop, Envoy + Postern over Envoy + OPA", Unit: "x", Value: v, Goal: 2, AtLeast: true}))
	}
	if v, measured := e.load(open1000).compared(wayPostern, wayOPA, func(p, o Metrics) float64 { return p.P99 / o.P99 }); measured {
		out = append(out, within("p99 at 1,000/s, Envoy + Postern over Envoy + OPA", "x", v, 0.5))
	}
	if v, measured := e.load(open1000).compared(wayPostern, wayAllow, func(p, a Metrics) float64 { return p.P50 - p.Commit - a.P50 }); measured {
		out = append(out, within("p50 at 1,000/s over Envoy + allow-all, without the commit wait", "ms", v, 0.5))
	}
	if e.Streams.Count == 0 {
		return out
	}
	return append(out,
		within("memory of an idle stream", "KiB", e.Streams.KiB, 64),
		within("from a new certificate to the first handshake with it, the slowest", "ms", e.Certificates.Worst, 1000))
}

// edgeRows are what the table of a load shows.
func edgeRows() []metricRow {
	return append([]metricRow{
		{"p50 ms", func(m Metrics) float64 { return m.P50 }},
		{"p99 ms", func(m Metrics) float64 { return m.P99 }},
		{"messages/s", func(m Metrics) float64 { return m.Rate }},
		{"failed", func(m Metrics) float64 { return m.Failed }},
		{"CPU us/message", func(m Metrics) float64 { return m.CPU + m.Beside }},
		{"of it behind Envoy", func(m Metrics) float64 { return m.Beside }},
		{"ready without a processor us/message", func(m Metrics) float64 { return m.Queued }},
		{"of that behind Envoy", func(m Metrics) float64 { return m.QueuedBy }},
		{"commit wait p50 ms", func(m Metrics) float64 { return m.Commit }},
		{"memory of the first process MB", func(m Metrics) float64 { return m.Resident }},
	}, siteRows()...)
}

func (e *Edges) print(p *page) {
	if e.Streams.Count > 0 {
		p.line("\n%.0f idle streams from Envoy: %s KiB of the gateway's memory each", e.Streams.Count, num(e.Streams.KiB))
		p.line("%.0f new certificates at an Envoy that the gateway configures: %s ms to the first handshake with it, %s ms the slowest",
			e.Certificates.Count, num(e.Certificates.Median), num(e.Certificates.Worst))
	}
	for i := range e.Loads {
		e.Loads[i].print(p)
	}
}

func (l *EdgeLoad) print(p *page) {
	head := []string{""}
	for _, w := range l.Ways {
		head = append(head, w.Name)
	}
	rows := [][]string{head}
	for _, m := range edgeRows() {
		row := []string{m.name}
		for _, w := range l.Ways {
			row = append(row, num(m.of(w.Metrics)))
		}
		rows = append(rows, row)
	}
	for _, m := range edgeRows()[:5] {
		if m.name == "failed" {
			continue
		}
		row := []string{m.name + " / bare"}
		for _, w := range l.Ways {
			ratio, _ := l.compared(w.Name, wayBare, func(one, bare Metrics) float64 { return m.of(one) / m.of(bare) })
			row = append(row, num(ratio))
		}
		rows = append(rows, row)
	}
	p.line("\nbehind Envoy, %s: medians of %d rounds", l.Name, len(l.Ways[0].Rounds))
	p.table(rows)
}
