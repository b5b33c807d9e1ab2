package main

import (
	"bytes"
	"math"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"postern/cmd/internal/bench/load"
)

func TestVerdicts(t *testing.T) {
	for _, c := range []struct {
		f    Figure
		want Verdict
	}{
		{atMost("", "", 0.6, 0.6, 1), MeetsGoal},
		{atMost("", "", 0.7, 0.6, 1), MeetsFloor},
		{atMost("", "", 1.1, 0.6, 1), Misses},
		{atLeast("", "", 0.5, 0.5, 0.35), MeetsGoal},
		{atLeast("", "", 0.4, 0.5, 0.35), MeetsFloor},
		{atLeast("", "", 0.3, 0.5, 0.35), Misses},
		{within("", "", 250, 250), MeetsGoal},
		{within("", "", 251, 250), Misses},
	} {
		if c.f.Verdict != c.want {
			t.Errorf("%v against goal %v: %q, want %q", c.f.Value, c.f.Goal, c.f.Verdict, c.want)
		}
	}
}

// rounds are three rounds at 1,000/s; the middle one met a slow moment of the
// machine that hit both gateways.
func rounds() Scenario {
	pair := func(base float64) Pair {
		return Pair{
			Bare:    Metrics{Sent: 100, P50: base, P99: 2 * base, P999: 3 * base, CPU: 200, Written: 700, Resident: 30},
			Postern: Metrics{Sent: 100, P50: base + 0.5, P99: 2*base + 4, P999: 3*base + 20, CPU: 500, Written: 20700, ToDisk: 14000, Resident: 100},
		}
	}
	s := Scenario{Name: open1000, Rounds: []Pair{pair(1), pair(50), pair(2)}}
	s.summarise()
	return s
}

func TestRoundsAreComparedPairByPair(t *testing.T) {
	s := rounds()
	if s.Bare.P50 != 2 || s.Postern.P50 != 2.5 {
		t.Errorf("medians %v and %v, want 2 and 2.5", s.Bare.P50, s.Postern.P50)
	}
	if got := s.compared(func(p Pair) float64 { return p.Postern.P50 - p.Bare.P50 }); got != 0.5 {
		t.Errorf("difference %v, want 0.5 in spite of the slow round", got)
	}
}

func TestFiguresOfOneScenario(t *testing.T) {
	r := &Report{EmptyMB: 50, IdleMB: 70, Scenarios: []Scenario{rounds()}}
	got := map[string]Verdict{}
	for _, f := range figures(r) {
		got[f.Name] = f.Verdict
	}
	want := map[string]Verdict{
		"failed in open1000": MeetsGoal, "p50 at 1,000/s over bare": MeetsGoal, "p99 at 1,000/s over bare": MeetsFloor,
		"p99.9 at 1,000/s over bare": Misses, "CPU a message at 1,000/s": MeetsFloor,
		"written to files a message at 1,000/s": MeetsFloor, "written to the disk a message at 1,000/s": MeetsGoal,
		"memory idle": MeetsGoal, "memory idle, all recipients known": MeetsFloor, "memory at 1,000/s": MeetsGoal,
	}
	if len(got) != len(want) {
		t.Errorf("%d figures, want %d", len(got), len(want))
	}
	for name, verdict := range want {
		if got[name] != verdict {
			t.Errorf("%s: %q, want %q", name, got[name], verdict)
		}
	}
}

func TestTextShowsWhatWasMeasuredAndNothingElse(t *testing.T) {
	r := &Report{Scenarios: []Scenario{rounds()}, EmptyMB: 50, IdleMB: 70}
	r.Machine.InMemory = true
	r.Figures = figures(r)
	var out bytes.Buffer
	if err := r.writeText(&out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"NO DISK", "open1000: medians of 3 rounds", "0.50 to 0.50", "<= 0.60", "missed"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the text lacks %q:\n%s", want, out.String())
		}
	}
	for _, unwanted := range []string{"backlog", "open2000", "journal of", "NaN"} {
		if strings.Contains(out.String(), unwanted) {
			t.Errorf("the text holds %q, which was not measured:\n%s", unwanted, out.String())
		}
	}
}

func TestBacklogGrowthIsOfWhatIsUnderWay(t *testing.T) {
	w := &underWay{taken: new(atomic.Int64), seconds: []float64{0.5, 1, 2, 3, 4}, events: []float64{0, 40, 100, 110, 120}}
	got := w.summary(load.Result{Latencies: []time.Duration{time.Millisecond}}, 2*time.Second)
	if got.Growth != 10 || got.Highest != 120 || got.Events != 3 || got.Drained != 2 {
		t.Errorf("%+v, want growth 10 without the first second, at most 120, 3 events, 2 s", *got)
	}
}

func TestFirstLineIsKeptWhole(t *testing.T) {
	f := &firstLine{got: make(chan []byte, 1)}
	for _, piece := range []string{`{"a"`, ":1}\nmore", "\nand more\n"} {
		if n, err := f.Write([]byte(piece)); n != len(piece) || err != nil {
			t.Fatalf("wrote %d of %d, %v", n, len(piece), err)
		}
	}
	if got := string(<-f.got); got != `{"a":1}` {
		t.Errorf("first line %q", got)
	}
}

func TestNumbersHaveThreeDigits(t *testing.T) {
	for v, want := range map[float64]string{0: "0", 0.125: "0.12", 3.14159: "3.14", 12.34: "12.3", 1234.5: "1234", -0.5: "-0.50", 1000: "1000"} {
		if got := num(v); got != want {
			t.Errorf("num(%v) = %q, want %q", v, got, want)
		}
	}
}

// A thousand waited between two readings, half of them up to 0.3 ms and the
// others up to 0.5: the median lies at the border.
func TestCommitWaitIsTheMedianOfWhatWasCountedBetween(t *testing.T) {
	histogram := func(counts ...float64) map[string]float64 {
		out := map[string]float64{}
		for i, le := range []string{"0.0002", "0.0003", "0.0005", "+Inf"} {
			out[commitMetric+`_bucket{le="`+le+`"}`] = counts[i]
		}
		return out
	}
	for _, c := range []struct {
		name          string
		before, after map[string]float64
		want          float64
	}{
		{"at a border", histogram(7, 7, 7, 9), histogram(7, 507, 1007, 1009), 0.3},
		{"within a bucket", histogram(0, 0, 0, 0), histogram(0, 0, 100, 100), 0.4},
		{"from nothing", histogram(0, 0, 0, 0), histogram(100, 100, 100, 100), 0.1},
		{"nothing counted", histogram(5, 5, 5, 5), histogram(5, 5, 5, 5), 0},
		{"no gateway", nil, nil, 0},
	} {
		if got := commitWait(c.before, c.after); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: %v ms, want %v", c.name, got, c.want)
		}
	}
}
