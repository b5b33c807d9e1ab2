package backup_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"postern/audit"
	"postern/audit/blob"
	"postern/crypto/keyring"
	"postern/retention/backup"
)

// TestBackupOfAnOlderProgram restores what a program with the first version of
// the tables left: ten messages, a file, an erasure after the backup.
func TestBackupOfAnOlderProgram(t *testing.T) {
	t.Parallel()
	place, err := blob.OpenFolder("testdata/schema1/backups")
	check(t, err)
	data := filepath.Join(t.TempDir(), "restored")
	now := func() time.Time { return time.Date(2027, 1, 2, 0, 0, 0, 0, time.UTC) }
	against, err := audit.ReadCheckpoints("testdata/schema1/checkpoints")
	check(t, err)
	opening := byPassphrase("another passphrase")
	restore := backup.Restore{
		From: place, Data: data, Checkpoints: "testdata/schema1/checkpoints", Against: against, Actor: "test", Now: now,
		Open: func(path string) (*keyring.Keyring, error) { return keyring.Open(path, opening) },
	}
	if _, err := restore.Do(t.Context()); err == nil || !strings.Contains(err.Error(), "passphrase") {
		t.Errorf("with another passphrase: %v", err)
	}
	opening = byPassphrase(passphrase)
	opening.Now = now
	out, err := restore.Do(t.Context())
	check(t, err)
	if out.Schema != 1 || out.Records != 11 || out.Erasures != 1 || out.Files != 1 || out.KeysRead != 10 {
		t.Errorf("%+v", out)
	}
	keys, err := keyring.Open(filepath.Join(data, "keystore.json"), opening)
	check(t, err)
	s := &site{dir: t.TempDir(), now: now(), keys: keys, opening: opening}
	t.Cleanup(keys.Close)
	check(t, os.CopyFS(s.path("checkpoints"), os.DirFS("testdata/schema1/checkpoints")))
	if report := s.audited(t, data); !report.OK() || len(report.Restored) != 1 {
		t.Errorf("%v %+v", report.Findings, report.Restored)
	}
	s.reads(t, data)
}
