package backup_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"postern/audit"
	"postern/audit/blob"
	"postern/retention/backup"
)

const manifestTitle = "postern backup manifest"

// resigned puts another manifest in the place of a backup's, signed by the store's
// own key: what it says has to be held against what is there.
func (s *site) resigned(t *testing.T, m *backup.Manifest, change func(*backup.Manifest)) {
	t.Helper()
	other := *m
	change(&other)
	body, err := json.Marshal(&other)
	check(t, err)
	signer, err := s.signer()
	check(t, err)
	note, err := audit.SignStatement(manifestTitle, body, signer)
	check(t, err)
	key := fmt.Sprintf("manifests/%s/%s", m.Store, m.Name)
	check(t, s.place.Put(t.Context(), blob.Written{Key: key, Size: int64(len(note)), Content: bytes.NewReader(note)}))
}

// TestManifestThatDisagrees: a backup of another program, of another place, or
// that does not hold what its manifest says is neither good nor restored.
func TestManifestThatDisagrees(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 5)
	s.checkpoint(t)
	m := s.create(t)
	for name, c := range map[string]struct {
		change func(*backup.Manifest)
		words  string
	}{
		"another form":       {func(m *backup.Manifest) { m.Version = 2 }, "it is of version 2, this program knows 1"},
		"another schema":     {func(m *backup.Manifest) { m.Schema++ }, fmt.Sprintf("its schema is %d, this program knows %d; use the program that wrote it", m.Schema+1, m.Schema)},
		"another backup's":   {func(m *backup.Manifest) { m.Name = "20200101T000000Z-00000000" }, "it is of another backup"},
		"another store's":    {func(m *backup.Manifest) { m.Store = strings.Repeat("0", 32) }, "it is of another backup"},
		"another root":       {func(m *backup.Manifest) { m.Root = strings.Repeat("0", 64) }, "its trail is not the one that the manifest names"},
		"more records":       {func(m *backup.Manifest) { m.Records++ }, "its trail is not the one that the manifest names"},
		"more data keys":     {func(m *backup.Manifest) { m.DataKeys.Count++ }, "it holds 5 data keys, the manifest says 6"},
		"another chain":      {func(m *backup.Manifest) { m.Chain = "test.example/other" }, "its trail does not agree with itself"},
		"an object of other": {func(m *backup.Manifest) { m.DataKeys = m.Journal }, "part data_keys: the backup is damaged or was altered"},
	} {
		s.resigned(t, m, c.change)
		if _, err := s.verify(t, m.Name); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s verifies: %v", name, err)
		}
		if _, _, err := s.restore(t, func(r *backup.Restore) { r.Name = m.Name }); err == nil || !strings.Contains(err.Error(), c.words) {
			t.Errorf("%s is restored: %v", name, err)
		}
	}
	s.resigned(t, m, func(*backup.Manifest) {})
	if _, err := s.verify(t, m.Name); err != nil {
		t.Errorf("as it was: %v", err)
	}
}

// TestBackupsHaveKeysOfTheirOwn: what seals one backup is not in another, and one
// without its key is as good as gone.
func TestBackupsHaveKeysOfTheirOwn(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 5)
	s.checkpoint(t)
	first := s.create(t)
	second := s.create(t)
	at := func(m *backup.Manifest, part string) string {
		return fmt.Sprintf("backups/%s/%s/%s", m.Store, m.Name, part)
	}
	for _, part := range []string{"journal.key", "data_keys.key"} {
		if bytes.Equal(s.object(t, at(first, part)), s.object(t, at(second, part))) {
			t.Errorf("%s is the same in two backups", part)
		}
		key := s.object(t, at(second, part))
		check(t, s.place.Put(t.Context(), blob.Written{Key: at(first, part), Size: int64(len(key)), Content: bytes.NewReader(key)}))
	}
	if _, err := s.verify(t, first.Name); err == nil {
		t.Error("one backup opens with the key of another")
	}
	check(t, s.place.Remove(t.Context(), at(second, "journal.key")))
	if _, err := s.verify(t, second.Name); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("without its key: %v", err)
	}
}

func (s *site) object(t *testing.T, key string) []byte {
	t.Helper()
	r, _, err := s.place.Get(t.Context(), key)
	check(t, err)
	raw, err := io.ReadAll(r)
	check(t, errors.Join(err, r.Close()))
	return raw
}

// TestErasedWhileABackupIsMade: whichever part is being written, a restoration
// carries the erasure out again.
func TestErasedWhileABackupIsMade(t *testing.T) {
	t.Parallel()
	for i, step := range []string{"copy", "media", "journal", "keys", "manifest"} {
		s := newSite(t, nil)
		s.send(t, 0, 6)
		s.checkpoint(t)
		s.hook = func(at string) error {
			if at == step {
				s.erase(t, uint64(i), i)
			}
			return nil
		}
		s.create(t)
		s.checkpoint(t)
		_, data, err := s.restore(t, nil)
		check(t, err)
		raw, err := os.ReadFile(filepath.Join(data, "journal.db"))
		check(t, err)
		if bytes.Contains(raw, fmt.Appendf(nil, "redacted text %06d", i)) || !bytes.Contains(raw, []byte("redacted text 000005")) {
			t.Errorf("erased at step %s: it is there again, or more is gone", step)
		}
	}
}

// TestPruneLeavesWhatNobodySigned: an end that no key of the store vouches for
// takes nothing away, nor the files that the backup needs.
func TestPruneLeavesWhatNobodySigned(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 3)
	s.file(t, 1, "sealed file")
	s.checkpoint(t)
	m := s.create(t)
	check(t, s.media.Remove(t.Context(), blob.Name{1}))
	key := fmt.Sprintf("manifests/%s/%s", m.Store, m.Name)
	note := bytes.Replace(s.object(t, key), []byte(`"ends":"2027`), []byte(`"ends":"2017`), 1)
	check(t, s.place.Put(t.Context(), blob.Written{Key: key, Size: int64(len(note)), Content: bytes.NewReader(note)}))
	got, err := s.service.Prune(t.Context())
	check(t, err)
	if len(got.Unproved) != 1 || got.Unproved[0] != m.Name || len(got.Backups)+len(got.Keys)+got.Files != 0 {
		t.Errorf("%+v", got)
	}
	list, err := backup.List(t.Context(), s.place)
	check(t, err)
	if len(list) != 1 || list[0].Proved || !list[0].Readable || !list[0].Keys {
		t.Errorf("%+v", list)
	}
}

// TestLogOfBeforeTheBackup: one that was put back to an earlier state does not say
// what was erased since, also where no checkpoint outside tells.
func TestLogOfBeforeTheBackup(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 3)
	logs := s.path("checkpoints/erasures/" + s.keys.ID() + ".jsonl")
	early, err := os.ReadFile(logs)
	check(t, err)
	s.erase(t, 1, 1)
	s.checkpoint(t)
	s.create(t)
	check(t, os.WriteFile(logs, early, 0o600))
	unknown := func(r *backup.Restore) { r.Against = nil }
	if _, _, err := s.restore(t, unknown); !errors.Is(err, backup.ErrLog) || !strings.Contains(err.Error(), "what it held at the backup") {
		t.Error(err)
	}
}
