package keeping

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/journal"
	"postern/cmd/internal/admin"
	"postern/cmd/internal/boot"
	"postern/cmd/internal/rig"
	"postern/crypto/keyring"
	"postern/retention"
	"postern/retention/backup"
)

// made waits until a backup is over and gives what was made.
func made(t *testing.T, r *rig.Rig, before string) *backup.Manifest {
	t.Helper()
	var st backup.Status
	rig.Await(t, "a backup", func() bool {
		r.Admin(t, "backup.status", admin.None{}, &st)
		return !st.Running && (st.Failed != "" || st.Made != nil && st.Made.Name != before)
	})
	if st.Failed != "" {
		t.Fatal(st.Failed)
	}
	return st.Made
}

func say(t *testing.T, r *rig.Rig, words string) {
	t.Helper()
	if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"`+words+`"}}`); a.Status != 200 {
		t.Fatalf("send: %d %s", a.Status, a.Body)
	}
}

// backedUp is a gateway with a message on record and a backup that has it.
func backedUp(t *testing.T) (*rig.Rig, *backup.Manifest) {
	t.Helper()
	r := rig.Start(t, rig.Options{Config: func(text string) string {
		return text + "backup: {dir: ./backups, every: 700h, keep_days: 90, keys_days: 35}\n"
	}})
	first := made(t, r, "")
	say(t, r, "Word of zinnober")
	rig.Await(t, "the outcome", func() bool { return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle'")[0][0] == "1" })
	r.Admin(t, "backup.create", admin.BackupCreate{Prune: true}, nil)
	return r, made(t, r, first.Name)
}

// TestBackupOfAGateway loses a store and brings it back: what was erased since
// the backup stays erased, what is lost is named, and messages go on.
func TestBackupOfAGateway(t *testing.T) {
	t.Parallel()
	r, second := backedUp(t)
	say(t, r, "Word of turmalin")
	rig.Await(t, "the outcome", func() bool { return r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'settle'")[0][0] == "2" })
	var gone admin.Erasure
	r.Admin(t, "subject.erase", admin.SubjectErase{Who: admin.Who{Number: "+" + r.Env["DEMO_CONSENTED"]}, Reason: "request", Confirm: "erase"}, &gone)
	reached(t, &gone)
	r.Halt() // signs a last checkpoint
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	lost := cfg.Data + ".lost"
	must(t, os.Rename(cfg.Data, lost))
	out := restore(t, r, cfg, filepath.Join(lost, "keystore.json"))
	if out.Name != second.Name || out.Records != second.Records || out.Erasures < 1 || len(out.Known) != 1 || out.Known[0].Size <= out.Records {
		t.Errorf("restored: %+v", out)
	}
	for _, name := range []string{"journal.db", "journal.db-wal"} {
		raw, err := os.ReadFile(filepath.Join(cfg.Data, name))
		if err == nil && bytes.Contains(raw, []byte("zinnober")) {
			t.Errorf("what was erased since the backup is in %s again", name)
		}
	}
	r.Resume(t)
	if a := r.Cloud(t, `{"to":"+`+r.Env["DEMO_CONSENTED"]+`","type":"text","text":{"body":"no window"}}`); a.Status == 200 {
		t.Errorf("somebody who was erased has an open window: %s", a.Body)
	}
	holdsUnknown(t, r)
	audited(t, r, cfg, out)
}

// reached: the certificate of an erasure says from when on nothing of the person
// can be opened from a backup, and by when none is left that holds any of it.
func reached(t *testing.T, gone *admin.Erasure) {
	t.Helper()
	c, err := gone.Signed.Unchecked()
	must(t, err)
	i := slices.IndexFunc(c.Place, func(p retention.Place) bool { return p.Name == "backups" })
	if i < 0 {
		t.Fatalf("no word of backups: %+v", c.Place)
	}
	after := func(days int) int64 { return time.UnixMicro(c.Ended).AddDate(0, 0, days).UnixMicro() }
	if p := c.Place[i]; p.State != retention.StatePending || p.By != after(90) || p.Facts["sealed_by"] != after(35) {
		t.Errorf("keys end after 35 days, backups after 90: %+v, erased at %d", p, c.Ended)
	}
	if !slices.ContainsFunc(c.Place, func(p retention.Place) bool { return p.Name == "copies" && p.State == retention.StateUnknown }) {
		t.Errorf("no word of copies that nobody can look at: %+v", c.Place)
	}
}

// holdsUnknown: holds placed since the backup are missing, so nothing is erased
// or purged before an operator says that they are in force again.
func holdsUnknown(t *testing.T, r *rig.Rig) {
	t.Helper()
	asked := admin.SubjectErase{Who: admin.Who{Number: "+" + r.Env["DEMO_STRANGER"]}, Reason: "request", Confirm: "erase"}
	for name, in := range map[string]any{"subject.erase": asked, "retention.run": admin.RetentionRun{Confirm: "purge"}} {
		if err := r.TryAdmin(t, name, in, nil); err == nil || !strings.Contains(err.Error(), "hold complete") {
			t.Errorf("%s: %v", name, err)
		}
	}
	r.Admin(t, "hold.complete", admin.HoldsComplete{Why: "checked"}, nil)
	r.Admin(t, "retention.run", admin.RetentionRun{Confirm: "purge"}, nil)
	if got := r.SQL(t, "SELECT count(*) FROM audit WHERE kind = 'hold' AND type = 'complete'")[0][0]; got != "1" {
		t.Errorf("%s records say that the holds are complete", got)
	}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func restore(t *testing.T, r *rig.Rig, cfg *boot.Config, keystore string) backup.Restored {
	t.Helper()
	place, err := cfg.Backup.Open(r.Clock.Now, func() boot.Backup { return cfg.Backup })
	must(t, err)
	notes, err := audit.ReadCheckpoints(cfg.Checkpoints.Dir)
	must(t, err)
	out, err := backup.Restore{
		From: place, Data: cfg.Data, Keystore: keystore, Checkpoints: cfg.Checkpoints.Dir, Against: notes, Actor: "system", Now: r.Clock.Now,
		Open: func(path string) (*keyring.Keyring, error) {
			return boot.OpenCopy(context.WithoutCancel(t.Context()), cfg, path, r.Clock.Now)
		},
	}.Do(t.Context())
	must(t, err)
	return out
}

// audited verifies the trail that goes on, with all checkpoints outside.
func audited(t *testing.T, r *rig.Rig, cfg *boot.Config, out backup.Restored) {
	t.Helper()
	r.Halt()
	report := verified(t, r, cfg)
	if !report.OK() || report.Chain != out.Chain || report.ProvenTo.Size != report.Records {
		t.Errorf("%s, proven to %d of %d: %v", report.Chain, report.ProvenTo.Size, report.Records, report.Findings)
	}
	if len(report.Restored) != 1 || report.Restored[0].Lost == 0 || report.Restored[0].Checkpoints == 0 {
		t.Errorf("%+v", report.Restored)
	}
}

// verified reads the trail of a halted gateway, with all checkpoints outside.
func verified(t *testing.T, r *rig.Rig, cfg *boot.Config) audit.Report {
	t.Helper()
	keys, err := boot.OpenKeys(cfg, r.Clock.Now)
	must(t, err)
	defer keys.Close()
	known, err := boot.CheckpointVerifiers(keys)
	must(t, err)
	notes, err := audit.ReadCheckpoints(cfg.Checkpoints.Dir)
	must(t, err)
	src, err := journal.OpenReader(t.Context(), cfg.JournalPath())
	must(t, err)
	defer src.Close() //nolint:errcheck // it was only read
	report, err := audit.Verify(t.Context(), src, audit.VerifyOptions{Verifiers: known, Against: notes})
	must(t, err)
	return report
}

// TestOldBackupsOutliveAJump: while the clock may be wrong nobody has old backups
// taken away, an operator neither.
func TestOldBackupsOutliveAJump(t *testing.T) {
	t.Parallel()
	r, second := backedUp(t)
	r.Clock.Jump(time.Minute) // the trail and the backups can not tell
	err := r.TryAdmin(t, "backup.create", admin.BackupCreate{Prune: true}, nil)
	refused(t, err, admin.Conflict, "it jumped within the last hour")
	r.Clock.Jump(400 * 24 * time.Hour)
	err = r.TryAdmin(t, "backup.create", admin.BackupCreate{Prune: true}, nil)
	refused(t, err, admin.Conflict, "without --prune")
	r.Admin(t, "backup.create", admin.BackupCreate{}, nil)
	third := made(t, r, second.Name)
	r.Clock.Jump(-400 * 24 * time.Hour)
	r.Halt()
	r.Clock.Jump(800 * 24 * time.Hour) // set ahead while no gateway runs
	cfg, err := boot.Load(r.Env["POSTERN_CONFIG"])
	must(t, err)
	for _, prune := range []bool{true, false, true} {
		st, err := backsUpDirectly(t, r, cfg, prune)
		if prune {
			refused(t, err, admin.Conflict, "without --prune")
		} else if must(t, err); st.Failed != "" || st.Made.Name == third.Name {
			t.Errorf("%+v", st)
		}
	}
	if names := kept(t, r); len(names) < 4 || !slices.Contains(names, second.Name) {
		t.Errorf("backups that are there: %d", len(names))
	}
}

// backsUpDirectly makes a backup by a command that opens the store.
func backsUpDirectly(t *testing.T, r *rig.Rig, cfg *boot.Config, prune bool) (st backup.Status, err error) {
	t.Helper()
	direct, err := admin.Open(t.Context(), cfg, r.Clock.Now)
	must(t, err)
	defer func() { must(t, direct.Close()) }()
	key, err := os.ReadFile(r.Env["POSTERN_OPERATOR_KEY_FILE"])
	must(t, err)
	do := func(name, in string) error {
		answer, err := direct.Do(t.Context(), strings.TrimSpace(string(key)), name, []byte(in))
		if err != nil {
			return err
		}
		return json.Unmarshal(answer, &st)
	}
	err = do("backup.create", fmt.Sprintf(`{"prune":%t}`, prune))
	for err == nil && st.Running {
		time.Sleep(20 * time.Millisecond)
		err = do("backup.status", "{}")
	}
	return st, err
}
