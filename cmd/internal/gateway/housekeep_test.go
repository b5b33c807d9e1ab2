package gateway

import (
	"errors"
	"testing"
)

// TestSweepGoesOn: one time takes away more than one step does, and ends.
func TestSweepGoesOn(t *testing.T) {
	broken := errors.New("the store is down")
	for name, c := range map[string]struct {
		end  int // the step that says it is done
		err  error
		want int
	}{
		"to the end":  {end: 7, want: 7},
		"to an error": {end: 3, err: broken, want: 3},
		"so far":      {end: 10 * sweepsAtOnce, want: sweepsAtOnce},
	} {
		steps := 0
		err := sweep(func() (bool, error) {
			if steps++; steps == c.end {
				return true, c.err
			}
			return false, nil
		})
		if !errors.Is(err, c.err) || steps != c.want {
			t.Errorf("%s: %d steps, want %d (%v)", name, steps, c.want, err)
		}
	}
}
