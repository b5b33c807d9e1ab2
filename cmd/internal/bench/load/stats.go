package load

import (
	"cmp"
	"math"
	"slices"
	"time"
)

// Quantile is the smallest value that at least the share q of all values does
// not exceed (nearest rank). The values must ascend; of none it is zero.
func Quantile[T cmp.Ordered](ascending []T, q float64) T {
	var none T
	if len(ascending) == 0 {
		return none
	}
	// The product is rounded first: 0.99*100 is a little more than 99 in binary.
	rank := int(math.Ceil(math.Round(q*float64(len(ascending))*1e6) / 1e6))
	return ascending[min(max(rank, 1), len(ascending))-1]
}

// Median is the middle of the values, the mean of both middles where their
// number is even; of none it is NaN. It leaves their order alone.
func Median(values []float64) float64 {
	if len(values) == 0 {
		return math.NaN()
	}
	sorted := slices.Sorted(slices.Values(values))
	mid := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[mid]
	}
	return (sorted[mid-1] + sorted[mid]) / 2
}

// Slope is the change of y per unit of x by least squares; NaN where fewer
// than two different x tell it.
func Slope(x, y []float64) float64 {
	n := min(len(x), len(y))
	var mx, my float64
	for i := range n {
		mx += x[i] / float64(n)
		my += y[i] / float64(n)
	}
	var xy, xx float64
	for i := range n {
		xy += (x[i] - mx) * (y[i] - my)
		xx += (x[i] - mx) * (x[i] - mx)
	}
	if xx == 0 {
		return math.NaN()
	}
	return xy / xx
}

// Milliseconds is a duration as a number of milliseconds.
func Milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
