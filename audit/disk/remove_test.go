package disk

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"
)

// long makes a file of several pieces and a half.
func long(t *testing.T) *os.File {
	f := create(t, t.TempDir())
	if err := f.Truncate(3*freed + freed/2); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() }) //nolint:errcheck // of a test
	return f
}

func size(t *testing.T, f *os.File) int64 {
	info, err := f.Stat()
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// What was open when the file went shows how it went: in pieces that a commit
// does not wait long for.
func TestRemoveShortensFirst(t *testing.T) {
	f := long(t)
	var sizes []int64
	watched, stop := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(watched)
		for {
			if n := size(t, f); !slices.Contains(sizes, n) {
				sizes = append(sizes, n)
			}
			select {
			case <-stop:
				return
			case <-time.After(10 * time.Microsecond):
			}
		}
	}()
	err := Remove(context.Background(), f.Name())
	close(stop)
	<-watched
	if err != nil {
		t.Fatal(err)
	}
	if last := size(t, f); last > freed || last == 0 {
		t.Errorf("%d bytes were left to go with the name, at most %d may", last, freed)
	}
	if len(sizes) < 2 {
		t.Errorf("it went in one piece: %d", sizes)
	}
	if _, err := os.Stat(f.Name()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("it is still there: %v", err)
	}
}

// Who stops waits for one piece.
func TestRemoveEndsWithItsContext(t *testing.T) {
	f := long(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := Remove(ctx, f.Name()); err != nil {
		t.Fatal(err)
	}
	if n := size(t, f); n < 2*freed {
		t.Errorf("%d bytes are left: it went on", n)
	}
}

// A link goes, not what it names; and what is missing is said to be.
func TestRemoveTakesNothingElse(t *testing.T) {
	f := long(t)
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(f.Name(), link); err != nil {
		t.Fatal(err)
	}
	if err := Remove(context.Background(), link); err != nil {
		t.Fatal(err)
	}
	if n := size(t, f); n != 3*freed+freed/2 {
		t.Errorf("what the link names has %d bytes now", n)
	}
	if err := Remove(context.Background(), link); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it is missing", err)
	}
}
