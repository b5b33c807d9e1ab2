package sim

import (
	"context"
	"time"

	"postern/cmd/metasim/internal/hook"
	"postern/cmd/metasim/internal/state"
)

// step is an update with its time, counted from the dispatch.
type step struct {
	update hook.Update
	after  time.Duration
}

// dispatch posts the steps one after another at their times. The channel gets
// the last attempt of each and never blocks the sender.
func (s *Server) dispatch(steps []step) <-chan hook.Delivery {
	done := make(chan hook.Delivery, len(steps))
	s.planned.Add(int64(len(steps)))
	s.advance(steps, 0, done)
	return done
}

// advance enqueues every step whose time has come and sets a timer for the
// next one.
func (s *Server) advance(steps []step, elapsed time.Duration, done chan<- hook.Delivery) {
	for i, next := range steps {
		if wait := next.after - elapsed; wait > 0 {
			time.AfterFunc(wait, func() { s.advance(steps[i:], next.after, done) })
			return
		}
		select {
		case <-s.ending():
			return
		default:
		}
		s.sender.Enqueue(next.update, func(d hook.Delivery) { done <- d })
		s.planned.Add(-1)
	}
}

// wait collects n outcomes; it returns early when ctx ends.
func wait(ctx context.Context, done <-chan hook.Delivery, n int) []hook.Delivery {
	var got []hook.Delivery
	for len(got) < n {
		select {
		case d := <-done:
			got = append(got, d)
		case <-ctx.Done():
			return got
		}
	}
	return got
}

// recordDelivery lists an attempt and keeps it.
func (s *Server) recordDelivery(d hook.Delivery) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d.Seq = s.webhooks.last + 1
	s.webhooks.add(d)
	if err := s.log.Append(state.Entry{Kind: kindDelivery, Value: d}); err != nil {
		s.cfg.Log.Error().Err(err).Msg("a webhook attempt is not in the state")
	}
	if d.Outcome != hook.Delivered {
		s.cfg.Log.Warn().Int("status", d.Status).Int("attempt", d.Attempt).Str("outcome", d.Outcome).
			Str("error", d.Error).Msg("webhook was not answered 200")
	}
}

// updateEntries keeps the updates until their outcome is known.
func updateEntries(steps []step) []state.Entry {
	entries := make([]state.Entry, len(steps))
	for i, st := range steps {
		entries[i] = state.Entry{Kind: kindUpdate, Value: st.update}
	}
	return entries
}
