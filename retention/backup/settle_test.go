package backup_test

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"testing"

	"postern/retention/backup"
)

// mark is what a restoration leaves in a data folder until it has ended.
const mark = "restore.unfinished"

// names are those in a folder.
func names(t *testing.T, dir string) (out []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	check(t, err)
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

// TestRestoreIntoAFolderThatExists keeps the folder itself, which may be a mount
// point, and what a file system put there; nobody uses it meanwhile.
func TestRestoreIntoAFolderThatExists(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 20)
	s.file(t, 1, "sealed file")
	s.checkpoint(t)
	s.create(t)
	s.erase(t, 3, 3)
	s.checkpoint(t)
	data := filepath.Join(t.TempDir(), "mounted")
	check(t, os.MkdirAll(filepath.Join(data, "lost+found"), 0o700))
	before, err := os.Stat(data)
	check(t, err)
	seen := 0
	into := func(r *backup.Restore) {
		r.Data = data
		r.Progress = func(string, int64, int64) {
			seen++
			if err := backup.CheckFinished(data); !errors.Is(err, backup.ErrUnfinished) {
				t.Errorf("a gateway may start meanwhile: %v", err)
			}
		}
	}
	_, _, err = s.restore(t, into)
	check(t, err)
	after, err := os.Stat(data)
	check(t, err)
	if seen == 0 || !os.SameFile(before, after) {
		t.Errorf("another folder, or nothing was looked at (%d)", seen)
	}
	check(t, backup.CheckFinished(data))
	if got := names(t, data); !slices.Contains(got, "keystore.json") || !slices.Contains(got, "lost+found") || slices.Contains(got, "restore.files") {
		t.Errorf("the folder holds %v", got)
	}
	if report := s.audited(t, data); !report.OK() {
		t.Error(report.Findings)
	}
	if _, _, err := s.restore(t, into); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("over a store: %v", err)
	}
	s.reads(t, data)
}

// TestRestoreRepeated goes on where one was killed: before anything was there,
// amidst the work, and while the finished store was moved.
func TestRestoreRepeated(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 20)
	s.checkpoint(t)
	s.create(t)
	s.erase(t, 3, 3)
	s.checkpoint(t)
	for name, left := range map[string]map[string]string{
		"a torn mark":   {mark: `["rest`},
		"amidst":        {mark: `["restore.files"]`, "restore.files/journal.db": "half"},
		"while moving":  {mark: `["restore.files","keystore.json","journal.db"]`, "restore.files/journal.db": "whole", "keystore.json": "moved"},
		"nearly at end": {mark: `["restore.files","keystore.json"]`, "keystore.json": "moved"},
	} {
		data := filepath.Join(t.TempDir(), "data")
		for path, text := range left {
			path = filepath.Join(data, path)
			check(t, os.MkdirAll(filepath.Dir(path), 0o700))
			check(t, os.WriteFile(path, []byte(text), 0o600))
		}
		if err := backup.CheckFinished(data); !errors.Is(err, backup.ErrUnfinished) {
			t.Errorf("%s: a gateway may start: %v", name, err)
		}
		_, _, err := s.restore(t, func(r *backup.Restore) { r.Data = data })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		check(t, backup.CheckFinished(data))
		if report := s.audited(t, data); !report.OK() {
			t.Errorf("%s: %v", name, report.Findings)
		}
	}
}

// TestRestoreTakesNothingOfOthers away, whatever a mark says.
func TestRestoreTakesNothingOfOthers(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 3)
	s.checkpoint(t)
	s.create(t)
	root := t.TempDir()
	data := filepath.Join(root, "data")
	check(t, os.Mkdir(data, 0o700))
	for _, path := range []string{filepath.Join(root, "outside"), filepath.Join(data, "theirs")} {
		check(t, os.WriteFile(path, []byte("theirs"), 0o600))
	}
	list, err := json.Marshal([]string{"../outside", "..", ".", "", "restore.files"})
	check(t, err)
	check(t, os.WriteFile(filepath.Join(data, mark), list, 0o600))
	into := func(r *backup.Restore) { r.Data = data }
	if _, _, err := s.restore(t, into); !errors.Is(err, backup.ErrNotEmpty) {
		t.Errorf("with something of others: %v", err)
	}
	check(t, os.Remove(filepath.Join(data, "theirs")))
	folder, err := os.Open(data)
	check(t, err)
	check(t, syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)) //nolint:gosec // a descriptor is small
	if _, _, err := s.restore(t, into); !errors.Is(err, backup.ErrUnfinished) {
		t.Errorf("while another is at it: %v", err)
	}
	check(t, folder.Close())
	_, _, err = s.restore(t, into)
	check(t, err)
	if _, err := os.Stat(filepath.Join(root, "outside")); err != nil {
		t.Error(err)
	}
}
