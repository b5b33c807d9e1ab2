package journal

import (
	"context"
	"time"
)

// How the rows of an erasure are dealt out to transactions of the writer, which
// every send waits for.
const (
	mostRows    = 100 // of one transaction
	leastRows   = 10
	shortHold   = 2 * time.Millisecond  // what a transaction aims at
	longestRest = 50 * time.Millisecond // behind one, whatever the disk does
)

// inSteps gives some of all at a time to fn, which changes them in a transaction
// of the writer. Each holds the writer for so short a time that sends, where
// there are any, hardly notice, and leaves it to them for longer behind that:
// what it had to wait for counts for nothing. How many rows that are is learned
// from the step before.
func inSteps[T any](ctx context.Context, j *Journal, all []T, fn func([]T) error) error {
	for len(all) > 0 {
		some := all[:min(len(all), j.stepRows())]
		var held time.Duration
		err := j.alone(ctx, func() error {
			began := j.cfg.Now()
			defer func() { held = j.cfg.Now().Sub(began) }()
			return fn(some)
		})
		if err != nil {
			return err
		}
		rest := j.paced(len(some), held)
		if all = all[len(some):]; len(all) > 0 {
			j.rest(rest)
		}
	}
	return nil
}

// stepRows is how many rows the next step takes. More than one erasure may learn
// at once: that they disagree does no harm.
func (j *Journal) stepRows() int { return max(int(j.eraseRows.Load()), leastRows) }

// paced learns from a step of so many rows and says how long to rest behind it:
// three times as long as it was where others wrote since the one before.
func (j *Journal) paced(rows int, held time.Duration) time.Duration {
	next := 2 * rows // at most twice as many, at least half: one step may have met a slow disk
	if held > 0 {
		next = int(min(max(int64(rows)*int64(shortHold)/int64(held), int64(rows/2)), int64(next)))
	}
	j.eraseRows.Store(int64(min(max(next, leastRows), mostRows)))
	rest, commits := held, j.commits.Load()
	if j.eraseSeen.Swap(commits) != commits {
		rest = 3 * held
	}
	return min(rest, longestRest)
}

// politely returns what runs the parts of a longer work beside the writer: it rests
// behind each as long as that took, once others were recorded since the work began.
// So it takes half of a processor, or of the disk, at most.
func (j *Journal) politely() func(func() error) error {
	commits := j.commits.Load()
	return func(part func() error) error {
		began := j.cfg.Now()
		err := part()
		if j.commits.Load() != commits {
			j.rest(min(j.cfg.Now().Sub(began), longestRest))
		}
		return err
	}
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
