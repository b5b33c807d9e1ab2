package journal

import (
	"context"
	"slices"
	"time"
)

const (
	// eraseStep bounds the rows of one transaction, so that sends never wait long.
	eraseStep = 100
	// longestRest between two of them, whatever the disk does.
	longestRest = 50 * time.Millisecond
)

// inSteps gives some of all at a time to fn, which changes them in a transaction
// of the writer. Behind each it leaves the writer to others for twice as long as
// it had it: what it had to wait for counts for nothing.
func inSteps[T any](ctx context.Context, j *Journal, all []T, fn func([]T) error) error {
	left := len(all)
	for some := range slices.Chunk(all, eraseStep) {
		var held time.Duration
		err := j.alone(ctx, func() error {
			began := j.cfg.Now()
			defer func() { held = j.cfg.Now().Sub(began) }()
			return fn(some)
		})
		if err != nil {
			return err
		}
		if left -= len(some); left > 0 {
			j.rest(min(2*held, longestRest))
		}
	}
	return nil
}

// rest waits, or until the journal is closed.
func (j *Journal) rest(d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-j.done:
	}
}
