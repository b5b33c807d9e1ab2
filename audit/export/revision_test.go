package export

import (
	"strings"
	"testing"
	"time"

	"postern/audit"
)

// TestRevisionIsAnEvent: who has the message's event hears what revises it, its
// text only where the payload was asked for.
func TestRevisionIsAnEvent(t *testing.T) {
	now := time.Date(2026, 11, 3, 9, 0, 0, 0, time.UTC)
	first := audit.Record{Version: audit.Version, ID: audit.NewID(now), Kind: audit.KindInbound, Time: now.UnixMicro(), Tenant: "bank", Type: "text"}
	r := audit.NewRevision(&first, now.Add(24*time.Hour), []byte("Dear [NAME], at noon"))
	for payload, want := range map[bool]bool{false: false, true: true} {
		s, err := newShape("c", Filter{Payload: payload})
		if err != nil {
			t.Fatal(err)
		}
		e, ok := s.event(&r)
		line := string(e.JSON)
		if !ok || e.Kind != "revision" || !strings.Contains(line, first.ID.String()) || !strings.Contains(line, `"revises:inbound"`) || strings.Contains(line, "at noon") != want {
			t.Errorf("payload %v: %s", payload, line)
		}
	}
}
