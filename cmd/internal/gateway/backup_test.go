package gateway

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/cmd/internal/boot"
	"postern/retention"
)

// TestOldBackupsStayAfterAJump goes by both clocks; what else speaks against the
// clock is for backup.MayPrune to say.
func TestOldBackupsStayAfterAJump(t *testing.T) {
	t.Parallel()
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		jumped time.Duration // of the wall clock, an instant before
		later  time.Duration // that goes by on both after that
		want   bool
	}{
		"on time":              {want: true},
		"after a jump":         {jumped: time.Minute},
		"after a jump back":    {jumped: -time.Minute},
		"a while after a jump": {jumped: time.Minute, later: time.Hour, want: true},
	} {
		s := schedule{reading: reading{wall: noon.Add(-time.Second), monotonic: time.Hour}}
		now := reading{wall: noon.Add(c.jumped), monotonic: time.Hour + time.Second}
		s.watch(now)
		now.wall, now.monotonic = now.wall.Add(c.later), now.monotonic+c.later
		s.watch(now)
		if got := s.settled(now); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestBackupsAreMeasured once something is known of them.
func TestBackupsAreMeasured(t *testing.T) {
	t.Parallel()
	var at backupTimes
	registry := prometheus.NewRegistry()
	registry.MustRegister(newBackupGauge(func() backupTimes { return at }))
	if all, err := registry.Gather(); err != nil || len(all) > 0 {
		t.Errorf("before the place was looked at: %v, %v", all, err)
	}
	at = backupTimes{newest: time.Unix(1700000000, 0), next: time.Unix(1700021600, 0)}
	all, err := registry.Gather()
	got := map[string]float64{}
	for _, m := range all {
		got[m.GetName()] = m.GetMetric()[0].GetGauge().GetValue()
	}
	if err != nil || len(got) != 2 || got["postern_backup_timestamp_seconds"] != 1700000000 || got["postern_backup_next_timestamp_seconds"] != 1700021600 {
		t.Errorf("%v, %v", got, err)
	}
}

// TestBackupsAreAsOftenAsTheRetentionPolicyAsks, as files of the older form do
// with backup_frequency_hours; it does not make them rarer.
func TestBackupsAreAsOftenAsTheRetentionPolicyAsks(t *testing.T) {
	t.Parallel()
	for asked, want := range map[time.Duration]time.Duration{0: 24 * time.Hour, 6 * time.Hour: 6 * time.Hour, 48 * time.Hour: 24 * time.Hour} {
		g := &Gateway{}
		g.config.Store(&boot.Config{Backup: boot.Backup{Every: 24 * time.Hour}})
		g.retention.Store(&retention.Policy{BackupEvery: asked})
		if got := g.backupEvery(); got != want {
			t.Errorf("every 24 h, asked for every %v: %v", asked, got)
		}
	}
}
