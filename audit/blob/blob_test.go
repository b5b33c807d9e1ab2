package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"postern/audit/blob"
)

var errFault = errors.New("fault")

func open(t *testing.T, cfg blob.Config) *blob.Store {
	t.Helper()
	if cfg.Dir == "" {
		cfg.Dir = filepath.Join(t.TempDir(), "media")
	}
	s, err := blob.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func put(s *blob.Store, n blob.Name, content []byte) error {
	d, err := s.Create(n, int64(len(content)))
	if err != nil {
		return err
	}
	if _, err := d.Write(content); err != nil {
		return errors.Join(err, d.Discard())
	}
	return errors.Join(d.Commit(context.Background()), d.Discard())
}

func get(s *blob.Store, n blob.Name) ([]byte, error) {
	r, size, err := s.Open(context.Background(), n)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	b, err := io.ReadAll(r)
	if int64(len(b)) != size {
		return nil, errors.New("another size than said")
	}
	return b, err
}

func used(t *testing.T, s *blob.Store) int64 {
	t.Helper()
	room, err := s.Room()
	if err != nil {
		t.Fatal(err)
	}
	return room.Used
}

func files(t *testing.T, dir string) int {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestStore(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "media")
	s := open(t, blob.Config{Dir: dir})
	a, b := blob.Name{1}, blob.Name{2}
	for _, n := range []blob.Name{a, b} {
		if err := put(s, n, bytes.Repeat(n[:1], 1000)); err != nil {
			t.Fatal(err)
		}
	}
	if got, err := get(s, a); err != nil || !bytes.Equal(got, bytes.Repeat([]byte{1}, 1000)) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
	if err := put(s, a, []byte("other")); !errors.Is(err, os.ErrExist) {
		t.Errorf("a name given twice: %v", err)
	}
	if used(t, s) != 2000 {
		t.Errorf("%d bytes used", used(t, s))
	}
	if err := errors.Join(s.Remove(t.Context(), a), s.Remove(t.Context(), a)); err != nil {
		t.Error(err)
	}
	if _, err := get(s, a); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
	if err := os.WriteFile(filepath.Join(dir, blob.Name{3}.String()+".new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	again := open(t, blob.Config{Dir: dir})
	if used(t, again) != 1000 || files(t, dir) != 1 {
		t.Errorf("opened again: %d bytes in %d files", used(t, again), files(t, dir))
	}
}

// TestFaults fails at each step: nothing is left and no room is lost.
func TestFaults(t *testing.T) {
	for _, step := range []blob.Step{blob.StepCreate, blob.StepWrite, blob.StepSync, blob.StepName} {
		dir := filepath.Join(t.TempDir(), "media")
		s := open(t, blob.Config{Dir: dir, Hook: func(at blob.Step) error {
			if at == step {
				return errFault
			}
			return nil
		}})
		if err := put(s, blob.Name{1}, []byte("content")); !errors.Is(err, errFault) {
			t.Errorf("%s: %v", step, err)
		}
		if used(t, s) != 0 || files(t, dir) != 0 {
			t.Errorf("%s: %d bytes and %d files are left", step, used(t, s), files(t, dir))
		}
	}
}

func TestRoom(t *testing.T) {
	s := open(t, blob.Config{Quota: 100})
	first, err := s.Create(blob.Name{1}, 60)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Create(blob.Name{2}, 41); !errors.Is(err, blob.ErrFull) {
		t.Errorf("past the quota beside a draft: %v", err)
	}
	if _, err := first.Write(make([]byte, 61)); !errors.Is(err, blob.ErrSize) {
		t.Errorf("more than reserved: %v", err)
	}
	if _, err := first.Write(make([]byte, 10)); err != nil {
		t.Fatal(err)
	}
	if err := first.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := put(s, blob.Name{2}, make([]byte, 90)); err != nil || used(t, s) != 100 {
		t.Errorf("what was reserved and not used: %v, %d used", err, used(t, s))
	}
	full := open(t, blob.Config{MinFree: 1 << 62})
	if _, err := full.Create(blob.Name{1}, 1); !errors.Is(err, blob.ErrFull) {
		t.Errorf("on a full disk: %v", err)
	}
	if err := full.Remove(t.Context(), blob.Name{1}); err != nil {
		t.Errorf("taking away needs no room: %v", err)
	}
}

func TestConcurrently(t *testing.T) {
	s := open(t, blob.Config{Quota: 50 * 10})
	var wg sync.WaitGroup
	var mu sync.Mutex
	stored := 0
	for i := range 100 {
		wg.Go(func() {
			if err := put(s, blob.Name{1, byte(i)}, make([]byte, 10)); err == nil {
				mu.Lock()
				stored++
				mu.Unlock()
			} else if !errors.Is(err, blob.ErrFull) {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if stored != 50 || used(t, s) != 500 {
		t.Errorf("%d stored, %d bytes used", stored, used(t, s))
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "media")
	if err := os.Mkdir(dir, 0o750); err != nil { //nolint:gosec // the point of the test
		t.Fatal(err)
	}
	if _, err := blob.Open(blob.Config{Dir: dir}); err == nil {
		t.Error("a folder that others may read was taken")
	}
	for _, bad := range []string{"", "00", "../x", "A0000000000000000000000000000000", "zz000000000000000000000000000000"} {
		if _, err := blob.ParseName(bad); err == nil {
			t.Errorf("name %q was taken", bad)
		}
	}
	if n, err := blob.ParseName(blob.Name{7}.String()); err != nil || n != (blob.Name{7}) {
		t.Errorf("%v %v", n, err)
	}
}
