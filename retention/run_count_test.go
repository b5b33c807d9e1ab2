package retention

import (
	"errors"
	"testing"

	"postern/audit"
	"postern/audit/journal"
)

// TestRunCountsOnce: what a step put on record and a crash kept from being taken
// counts once, and so does what is looked at again after it was taken.
func TestRunCountsOnce(t *testing.T) {
	for name, crash := range map[string]func(journal.Erase) bool{
		"keys":       func(e journal.Erase) bool { return len(e.Keys) > 0 },
		"files":      func(e journal.Erase) bool { return len(e.Media) > 0 },
		"webhooks":   func(e journal.Erase) bool { return len(e.Dead) > 0 },
		"after them": nil,
	} {
		t.Run(name, func(t *testing.T) {
			s := newPurging(t, ActionPurge)
			s.putBeside(t, audit.NewID(s.now()))
			s.fillDays(t, 1, 1)
			s.erased = func(e journal.Erase) error {
				if crash != nil && crash(e) {
					crash = nil
					return errCrash
				}
				return nil
			}
			if name == "after them" {
				s.faults["purged"] = 0
			}
			if _, err := s.runner().Start(t.Context(), "ann"); !errors.Is(err, errCrash) {
				t.Fatalf("did not stop: %v", err)
			}
			s.again(t)
			c := s.run(t)
			if c.Keys != 1 || counted(&c, audit.ClassMedia) != 1 || counted(&c, audit.ClassDeliveries) != 1 {
				t.Errorf("%d keys, gone %+v", c.Keys, c.Gone)
			}
			if left, err := s.j.Settings(t.Context(), "erased"); err != nil || len(left) != 0 {
				t.Errorf("counts that are over stay: %+v (%v)", left, err)
			}
		})
	}
}

// TestRunOfBefore: a run that an earlier version began is counted by its records.
func TestRunOfBefore(t *testing.T) {
	s := newPurging(t, ActionPurge)
	s.putBeside(t, audit.NewID(s.now()))
	s.fillDays(t, 1, 1)
	r := s.runner()
	s.faults["purged"] = 0
	if _, err := r.Start(t.Context(), "ann"); !errors.Is(err, errCrash) {
		t.Fatalf("did not stop: %v", err)
	}
	run, found, err := unfinished(t.Context(), s.j)
	if err != nil || !found || !run.Tallied {
		t.Fatal(run, err)
	}
	run.Tallied = false
	c, err := r.certify(t.Context(), run, s.policy, &steps{})
	check(t, err)
	if c.Keys != 1 || counted(&c, audit.ClassMedia) != 1 {
		t.Errorf("%d keys, gone %+v", c.Keys, c.Gone)
	}
}

// putBeside puts a dead letter and a file on the shelf.
func (s *purging) putBeside(t *testing.T, id audit.ID) {
	t.Helper()
	check(t, s.j.Append(t.Context(), journal.Batch{
		Deliveries: []journal.Delivery{{ID: id, App: "loans", Tenant: "bank", State: journal.DeliveryDead, Created: s.now().UnixMicro(), Body: []byte("QUEUED-SEALED-BODY")}},
		Media: []journal.Media{{
			ID: id, Tenant: "bank", Number: "1", App: "loans", Hash: [16]byte{1}, Upstream: []byte("SEALED-UPSTREAM-ID"), Kind: "image", Mime: "image/png",
			Stored: true, Created: s.now().UnixMicro(), Until: s.now().AddDate(1, 0, 0).UnixMicro(),
		}},
	}))
}
