package proxy_test

import (
	"fmt"
	"sync"
	"testing"
	"time"
)

// TestStampsDecide: what a person did counts from Meta's stamp, whenever it
// arrives and in whatever order.
func TestStampsDecide(t *testing.T) {
	h := newHouse(t, options{})
	h.says(customer, "late", h.now().Add(-23*time.Hour))
	h.allowed(bankCloud, text(customer, "just in time"))
	h.forward(time.Hour)
	h.refused("window_closed", bankCloud, text(customer, "too late"))
	h.says(customer, "later still", h.now().Add(-25*time.Hour))
	h.refused("window_closed", bankCloud, text(customer, "too late"))
	h.says(customer, "new", h.now().Add(-time.Hour))
	h.says(customer, "old again", h.now().Add(-30*time.Hour))
	h.allowed(bankCloud, text(customer, "in the window of the newest"))
	h.refused("window_closed", bankOnPrem, text(customer, "the other number has no window"))
	h.restart()
	h.allowed(bankCloud, text(customer, "as before"))
}

// TestWordsKeepTheirOrder: stamps are whole seconds. Of two words in one second
// the one received later counts; an older one undoes nothing. Memory and rows
// agree about it.
func TestWordsKeepTheirOrder(t *testing.T) {
	type word struct {
		text string
		at   time.Duration
	}
	cases := []struct {
		name    string
		words   []word
		stopped bool
	}{
		{"stop, start", []word{{"stop", 0}, {"start", 0}}, false},
		{"start, stop", []word{{"start", 0}, {"stop", 0}}, true},
		{"stop, start, stop", []word{{"stop", 0}, {"start", 0}, {"stop", 0}}, true},
		{"stop, start, stop, start", []word{{"stop", 0}, {"start", 0}, {"stop", 0}, {"start", 0}}, false},
		{"stop, late start", []word{{"stop", 0}, {"start", -time.Second}}, true},
		{"start, late stop", []word{{"start", 0}, {"stop", -time.Second}}, false},
		{"stop, later start", []word{{"stop", 0}, {"start", time.Second}}, false},
		{"stop from the future, start", []word{{"stop", 9000 * time.Hour}, {"start", 9000 * time.Hour}}, false},
		{"stop from the future, start from before", []word{{"stop", 9000 * time.Hour}, {"start", time.Second}}, true},
	}
	h := newHouse(t, options{})
	h.templates()
	who := func(i int, together bool) string {
		return fmt.Sprintf("4917139%v%03d", map[bool]int{true: 25, false: 26}[together], i)
	}
	for i, c := range cases {
		for _, together := range []bool{true, false} {
			h.consent(who(i, together), "utility")
			start := h.now()
			h.forward(time.Minute)
			var items []map[string]any
			for _, w := range c.words {
				items = append(items, h.wrote(who(i, together), w.text, start.Add(w.at)))
			}
			if together {
				h.receive("bank", update(bankCloud, "messages", items...))
				continue
			}
			for _, item := range items {
				h.receive("bank", update(bankCloud, "messages", item))
				h.forward(time.Second)
			}
		}
	}
	for _, when := range []string{"as it runs", "from the rows after a restart"} {
		for i, c := range cases {
			for _, together := range []bool{true, false} {
				if _, p := h.admit(bankCloud, template(who(i, together), "update")); (p != nil) != c.stopped {
					t.Errorf("%s, together %v, %s: want stopped %v, got %+v", c.name, together, when, c.stopped, p)
				}
			}
		}
		h.restart()
	}
}

// TestConcurrentWords: however stops and starts race, memory and rows agree.
func TestConcurrentWords(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	for i := range 25 {
		who := fmt.Sprintf("4917139230%02d", i)
		h.consent(who, "utility")
		var wait sync.WaitGroup
		for range 3 {
			for _, word := range []string{"stop", "start"} {
				raw := update(bankCloud, "messages", h.wrote(who, word, h.now()))
				wait.Go(func() {
					if err := h.gate.Receive(t.Context(), "bank", raw); err != nil {
						t.Error(err)
					}
				})
			}
		}
		wait.Wait()
	}
	var before [25]bool
	for round := range 2 {
		for i := range before {
			_, p := h.admit(bankCloud, template(fmt.Sprintf("4917139230%02d", i), "update"))
			if round == 0 {
				before[i] = p != nil
			} else if before[i] != (p != nil) {
				t.Errorf("person %d: stopped %v before the restart, %v after", i, before[i], p != nil)
			}
		}
		h.restart()
	}
}

func TestStopWithoutUsableStampCounts(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	for i, stamp := range []any{nil, "", "soon", "0", "-5", "99999999999999999999", 1.5} {
		who := fmt.Sprintf("49171392700%02d", i)
		h.consent(who, "utility")
		m := h.wrote(who, "STOP", h.now())
		if m["timestamp"] = stamp; stamp == nil {
			delete(m, "timestamp")
		}
		h.receive("bank", update(bankCloud, "messages", m))
		h.refused("opted_out", bankCloud, template(who, "update"))
		h.refused("opted_out", bankCloud, text(who, "no window was opened"))
	}
}

// TestPreferenceStopsMarketing: Meta's own switch means marketing only.
func TestPreferenceStopsMarketing(t *testing.T) {
	h := newHouse(t, options{})
	h.templates()
	h.consent(customer, "utility")
	h.consent(customer, "marketing")
	prefer := func(value string) {
		h.forward(time.Second)
		h.receive("bank", update(bankCloud, "user_preferences", map[string]any{
			"wa_id": customer, "category": "marketing_messages", "value": value, "timestamp": h.now().Unix(),
		}))
	}
	prefer("stop")
	h.refused("marketing_stopped", bankCloud, template(customer, "offer"))
	h.allowed(bankCloud, template(customer, "update"))
	prefer("resume")
	h.allowed(bankCloud, template(customer, "offer"))
}
