package gateway

import (
	"fmt"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/boot"
	"postern/proxy"
	"postern/retention"
)

// TestKeeps: of a class that the policy does not name the original is kept
// exactly where a law asks for it of messages.
func TestKeeps(t *testing.T) {
	for _, c := range []struct {
		class string
		keep  retention.Keep
		by    string
		want  proxy.Kept
	}{
		{audit.ClassMessages, retention.KeepOriginal, "", proxy.Kept{Content: true, Original: true}},
		{audit.ClassMessages, retention.KeepRedacted, "", proxy.Kept{Content: true}},
		{audit.ClassMessages, retention.KeepNothing, "", proxy.Kept{}},
		{"promo", retention.KeepOriginal, "", proxy.Kept{Content: true}},
		{"promo", retention.KeepOriginal, "sec-17a-4", proxy.Kept{Content: true, Original: true}},
	} {
		g := &Gateway{}
		g.retention.Store(&retention.Policy{Classes: map[string]retention.Class{audit.ClassMessages: {Keep: c.keep, KeepBy: c.by}}})
		if got := g.keeps(c.class); got != c.want {
			t.Errorf("%+v: %+v", c, got)
		}
	}
}

// TestRunsAreSpread: gateways with the same configuration do not all purge at
// once, and each keeps to its own minute, after the time that is configured.
func TestRunsAreSpread(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	at := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	some := map[time.Time]bool{}
	for i := range 6 {
		j, err := journal.Open(t.Context(), journal.Config{Path: t.TempDir(), Chain: fmt.Sprintf("bank.example/%d", i), Now: func() time.Time { return now }, MinFree: -1})
		if err != nil {
			t.Fatal(err)
		}
		g := &Gateway{store: &boot.Store{Journal: j}, now: func() time.Time { return now }}
		g.config.Store(&boot.Config{Retention: boot.RetentionRuns{At: "03:00"}})
		next, any := g.nextRun()
		if again, _ := g.nextRun(); !any || !again.Equal(next) || next.Before(at) || !next.Before(at.Add(retainJitter)) {
			t.Errorf("gateway %d: %v, then %v", i, next, again)
		}
		some[next] = true
		if err := j.Close(); err != nil {
			t.Error(err)
		}
	}
	if len(some) < 4 {
		t.Errorf("six gateways begin at %d moments", len(some))
	}
}
