package gateway

import (
	"testing"
	"time"
)

// TestAnOutageBehindAnotherIsNotLost: a failure between the record of an
// outage's end and its end is an outage of its own.
func TestAnOutageBehindAnotherIsNotLost(t *testing.T) {
	var o outage
	at := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	if !o.failed(at) || o.failed(at.Add(time.Second)) {
		t.Error("two failures are one outage, and the first begins it")
	}
	since, failures := o.current()
	if !since.Equal(at) {
		t.Errorf("it began at %s", since)
	}
	if o.failed(at.Add(2 * time.Second)) {
		t.Error("begun twice before its end is on record")
	}
	if !o.over(failures, at.Add(3*time.Second)) {
		t.Error("a failure behind the record of the end was lost")
	}
	since, failures = o.current()
	if !since.Equal(at.Add(3 * time.Second)) {
		t.Errorf("the next one began at %s", since)
	}
	if o.over(failures, at.Add(4*time.Second)) {
		t.Error("it goes on without a failure")
	}
	if since, _ = o.current(); !since.IsZero() {
		t.Error("it has no end")
	}
}
