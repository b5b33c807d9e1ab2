package gateway

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"postern/retention/backup"
)

// TestOldBackupsStayWhileTheClockMayBeWrong goes by both clocks.
func TestOldBackupsStayWhileTheClockMayBeWrong(t *testing.T) {
	t.Parallel()
	const every, day = 6 * time.Hour, 24 * time.Hour
	noon := time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)
	for name, c := range map[string]struct {
		newest time.Time
		jumped time.Duration // of the wall clock, an instant before
		later  time.Duration // that goes by on both after that
		want   bool
	}{
		"none is there":         {want: true},
		"on time":               {newest: noon.Add(-every), want: true},
		"after some days":       {newest: noon.Add(-7 * day), want: true},
		"after too many":        {newest: noon.Add(-9 * day)},
		"before the newest one": {newest: noon.Add(time.Minute)},
		"after a jump":          {newest: noon.Add(-every), jumped: time.Minute},
		"after a jump back":     {newest: noon.Add(-every), jumped: -time.Minute},
		"a while after a jump":  {newest: noon.Add(-every), jumped: time.Minute, later: time.Hour, want: true},
	} {
		s := schedule{newest: c.newest, reading: reading{wall: noon.Add(-time.Second), monotonic: time.Hour}}
		now := reading{wall: noon.Add(c.jumped), monotonic: time.Hour + time.Second}
		s.watch(now)
		now.wall, now.monotonic = now.wall.Add(c.later), now.monotonic+c.later
		s.watch(now)
		if got := s.mayPrune(now, every); got != c.want {
			t.Errorf("%s: %t", name, got)
		}
	}
}

// TestTheNewestBackupIsMeasured once this process made one.
func TestTheNewestBackupIsMeasured(t *testing.T) {
	t.Parallel()
	var st backup.Status
	registry := prometheus.NewRegistry()
	registry.MustRegister(newBackupGauge(func() backup.Status { return st }))
	if all, err := registry.Gather(); err != nil || len(all) > 0 {
		t.Errorf("before the first: %v, %v", all, err)
	}
	st.Made = &backup.Manifest{Taken: time.Unix(1700000000, 0)}
	all, err := registry.Gather()
	if err != nil || len(all) != 1 || all[0].GetName() != "postern_backup_timestamp_seconds" || all[0].GetMetric()[0].GetGauge().GetValue() != 1700000000 {
		t.Errorf("%v, %v", all, err)
	}
}
