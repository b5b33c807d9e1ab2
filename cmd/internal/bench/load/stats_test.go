package load_test

import (
	"math"
	"testing"

	"postern/cmd/internal/bench/load"
)

func TestQuantileIsTheNearestRank(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = i + 1
	}
	for _, c := range []struct {
		values []int
		q      float64
		want   int
	}{
		{nil, 0.5, 0},
		{[]int{7}, 0, 7},
		{[]int{7}, 0.999, 7},
		{[]int{1, 2}, 0.5, 1},
		{[]int{1, 2, 3}, 0.5, 2},
		{hundred, 0.5, 50},
		{hundred, 0.99, 99},
		{hundred, 0.991, 100},
		{hundred, 0.999, 100},
		{hundred, 1, 100},
	} {
		if got := load.Quantile(c.values, c.q); got != c.want {
			t.Errorf("Quantile(%d values, %v) = %d, want %d", len(c.values), c.q, got, c.want)
		}
	}
}

func TestMedian(t *testing.T) {
	values := []float64{9, 1, 5}
	if got := load.Median(values); got != 5 {
		t.Errorf("median of 9, 1, 5 = %v, want 5", got)
	}
	if values[0] != 9 {
		t.Error("the values were put into another order")
	}
	if got := load.Median([]float64{4, 1, 2, 3}); got != 2.5 {
		t.Errorf("median of 1..4 = %v, want 2.5", got)
	}
	if got := load.Median(nil); !math.IsNaN(got) {
		t.Errorf("median of nothing = %v, want NaN", got)
	}
}

func TestSlope(t *testing.T) {
	x := []float64{0, 1, 2, 3, 4}
	for _, c := range []struct {
		name string
		y    []float64
		want float64
	}{
		{"level", []float64{5, 5, 5, 5, 5}, 0},
		{"rising", []float64{0, 2, 4, 6, 8}, 2},
		{"falling", []float64{4, 3, 2, 1, 0}, -1},
		{"noisy but level", []float64{1, 3, 2, 3, 1}, 0},
	} {
		if got := load.Slope(x, c.y); math.Abs(got-c.want) > 1e-9 {
			t.Errorf("%s: slope %v, want %v", c.name, got, c.want)
		}
	}
	if got := load.Slope([]float64{1}, []float64{1}); !math.IsNaN(got) {
		t.Errorf("slope of one point = %v, want NaN", got)
	}
}
