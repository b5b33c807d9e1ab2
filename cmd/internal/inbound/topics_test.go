package inbound

import (
	"testing"

	"postern/cmd/internal/rig"
)

// TestTopics runs what needs no gateway of its own, one after the other at one.
func TestTopics(t *testing.T) {
	t.Parallel()
	s := open(t, rig.Options{})
	for _, topic := range []struct {
		name string
		run  func(*testing.T, *office)
	}{
		{"types", testTypes}, {"people", testPeople}, {"states", testStates}, {"callback", testCallback}, {"group", testGroup},
		{"batches", testBatches}, {"mixed", testMixed}, {"fields", testFields},
		{"late", testLate}, {"dropped", testDropped}, {"round the gate", testRoundTheGate},
	} {
		t.Run(topic.name, func(t *testing.T) { topic.run(t, s) })
	}
}
