package keeping

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/retention/backup"
)

// TestScheduledBackupAfterAJump: one that is due soon after the clock jumped is made
// and takes no old one away.
func TestScheduledBackupAfterAJump(t *testing.T) {
	t.Parallel()
	r, second := backedUp(t)
	r.Clock.Forward(700*time.Hour - 30*time.Minute)
	r.Clock.Jump(400 * 24 * time.Hour)
	r.Clock.Forward(40 * time.Minute)
	made(t, r, second.Name)
	if names := kept(t, r); len(names) < 3 || !slices.Contains(names, second.Name) {
		t.Errorf("backups that are there: %d", len(names))
	}
}

// TestScheduledBackupByAClockAhead: a gateway that starts with a clock that was set
// ahead has seen no jump. It makes the backup that is due by that clock, takes no
// old one away, and says so.
func TestScheduledBackupByAClockAhead(t *testing.T) {
	t.Parallel()
	r, second := backedUp(t)
	r.Halt()
	r.Clock.Jump(200 * 24 * time.Hour) // backups are kept for 90
	r.Resume(t)
	made(t, r, second.Name)
	rig.Await(t, "word of it", func() bool { return strings.Contains(r.Log.String(), "a backup was made, and old ones stay") })
	if log := r.Log.String(); !strings.Contains(log, "the newest backup is of") || strings.Contains(log, "Nothing was made") || strings.Contains(log, "--prune") {
		t.Errorf("not what became of it: %s", log)
	}
	if names := kept(t, r); len(names) < 3 || !slices.Contains(names, second.Name) {
		t.Errorf("backups that are there: %d", len(names))
	}
}

// kept are the names of the backups that are there.
func kept(t *testing.T, r *rig.Rig) (out []string) {
	t.Helper()
	all, err := filepath.Glob(filepath.Join(r.Dir, "backups", "manifests", "*", "*"))
	must(t, err)
	for _, n := range all {
		out = append(out, filepath.Base(n))
	}
	return out
}

// TestFailedBackupIsMadeSoonAgain, and not only when the next is due.
func TestFailedBackupIsMadeSoonAgain(t *testing.T) {
	t.Parallel()
	r, second := backedUp(t)
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	copied := filepath.Join(cfg.Data, "backup.tmp")
	must(t, os.WriteFile(copied, nil, 0o600)) // where the folder of the copy has to be
	r.Clock.Forward(701 * time.Hour)
	var st backup.Status
	rig.Await(t, "one that fails", func() bool {
		r.Admin(t, "backup.status", admin.None{}, &st)
		return st.Failed != ""
	})
	must(t, os.Remove(copied))
	r.Clock.Forward(16 * time.Minute)
	rig.Await(t, "the next try", func() bool {
		r.Admin(t, "backup.status", admin.None{}, &st)
		return !st.Running && st.Made != nil && st.Made.Name != second.Name
	})
}
