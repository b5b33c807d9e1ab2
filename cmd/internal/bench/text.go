package main

import (
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"text/tabwriter"
)

// page collects text and the first error of writing it.
type page struct {
	w   io.Writer
	err error
}

func (p *page) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format+"\n", args...)
	}
}

// table aligns rows to the right of their first column.
func (p *page) table(rows [][]string) {
	if p.err != nil {
		return
	}
	t := tabwriter.NewWriter(p.w, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		if _, p.err = fmt.Fprintln(t, strings.Join(row, "\t")); p.err != nil {
			return
		}
	}
	p.err = t.Flush()
}

func (r *Report) writeText(w io.Writer) error {
	p := &page{w: w}
	r.Machine.print(p)
	for i := range r.Scenarios {
		r.Scenarios[i].print(p)
	}
	r.printRest(p)
	r.printFigures(p)
	if p.err != nil {
		return fmt.Errorf("print report: %w", p.err)
	}
	return nil
}

func (m *Machine) print(p *page) {
	p.line("%s, %s, %d processors (%s)", m.Started.Format("2006-01-02 15:04 MST"), m.Go, m.Processors, m.Processor)
	p.line("disk: fdatasync of 16 KiB p50/p99 %s/%s ms before, %s/%s ms after",
		num(m.SyncsBefore.P50), num(m.SyncsBefore.P99), num(m.SyncsAfter.P50), num(m.SyncsAfter.P99))
	if m.InMemory {
		p.line("NO DISK: the folder is in memory, so commits cost nothing; name one on a disk with -dir")
	}
	p.line("load average before %.2f, after %.2f (this run's own); stolen by the host %.1f %%", m.LoadBefore, m.LoadAfter, 100*m.Steal)
}

// metricRow is a row of a table of loads.
type metricRow struct {
	name string
	of   func(Metrics) float64
}

// metricRows are those of a scenario.
func metricRows() []metricRow {
	return append([]metricRow{
		{"p50 ms", func(m Metrics) float64 { return m.P50 }},
		{"p99 ms", func(m Metrics) float64 { return m.P99 }},
		{"p99.9 ms", func(m Metrics) float64 { return m.P999 }},
		{"max ms", func(m Metrics) float64 { return m.Max }},
		{"messages/s", func(m Metrics) float64 { return m.Rate }},
		{"failed", func(m Metrics) float64 { return m.Failed }},
		{"CPU us/message", func(m Metrics) float64 { return m.CPU }},
		{"allocations/message", func(m Metrics) float64 { return m.Allocs }},
		{"bytes in write calls/message", func(m Metrics) float64 { return m.Written }},
		{"bytes to the disk/message", func(m Metrics) float64 { return m.ToDisk }},
		{"memory MB", func(m Metrics) float64 { return m.Resident }},
	}, siteRows()...)
}

// siteRows say what went on around what was measured.
func siteRows() []metricRow {
	return []metricRow{
		{"upstream CPU us/message", func(m Metrics) float64 { return m.Upstream }},
		{"generator CPU us/message", func(m Metrics) float64 { return m.Generator }},
		{"generator late p99 ms", func(m Metrics) float64 { return m.Late }},
		{"others' CPU %", func(m Metrics) float64 { return 100 * m.Other }},
		{"stolen %", func(m Metrics) float64 { return 100 * m.Steal }},
	}
}

func (s *Scenario) print(p *page) {
	p.line("\n%s: medians of %d rounds of %.0f messages (bare) and %.0f (Postern)", s.Name, len(s.Rounds), s.Bare.Sent, s.Postern.Sent)
	rows := [][]string{{"", "bare", "Postern", "difference", "rounds' differences"}}
	for _, m := range metricRows() {
		difference := func(pair Pair) float64 { return m.of(pair.Postern) - m.of(pair.Bare) }
		low, high := math.Inf(1), math.Inf(-1)
		for _, pair := range s.Rounds {
			low, high = min(low, difference(pair)), max(high, difference(pair))
		}
		rows = append(rows, []string{
			m.name, num(m.of(s.Bare)), num(m.of(s.Postern)), num(s.compared(difference)), num(low) + " to " + num(high),
		})
	}
	p.table(rows)
}

func (r *Report) printRest(p *page) {
	if len(r.Decisions) > 0 {
		p.line("\ncalls in one process, one after the other; facts of %d people in memory", r.Settings.Crowd)
		p.costs(r.Decisions)
	}
	if len(r.Keys) > 0 {
		p.line("\nkeys, one call after the other")
		p.costs(r.Keys)
	}
	if r.PersonalData != nil {
		p.detection(r.PersonalData)
	}
	if b := r.Backlog; b != nil {
		p.line("\nbacklog: %.0f messages (%.0f failed), %.0f events, %.0f delivered; at most %.0f under way, growing by %s/s; all there %s s after the last message; sends p99 %s ms",
			b.Messages, b.Failed, b.Events, b.Delivered, b.Highest, num(b.Growth), num(b.Drained), num(b.P99))
	}
	if r.Media != nil {
		r.Media.print(p)
	}
	if r.Swap != nil {
		r.Swap.print(p)
	}
	if len(r.Rotations) > 0 {
		r.printRotations(p)
	}
	if r.Rewrap != nil {
		r.Rewrap.print(p)
	}
	if r.Proofs != nil {
		r.Proofs.print(p)
	}
	if r.Big != nil {
		r.Big.print(p)
	}
	if r.Trail != nil {
		r.Trail.print(p)
	}
	if r.Keeping != nil {
		r.Keeping.print(p)
	}
	if r.Edges != nil {
		r.Edges.print(p)
	}
}

func (p *page) costs(list []Cost) {
	rows := [][]string{{"", "mean us", "p99 us", "allocations"}}
	for _, c := range list {
		rows = append(rows, []string{c.Name, num(c.Mean), num(c.P99), num(c.Allocs)})
	}
	p.table(rows)
}

func (r *Report) printFigures(p *page) {
	p.line("\nagainst the goals")
	rows := [][]string{{"", "measured", "goal", "floor", "reaches"}}
	for _, f := range r.Figures {
		sign, floor := "<=", "-"
		if f.AtLeast {
			sign = ">="
		}
		if f.Floor != nil {
			floor = num(*f.Floor)
		}
		rows = append(rows, []string{f.Name, strings.TrimSpace(num(f.Value) + " " + f.Unit), sign + " " + num(f.Goal), floor, string(f.Verdict)})
	}
	p.table(rows)
}

// num shows three significant digits, and all digits before the point.
func num(v float64) string {
	digits := 2
	switch abs := math.Abs(v); {
	case v == math.Trunc(v) || abs >= 100:
		digits = 0
	case abs >= 10:
		digits = 1
	}
	return strconv.FormatFloat(v, 'f', digits, 64)
}
