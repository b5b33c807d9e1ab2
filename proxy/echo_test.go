package proxy

import (
	"slices"
	"testing"
	"time"

	"postern/audit"
	"postern/proxy/message"
)

func TestEchoes(t *testing.T) {
	var e echoes
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	anna := audit.NewSubjectID()
	e.note(anna, message.Party{Name: "Anna Berg", Username: "anna.b"}, now)
	e.note(audit.SubjectID{}, message.Party{Name: "Nobody"}, now)
	if got := e.names(anna, now.Add(echoTime-time.Second)); !slices.Equal(got, []string{"Anna Berg", "anna.b"}) {
		t.Errorf("names %v", got)
	}
	if len(e.names(anna, now.Add(echoTime))) > 0 || len(e.names(audit.SubjectID{}, now)) > 0 || len(e.names(audit.NewSubjectID(), now)) > 0 {
		t.Error("names of nobody, or of a day ago")
	}
	for range 2 * echoSize {
		e.note(audit.NewSubjectID(), message.Party{Name: "Other"}, now)
	}
	if len(e.names(anna, now)) > 0 || len(e.young)+len(e.old) > 2*echoSize {
		t.Errorf("%d and %d people are in memory", len(e.young), len(e.old))
	}
}
