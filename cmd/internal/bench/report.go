package main

import (
	"encoding/json"
	"fmt"
	"io"
	"runtime"
	"slices"
	"time"

	"postern/cmd/internal/bench/detect"
	"postern/cmd/internal/bench/load"
	"postern/cmd/internal/bench/machine"
)

// Report is everything that was measured. What was not is absent.
type Report struct {
	Machine      Machine        `json:"machine"`
	Settings     options        `json:"settings"`
	EmptyMB      float64        `json:"empty_resident_mb,omitempty"` // before it knows anybody
	IdleMB       float64        `json:"idle_resident_mb,omitempty"`  // with all recipients known
	Decisions    []Cost         `json:"decisions,omitempty"`
	Scenarios    []Scenario     `json:"scenarios,omitempty"`
	Keys         []Cost         `json:"keys,omitempty"`
	PersonalData *detect.Report `json:"personal_data,omitempty"`
	Backlog      *Backlog       `json:"backlog,omitempty"`
	Media        *Media         `json:"media,omitempty"`
	Swap         *Swap          `json:"swap,omitempty"`
	Rotations    []Rotation     `json:"rotations,omitempty"`
	Rewrap       *Rewrap        `json:"rewrap,omitempty"`
	Proofs       *Proofs        `json:"proofs,omitempty"`
	Big          *Big           `json:"big,omitempty"`
	Trail        *Trail         `json:"trail,omitempty"`
	Keeping      *Keeping       `json:"keeping,omitempty"`
	Edges        *Edges         `json:"envoy,omitempty"`
	Figures      []Figure       `json:"figures"`
}

// Machine is where and under which conditions it was measured.
type Machine struct {
	Started     time.Time `json:"started"`
	Go          string    `json:"go"`
	Processor   string    `json:"processor"`
	Processors  int       `json:"processors"`
	LoadBefore  float64   `json:"load_average_before"`
	LoadAfter   float64   `json:"load_average_after"` // this run's own load
	Steal       float64   `json:"steal_share"`
	SyncsBefore Syncs     `json:"fdatasync_before"`
	SyncsAfter  Syncs     `json:"fdatasync_after"`
	InMemory    bool      `json:"in_memory"` // no disk was measured: the folder is a tmpfs

	times machine.Times
}

// Syncs is how long the disk takes to keep 16 KiB.
type Syncs struct {
	P50 float64 `json:"p50_ms"`
	P99 float64 `json:"p99_ms"`
}

func measureSyncs(dir string) (Syncs, error) {
	took, err := machine.SyncTimes(dir, 16<<10, 300, time.Now)
	slices.Sort(took)
	return Syncs{load.Milliseconds(load.Quantile(took, 0.5)), load.Milliseconds(load.Quantile(took, 0.99))}, err
}

func (m *Machine) begin(dir string) (err error) {
	m.Started, m.Go, m.Processors, m.Processor = time.Now().UTC().Truncate(time.Second), runtime.Version(), runtime.NumCPU(), machine.Processor()
	if m.LoadBefore, err = machine.LoadAverage(); err != nil {
		return err
	}
	if m.InMemory, err = machine.InMemory(dir); err != nil {
		return err
	}
	if m.SyncsBefore, err = measureSyncs(dir); err != nil {
		return err
	}
	m.times, err = machine.System()
	return err
}

func (m *Machine) end(dir string) (err error) {
	now, err := machine.System()
	if err != nil {
		return err
	}
	passed := now.Sub(m.times)
	m.Steal = float64(passed.Steal) / float64(max(passed.Total(), 1))
	if m.LoadAfter, err = machine.LoadAverage(); err != nil {
		return err
	}
	m.SyncsAfter, err = measureSyncs(dir)
	return err
}

// Scenario is one kind of load on both gateways. Bare and Postern are the
// medians of the rounds, field by field.
type Scenario struct {
	Name    string  `json:"name"`
	Bare    Metrics `json:"bare"`
	Postern Metrics `json:"postern"`
	Rounds  []Pair  `json:"rounds"`

	scenario scenario
}

// Pair is one round.
type Pair struct {
	Bare    Metrics `json:"bare"`
	Postern Metrics `json:"postern"`
}

func (s *Scenario) summarise() {
	var bare, postern []Metrics
	for _, p := range s.Rounds {
		bare, postern = append(bare, p.Bare), append(postern, p.Postern)
	}
	s.Bare, s.Postern = medians(bare), medians(postern)
}

// compared is the median over the rounds of what a round's two say together:
// both were measured one after the other, under the same conditions.
func (s *Scenario) compared(of func(Pair) float64) float64 {
	values := make([]float64, len(s.Rounds))
	for i, p := range s.Rounds {
		values[i] = of(p)
	}
	return load.Median(values)
}

func (r *Report) scenario(name string) *Scenario {
	for i := range r.Scenarios {
		if r.Scenarios[i].Name == name {
			return &r.Scenarios[i]
		}
	}
	return nil
}

func (r *Report) writeJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	if err := enc.Encode(r); err != nil {
		return fmt.Errorf("print report: %w", err)
	}
	return nil
}
