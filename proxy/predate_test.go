package proxy_test

import (
	"slices"
	"testing"
	"time"

	"postern/audit"
)

// TestStatusesFromBeforeTheGate: what a number sent before it came to the gate
// is no message round the gate, but stays on record; what is sent now is one.
func TestStatusesFromBeforeTheGate(t *testing.T) {
	came := noon.Add(300 * time.Millisecond)
	for _, c := range []struct {
		name, state string
		at          time.Time
		early       bool
	}{
		{"sent the day before, heard now", "sent", noon.AddDate(0, 0, -1), true},
		{"read a week after", "read", noon.AddDate(0, 0, 7), true},
		{"failed the next day", "failed", noon.AddDate(0, 0, 1), true},
		{"delivered after a template's longest life", "delivered", noon.AddDate(0, 0, 31), false},
		{"sent in the same second", "sent", noon, false},
		{"sent a week after", "sent", noon.AddDate(0, 0, 7), false},
	} {
		t.Run(c.name, func(t *testing.T) {
			h := newHouse(t, options{now: noon.AddDate(0, 0, 40), adopted: came})
			h.receive("bank", update(bankCloud, "statuses", h.status("wamid.old", c.state, "", c.at)))
			recs := h.records(audit.KindUnmatchedSend)
			if len(recs) != 1 || slices.Contains(recs[0].Labels, "may_predate_gate") != c.early {
				t.Fatalf("records: %+v", recs)
			}
			if early, loud := h.alarmed("unmatched_status"), h.alarmed("unmatched_send"); (early == 1) != c.early || early+loud != 1 {
				t.Errorf("%d alarms of a late status, %d of a send round the gate", early, loud)
			}
		})
	}
}

// TestUnknownAdoptionAlarms: a gate that does not know since when a number is
// here takes no status for an old one.
func TestUnknownAdoptionAlarms(t *testing.T) {
	h := newHouse(t, options{})
	h.receive("bank", update(bankCloud, "statuses", h.status("wamid.old", "read", "", noon.AddDate(-1, 0, 0))))
	if h.alarmed("unmatched_send") != 1 {
		t.Error("no alarm")
	}
}
