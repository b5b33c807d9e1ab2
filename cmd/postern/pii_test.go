package main

import (
	"testing"

	"postern/policy/pii"
)

// TestEveryReasonHasWords holds what explain prints against the evidence there
// is.
func TestEveryReasonHasWords(t *testing.T) {
	all := ^pii.Reasons(0)
	if names := all.Names(); len(names) != len(reasonWords) {
		t.Errorf("%d reasons, %d explained", len(names), len(reasonWords))
	}
	for _, name := range all.Names() {
		if reasonWords[name] == "" {
			t.Errorf("%s is not explained", name)
		}
	}
}
