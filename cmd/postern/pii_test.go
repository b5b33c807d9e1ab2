package main

import (
	"strings"
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

// TestExplainGroups: what is refused alike at one place is told once, and all of it
// with --all; findings stand in full in both.
func TestExplainGroups(t *testing.T) {
	ask := []string{"pii", "explain", "SSN 536-22-8714", "--country", "US"}
	short, whole := must(t, "refused alike: CA_HEALTH", ask...), must(t, "(CA_HEALTH)", append(ask, "--all")...)
	if strings.Contains(short, "(CA_HEALTH)") || strings.Contains(whole, "refused alike") {
		t.Errorf("short:\n%s\nwith --all:\n%s", short, whole)
	}
	first, _, _ := strings.Cut(short, "no finding")
	if !strings.HasPrefix(first, "4-15 NATIONAL_ID (US_SSN): certain") || !strings.HasPrefix(whole, first) {
		t.Errorf("the finding does not stand alike in both:\n%s\n%s", short, whole)
	}
}
