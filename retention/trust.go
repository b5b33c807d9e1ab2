package retention

import (
	"context"
	"fmt"
	"time"

	"postern/audit/journal"
)

// Believed is up to when the trail vouches for a clock that says now: now, or,
// where nothing would be planned by that clock, a time before; why then has the
// words. Whoever judges by time alone whether something may go asks here, with a
// gateway or without one: a clock that was set ahead ends no floor.
func Believed(ctx context.Context, j *journal.Journal, now time.Time) (until time.Time, why string, err error) {
	s, err := clockState(ctx, j, now)
	if err != nil {
		return time.Time{}, "", fmt.Errorf("look whether the clock can be believed: %w", err)
	}
	until, why = s.believed(now)
	return until, why, nil
}

// clockState is what the trail says of a clock that says now.
func clockState(ctx context.Context, j *journal.Journal, now time.Time) (State, error) {
	t, err := j.Reader().Times(ctx, now.Add(-trustAfter), now)
	return State{Newest: t.Newest, Before: t.Before, Jumped: t.Jumped}, err
}

func (s State) believed(now time.Time) (until time.Time, why string) {
	why = s.distrust(now)
	if why == "" || s.Newest-now.UnixMicro() > trustAfter.Microseconds() { // set back: nothing is over too early
		return now, why
	}
	return time.UnixMicro(s.Before), why
}
