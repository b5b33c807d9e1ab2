package backup_test

import (
	"context"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"postern/audit/blob"
	"postern/crypto/keyring"
	"postern/retention/backup"
)

// locking is a bucket that keeps journals, and hears what is put and taken away.
type locking struct {
	blob.Bucket
	until         time.Time
	brief, locked []string // names of what was put, by whether a lock may keep it
	gone          []string // in the order in which it went
}

func (l *locking) Put(ctx context.Context, o blob.Written) error {
	to := &l.locked
	if o.Brief {
		to = &l.brief
	}
	*to = append(*to, path.Base(o.Key))
	return l.Bucket.Put(ctx, o)
}

func (l *locking) Remove(ctx context.Context, key string) error {
	if path.Base(key) == "journal" && !l.until.IsZero() {
		return fmt.Errorf("remove object: %w", &blob.LockedError{Until: l.until})
	}
	l.gone = append(l.gone, key)
	return l.Bucket.Remove(ctx, key)
}

// TestLockedBackupEnds: what seals a backup is never under the lock and goes before
// all else; the manifest, which names what is left, stays until that is gone.
func TestLockedBackupEnds(t *testing.T) {
	t.Parallel()
	folder, err := blob.OpenFolder(t.TempDir())
	check(t, err)
	place := &locking{Bucket: folder}
	s := newSite(t, place)
	s.send(t, 0, 5)
	s.file(t, 1, "sealed file")
	m := s.create(t)
	slices.Sort(place.brief)
	slices.Sort(place.locked)
	held := []string{blob.Name{1}.String(), "journal", "keystore", m.Name, "media"}
	if slices.Sort(held); !slices.Equal(place.brief, []string{"data_keys", "data_keys.key", "journal.key"}) || !slices.Equal(place.locked, held) {
		t.Errorf("under the lock: %v, not: %v", place.locked, place.brief)
	}

	s.now = s.now.AddDate(0, 0, 91)
	place.until = s.now.AddDate(0, 0, 1)
	got, err := s.service.Prune(t.Context())
	check(t, err)
	if got.Locked != 1 || !got.Until.Equal(place.until) {
		t.Errorf("%+v", got)
	}
	if len(place.gone) < 2 || !strings.HasSuffix(place.gone[0], ".key") || !strings.HasSuffix(place.gone[1], ".key") {
		t.Errorf("went in this order: %v", place.gone)
	}
	if left, err := backup.List(t.Context(), place); err != nil || len(left) != 1 || left[0].Name != m.Name {
		t.Errorf("nothing names what is left: %+v, %v", left, err)
	}
	place.until = time.Time{}
	_, err = s.service.Prune(t.Context())
	check(t, err)
	if last := place.gone[slices.IndexFunc(place.gone, func(k string) bool { return path.Base(k) == "journal" }):]; !slices.ContainsFunc(last, func(k string) bool { return path.Base(k) == m.Name }) {
		t.Errorf("the manifest did not go after the rest: %v", place.gone)
	}
	for o := range folder.List(t.Context(), "") {
		t.Errorf("%s is left", o.Key)
	}
}

// TestKeystoreOfAnotherStore is said to be that, rather than to open nothing.
func TestKeystoreOfAnotherStore(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 1)
	s.checkpoint(t)
	s.create(t)
	_, _, err := s.restore(t, func(r *backup.Restore) {
		r.Keystore = filepath.Join(t.TempDir(), "keystore.json")
		k, err := keyring.Create(r.Keystore, keyring.Config{Name: "test.example/1234", Now: s.clock})
		check(t, err)
		k.Close()
		r.Open = func(path string) (*keyring.Keyring, error) { return keyring.Open(path, keyring.Config{Now: s.clock}) }
	})
	if err == nil || !strings.Contains(err.Error(), "is of another store") {
		t.Error(err)
	}
}

// TestBackupWhoseKeyIsGone says so: it ended, or somebody took that away.
func TestBackupWhoseKeyIsGone(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.send(t, 0, 1)
	s.checkpoint(t)
	m := s.create(t)
	check(t, s.place.Remove(t.Context(), "backups/"+s.keys.ID()+"/"+m.Name+"/journal.key"))
	if _, err := s.verify(t, ""); err == nil || !strings.Contains(err.Error(), "its key is gone") {
		t.Error(err)
	}
	if _, _, err := s.restore(t, nil); err == nil || !strings.Contains(err.Error(), "postern backup list") {
		t.Error(err)
	}
}
