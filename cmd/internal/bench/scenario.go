package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"postern/cmd/internal/bench/load"
	"postern/cmd/internal/bench/machine"
)

// scenario is one kind of load.
type scenario struct {
	name    string
	rate    float64 // 0 is the closed loop
	workers int
}

// Names of the scenarios that goals speak of.
const (
	open1000   = "open1000"
	open2000   = "open2000"
	closedLoop = "closed64"
)

func scenarios() []scenario {
	return []scenario{{"open200", 200, 256}, {open1000, 1000, 256}, {open2000, 2000, 256}, {closedLoop, 0, 64}}
}

// settling is the pause between load and reading the counters: what a message
// leaves to be done later counts as its cost.
const settling = 500 * time.Millisecond

// Metrics is one measurement. Times are milliseconds, CPU microseconds.
type Metrics struct {
	Sent      float64 `json:"sent"`
	Failed    float64 `json:"failed"`
	Rate      float64 `json:"rate_per_s"`
	P50       float64 `json:"p50_ms"`
	P99       float64 `json:"p99_ms"`
	P999      float64 `json:"p999_ms"`
	Max       float64 `json:"max_ms"`
	Late      float64 `json:"generator_late_p99_ms"`                  // of the load generator itself; part of the latencies
	CPU       float64 `json:"cpu_us_per_message"`                     // of the gateway process
	Beside    float64 `json:"beside_cpu_us_per_message,omitempty"`    // of the process that it asks
	Queued    float64 `json:"queued_us_per_message"`                  // threads of both ready, and no processor free for them
	QueuedBy  float64 `json:"beside_queued_us_per_message,omitempty"` // of it the process that is asked
	Allocs    float64 `json:"allocations_per_message"`
	Commit    float64 `json:"commit_wait_p50_ms,omitempty"`  // of the gateway's own count
	Written   float64 `json:"write_calls_bytes_per_message"` // sockets and files
	ToDisk    float64 `json:"disk_bytes_per_message"`
	Resident  float64 `json:"resident_mb"` // the highest seen
	Upstream  float64 `json:"upstream_cpu_us_per_message"`
	Generator float64 `json:"generator_cpu_us_per_message"`
	Other     float64 `json:"other_cpu_share"` // of all processors, by processes not of this run
	Steal     float64 `json:"steal_share"`
}

// numbers are all fields, for medians over rounds.
func (m *Metrics) numbers() []*float64 {
	return []*float64{
		&m.Sent, &m.Failed, &m.Rate, &m.P50, &m.P99, &m.P999, &m.Max, &m.Late, &m.CPU, &m.Beside, &m.Queued, &m.QueuedBy, &m.Allocs, &m.Commit,
		&m.Written, &m.ToDisk, &m.Resident, &m.Upstream, &m.Generator, &m.Other, &m.Steal,
	}
}

// medians takes the median of each field over the rounds.
func medians(rounds []Metrics) Metrics {
	var out Metrics
	for i, to := range out.numbers() {
		values := make([]float64, len(rounds))
		for r := range rounds {
			values[r] = *rounds[r].numbers()[i]
		}
		*to = load.Median(values)
	}
	return out
}

// reading is the state of all counters at one moment.
type reading struct {
	gateway, beside, upstream, self machine.Usage
	all                             map[int]machine.Usage // of every process of the run
	system                          machine.Times
	counters                        map[string]float64 // of the gateway's page of metrics
	queued, queuedBy                time.Duration      // see Metrics
}

// meter reads the counters of a run.
type meter struct {
	pids     []int // of every process of the run, the harness too
	upstream int
}

func (m meter) read(ctx context.Context, t *target) (r reading, err error) {
	r.all = map[int]machine.Usage{}
	for _, pid := range m.pids {
		if r.all[pid], err = machine.Process(pid); err != nil {
			return r, err
		}
	}
	if r.queued, r.queuedBy, err = queued(t); err != nil {
		return r, err
	}
	r.gateway, r.beside, r.upstream, r.self = r.all[t.pid], r.all[t.beside], r.all[m.upstream], r.all[os.Getpid()]
	if r.system, err = machine.System(); err != nil {
		return r, err
	}
	if t.metrics != "" {
		r.counters, err = counters(ctx, t.metrics)
	}
	return r, err
}

// queued is how long a way's processes have waited for a processor: all of them,
// and the one that is asked.
func queued(t *target) (all, beside time.Duration, err error) {
	if t.pid != 0 {
		all, err = machine.Queued(t.pid)
	}
	if err == nil && t.beside != 0 {
		beside, err = machine.Queued(t.beside)
	}
	return all + beside, beside, err
}

const mallocsMetric = "go_memstats_mallocs_total"

// counters reads a page of metrics, each value by its name and labels.
func counters(ctx context.Context, url string) (map[string]float64, error) {
	raw, err := get(ctx, url)
	if err != nil {
		return nil, fmt.Errorf("read metrics: %w", err)
	}
	out := map[string]float64{}
	for line := range strings.Lines(string(raw)) {
		at := strings.LastIndexByte(strings.TrimSpace(line), ' ')
		if at < 0 || line[0] == '#' {
			continue
		}
		if out[line[:at]], err = strconv.ParseFloat(strings.TrimSpace(line[at:]), 64); err != nil {
			return nil, fmt.Errorf("read metrics: %w", err)
		}
	}
	if _, there := out[mallocsMetric]; !there {
		return nil, fmt.Errorf("read metrics: %s is not there", mallocsMetric)
	}
	return out, nil
}

// commitMetric is how long admissions waited until they were durable.
const commitMetric = "postern_commit_seconds"

// commitWait is the median wait of what a histogram counted between two
// readings, in milliseconds, spread evenly over the bucket that it lies in. It is
// 0 where nothing was counted.
func commitWait(before, after map[string]float64) float64 {
	bounds := map[float64]float64{} // how many waited no longer
	for name, n := range after {
		if rest, ours := strings.CutPrefix(name, commitMetric+`_bucket{le="`); ours {
			bound, err := strconv.ParseFloat(strings.TrimSuffix(rest, `"}`), 64) // "+Inf" too
			if err == nil {
				bounds[bound] = n - before[name]
			}
		}
	}
	lower, below := 0.0, 0.0
	half := bounds[math.Inf(1)] / 2
	for _, bound := range slices.Sorted(maps.Keys(bounds)) {
		if n := bounds[bound]; n >= half && n > below && !math.IsInf(bound, 1) {
			return 1000 * (lower + (bound-lower)*(half-below)/(n-below))
		}
		lower, below = bound, bounds[bound]
	}
	return 0
}

// measure puts one load on one gateway, after a warm-up that does not count.
func (m meter) measure(ctx context.Context, t *target, s scenario, o *options) (Metrics, error) {
	send(ctx, t, s, o.WarmUp)
	before, err := m.read(ctx, t)
	if err != nil {
		return Metrics{}, err
	}
	watch := watchMemory(t.pid)
	result := send(ctx, t, s, o.Duration)
	resident := watch()
	machine.Nap(o.Settle)
	after, err := m.read(ctx, t)
	if err != nil {
		return Metrics{}, err
	}
	out := m.metrics(result, before, after)
	out.Resident = float64(resident) / (1 << 20)
	if len(result.Latencies) == 0 {
		return out, fmt.Errorf("%s answered nothing well under %s: %w", t.name, s.name, result.First)
	}
	return out, ctx.Err()
}

func send(ctx context.Context, t *target, s scenario, d time.Duration) load.Result {
	sheet := t.letters.sheets(s.workers)
	runtime.GC() // the generator's own garbage is not the gateway's
	return load.Run(ctx, generator(s, d), func(worker, i int) error { return t.pool.Do(ctx, sheet(worker, i)) })
}

func generator(s scenario, d time.Duration) load.Config {
	return load.Config{Rate: s.rate, Workers: s.workers, Duration: d, Now: time.Now, Wait: machine.Nap}
}

func (m meter) metrics(r load.Result, before, after reading) Metrics {
	sent := float64(len(r.Latencies) + r.Failed)
	per := func(x float64) float64 { return x / max(sent, 1) }
	gateway, up, self := after.gateway.Sub(before.gateway), after.upstream.Sub(before.upstream), after.self.Sub(before.self)
	system := after.system.Sub(before.system)
	ours := time.Duration(0)
	for pid, u := range after.all {
		ours += u.Sub(before.all[pid]).CPU
	}
	at := func(q float64) float64 { return load.Milliseconds(load.Quantile(r.Latencies, q)) }
	return Metrics{
		Sent: sent, Failed: float64(r.Failed), Rate: r.Rate(), P50: at(0.5), P99: at(0.99), P999: at(0.999), Max: at(1),
		Late: load.Milliseconds(load.Quantile(r.Late, 0.99)),
		CPU:  per(microseconds(gateway.CPU)), Beside: per(microseconds(after.beside.Sub(before.beside).CPU)), Upstream: per(microseconds(up.CPU)), Generator: per(microseconds(self.CPU)),
		Queued: per(microseconds(after.queued - before.queued)), QueuedBy: per(microseconds(after.queuedBy - before.queuedBy)),
		Allocs: per(after.counters[mallocsMetric] - before.counters[mallocsMetric]), Commit: commitWait(before.counters, after.counters), Written: per(float64(gateway.Written)), ToDisk: per(float64(gateway.ToDisk)),
		Other: max(float64(system.Busy-ours)/float64(system.Total()), 0), Steal: float64(system.Steal) / float64(system.Total()),
	}
}

func microseconds(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

// watchMemory samples a process until it is called off and returns the
// highest resident size.
func watchMemory(pid int) func() int64 {
	stop, highest := make(chan struct{}), int64(0)
	var wg sync.WaitGroup
	wg.Go(func() {
		tick := time.NewTicker(100 * time.Millisecond)
		defer tick.Stop()
		for {
			if u, err := machine.Process(pid); err == nil {
				highest = max(highest, u.Resident)
			}
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	})
	return func() int64 {
		close(stop)
		wg.Wait()
		return highest
	}
}
