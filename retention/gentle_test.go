package retention

import (
	"context"
	"errors"
	"testing"
	"time"
)

// manyItems is a source of so many rows, each of which takes a while to read.
type manyItems struct {
	Source
	n    int
	read func()
}

// Items implements Source.
func (m manyItems) Items(_ context.Context, _ uint64, _ int64, fn func(Item) error) error {
	for range m.n {
		m.read()
		if err := fn(Item{}); err != nil {
			return err
		}
	}
	return nil
}

// TestGentle pauses for what reading took, not for what was done about it.
func TestGentle(t *testing.T) {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	var pauses []time.Duration
	ended := errors.New("the run ends")
	g := gentle{
		Source: manyItems{n: 3*looked + 1, read: func() { now = now.Add(time.Microsecond) }}, now: func() time.Time { return now },
		pause: func(_ context.Context, took time.Duration) error {
			now = now.Add(time.Second)
			if pauses = append(pauses, took); len(pauses) == 3 {
				return ended
			}
			return nil
		},
	}
	seen := 0
	err := g.Items(t.Context(), 0, 0, func(Item) error {
		seen++
		now = now.Add(time.Hour)
		return nil
	})
	if !errors.Is(err, ended) || seen != 3*looked-1 {
		t.Errorf("%d rows (%v)", seen, err)
	}
	for _, took := range pauses {
		if took != looked*time.Microsecond {
			t.Errorf("paused for reading of %v", took)
		}
	}
}
