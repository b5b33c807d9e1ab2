package main

// Figure is one number beside its goal. A floor is the least that is
// acceptable; where there is none, the goal is.
type Figure struct {
	Name    string   `json:"name"`
	Unit    string   `json:"unit"`
	Value   float64  `json:"value"`
	Goal    float64  `json:"goal"`
	Floor   *float64 `json:"floor,omitempty"`
	AtLeast bool     `json:"at_least,omitempty"` // else: at most
	Verdict Verdict  `json:"verdict"`
}

// Verdict says what a figure reaches.
type Verdict string

// Verdicts.
const (
	MeetsGoal  Verdict = "goal"
	MeetsFloor Verdict = "floor"
	Misses     Verdict = "missed"
)

func judge(f Figure) Figure {
	reaches := func(bound float64) bool {
		if f.AtLeast {
			return f.Value >= bound
		}
		return f.Value <= bound
	}
	switch {
	case reaches(f.Goal):
		f.Verdict = MeetsGoal
	case f.Floor != nil && reaches(*f.Floor):
		f.Verdict = MeetsFloor
	default:
		f.Verdict = Misses
	}
	return f
}

func atMost(name, unit string, value, goal, floor float64) Figure {
	return judge(Figure{Name: name, Unit: unit, Value: value, Goal: goal, Floor: &floor})
}

func atLeast(name, unit string, value, goal, floor float64) Figure {
	return judge(Figure{Name: name, Unit: unit, Value: value, Goal: goal, Floor: &floor, AtLeast: true})
}

func within(name, unit string, value, goal float64) Figure {
	return judge(Figure{Name: name, Unit: unit, Value: value, Goal: goal})
}

// figures are the goals of the project, as far as they were measured.
func figures(r *Report) []Figure {
	var out []Figure
	for _, s := range r.Scenarios {
		failed := 0.0
		for _, p := range s.Rounds {
			failed += p.Postern.Failed
		}
		out = append(out, within("failed in "+s.Name, "messages", failed, 0))
	}
	if s := r.scenario(open1000); s != nil {
		out = append(out, at1000(s, r)...)
	}
	if s := r.scenario(open2000); s != nil {
		out = append(out,
			atMost("p50 at 2,000/s over bare", "ms", s.compared(func(p Pair) float64 { return p.Postern.P50 - p.Bare.P50 }), 1.0, 1.5),
			atMost("p99 at 2,000/s over bare", "ms", s.compared(func(p Pair) float64 { return p.Postern.P99 - p.Bare.P99 }), 8, 12))
	}
	if s := r.scenario(closedLoop); s != nil {
		out = append(out,
			atLeast("closed loop, share of bare", "", s.compared(func(p Pair) float64 { return p.Postern.Rate / p.Bare.Rate }), 0.5, 0.35),
			atLeast("closed loop", "messages/s", s.Postern.Rate, 5000, 3500))
	}
	for _, c := range r.Decisions {
		if c.Name == textDecision || c.Name == templateDecision {
			out = append(out, atMost(c.Name, "us", c.Mean, 40, 90), within(c.Name, "allocations", c.Allocs, 250))
		}
	}
	if b := r.Backlog; b != nil {
		out = append(out,
			within("growth of the backlog at 250/s with 3 statuses", "events/s", b.Growth, 0.01*backlogRate*statusCount),
			within("events that did not arrive", "", max(b.Events-b.Delivered, 0), 0))
	}
	if m := r.Media; m != nil {
		out = append(out,
			judge(Figure{Name: "files up over 4 streams", Unit: "MB/s", Value: m.Up, Goal: 25, AtLeast: true}),
			judge(Figure{Name: "files down over 4 streams", Unit: "MB/s", Value: m.Down, Goal: 25, AtLeast: true}))
	}
	if r.PersonalData != nil {
		out = append(out, detectionFigures(r.PersonalData)...)
	}
	out = append(out, keyFigures(r)...)
	if b := r.Big; b != nil {
		out = append(out,
			atMost("commit p99 on the filled journal", "x empty", b.Full.P99/b.Empty.P99, 1.5, 2),
			atMost("first message after a start on it", "s", b.Start, 2, 4))
	}
	if r.Trail != nil {
		out = append(out, r.Trail.figures()...)
	}
	if r.Keeping != nil {
		out = append(out, r.Keeping.figures()...)
	}
	if r.Edges != nil {
		out = append(out, r.Edges.figures()...)
	}
	return out
}

// keyFigures are those of keys and proofs.
func keyFigures(r *Report) []Figure {
	var out []Figure
	for _, c := range r.Keys {
		out = append(out, within(c.Name, "us", c.Mean, map[string]float64{sealing: 3, indexing: 1}[c.Name]))
	}
	if w := r.Swap; w != nil {
		out = append(out,
			within("connections dropped by certificate swaps", "", w.Dropped, 0),
			within("messages failed meanwhile, open and new connections", "", w.Failed+w.FreshLost, 0))
	}
	for _, k := range r.Rotations {
		name := "while " + string(k.Purpose) + " is rotated"
		out = append(out, within("failed "+name, "messages", k.Failed, 0), within("p99 at 1,000/s "+name, "x quiet", k.Ratio, 2))
	}
	if w := r.Rewrap; w != nil {
		out = append(out, judge(Figure{Name: "rewrap of data keys", Unit: "keys/s", Value: w.perSecond(), Goal: 50_000, AtLeast: true}))
	}
	if f := r.Proofs; f != nil {
		out = append(out, within("inclusion proof", "ms", f.Prove.Mean/1000, 5), within("receipt check", "ms", f.Check.Mean/1000, 1))
	}
	return out
}

// at1000 are the figures at 1,000 messages a second.
func at1000(s *Scenario, r *Report) []Figure {
	return []Figure{
		atMost("p50 at 1,000/s over bare", "ms", s.compared(func(p Pair) float64 { return p.Postern.P50 - p.Bare.P50 }), 0.6, 1.0),
		atMost("p99 at 1,000/s over bare", "ms", s.compared(func(p Pair) float64 { return p.Postern.P99 - p.Bare.P99 }), 3, 5),
		atMost("p99.9 at 1,000/s over bare", "ms", s.compared(func(p Pair) float64 { return p.Postern.P999 - p.Bare.P999 }), 8, 12),
		atMost("CPU a message at 1,000/s", "x bare", s.compared(func(p Pair) float64 { return p.Postern.CPU / p.Bare.CPU }), 2, 3),
		atMost("written to files a message at 1,000/s", "kB", s.compared(func(p Pair) float64 { return p.Postern.Written - p.Bare.Written })/1000, 15, 46),
		atMost("written to the disk a message at 1,000/s", "kB", s.Postern.ToDisk/1000, 15, 46),
		atMost("memory idle", "MB", r.EmptyMB, 60, 80),
		atMost("memory idle, all recipients known", "MB", r.IdleMB, 60, 80),
		atMost("memory at 1,000/s", "MB", s.Postern.Resident, 150, 220),
	}
}
