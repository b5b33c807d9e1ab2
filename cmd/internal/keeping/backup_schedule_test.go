package keeping

import (
	"os"
	"path/filepath"
	"slices"
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
	names, err := filepath.Glob(filepath.Join(r.Dir, "backups", "manifests", "*", "*"))
	must(t, err)
	if len(names) < 3 || !slices.ContainsFunc(names, func(n string) bool { return filepath.Base(n) == second.Name }) {
		t.Errorf("backups that are there: %d", len(names))
	}
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
