package backup_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/retention/backup"
)

// TestMayPrune: old backups go only by a clock that agrees with the newest backup
// and with the trail, whoever asks.
func TestMayPrune(t *testing.T) {
	const every, day = 6 * time.Hour, 24 * time.Hour
	s := newSite(t, nil)
	may := func(when, refused string) {
		t.Helper()
		err := s.service.MayPrune(t.Context(), every)
		if (err == nil) != (refused == "") || err != nil && (!errors.Is(err, backup.ErrClock) || !strings.Contains(err.Error(), refused)) {
			t.Errorf("%s: %v", when, err)
		}
	}
	started := func() {
		t.Helper()
		check(t, s.journal.Append(t.Context(), journal.Batch{Records: []audit.Record{{
			Version: audit.Version, ID: audit.NewID(s.now), Kind: audit.KindLife, Time: s.now.UnixMicro(), Type: "start",
		}}}))
	}
	s.now = s.now.Add(-500 * day)
	started()
	s.now = s.now.Add(500 * day)
	may("there is no backup", "")
	s.create(t)
	s.now = s.now.Add(every)
	may("the trail has a gap of 500 days", "before this week")
	for range 9 {
		s.now = s.now.Add(day)
		started()
	}
	may("nine days later", "the newest backup is of 2026-11-22T10:00:00Z")
	s.create(t)
	s.now = s.now.Add(every)
	may("on time", "")
	s.now = s.now.Add(7 * day)
	may("after some days", "")
	s.now = s.now.Add(-8 * day)
	may("before the newest one", "the newest backup is of")
	s.now = s.now.Add(400 * day)
	may("400 days ahead", "it says 2028-")
	s.create(t)
	s.now = s.now.Add(time.Minute)
	may("a backup was made since", "before this week the newest record is of")
}
