package retention

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"postern/audit"
)

// TestHoldWithinARun places holds while a run purges: once Place has returned
// nothing of the person goes any more, and the run says what it left.
func TestHoldWithinARun(t *testing.T) {
	s := newPurging(t, ActionPurge)
	people := make([]audit.SubjectID, 6)
	sent := map[audit.SubjectID][]audit.ID{}
	for i := range people {
		people[i] = audit.NewSubjectID()
	}
	for day := range 8 {
		for _, p := range people {
			s.subject = p
			r := s.send(t, fmt.Appendf(nil, "KOLIBRI of day %d", day))
			s.settle(t, r.ID)
			sent[p] = append(sent[p], r.ID)
		}
		s.forward(24 * time.Hour)
	}
	s.fillDays(t, 0, 0)
	gone := func(p audit.SubjectID) (n int) {
		for _, id := range sent[p] {
			r, err := s.j.Record(t.Context(), id)
			if err != nil {
				t.Error(err)
			}
			if r.Purged {
				n++
			}
		}
		return n
	}

	runner, begun := s.runner(), make(chan struct{})
	once := sync.OnceFunc(func() { close(begun) })
	runner.cfg.Fault = func(at string) error {
		if at == "step" {
			once()
		}
		return nil
	}
	var wait sync.WaitGroup
	var then [3]int
	for i, p := range people[:3] {
		wait.Go(func() {
			<-begun
			if _, err := s.Place(t.Context(), Hold{ID: audit.NewID(s.now()), Matter: "CASE-1", Scope: Scope{Subjects: []audit.SubjectID{p}}}, s.placed); err != nil {
				t.Error(err)
			}
			then[i] = gone(p)
		})
	}
	_, err := runner.Start(t.Context(), "system")
	once()
	wait.Wait()
	check(t, err)
	for i, p := range people[:3] {
		if now := gone(p); now != then[i] {
			t.Errorf("person %d: %d records were gone when the hold was placed, %d are now", i, then[i], now)
		}
	}
	records, emptied, purged, err := s.Count(t.Context(), Scope{Subjects: people[:3]})
	left := int64(2 * (3*8 - then[0] - then[1] - then[2])) // with their outcomes
	if err != nil || emptied != 0 || purged == 0 || records > left {
		t.Errorf("counted %d records (%d emptied), %d purged (%v); %d are left", records, emptied, purged, err, left)
	}
	for _, p := range people[3:] {
		if n := gone(p); n != len(sent[p]) {
			t.Errorf("of somebody whom nothing holds %d of %d records are gone", n, len(sent[p]))
		}
	}
	s.sound(t)
}
