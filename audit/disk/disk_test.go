package disk

import (
	"bytes"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// sizes lie around what a block holds and what a disk aligns to.
var sizes = []int{0, 1, 511, 4096, blockSize - 1, blockSize, blockSize + 1, 2*blockSize + 4096, 3*blockSize + 777}

func content(n int) []byte {
	out := make([]byte, n)
	rand.NewChaCha8([32]byte{byte(n)}).Read(out) //nolint:errcheck // never fails
	return out
}

// places are folders of a disk and of one that lies in memory, where direct
// transfers may be unknown.
func places(t *testing.T) []string {
	out := []string{t.TempDir()}
	if dir, err := os.MkdirTemp("/dev/shm", "disk"); err == nil {
		t.Cleanup(func() { os.RemoveAll(dir) })
		out = append(out, dir)
	}
	return out
}

func create(t *testing.T, dir string) *os.File {
	f, err := os.OpenFile(filepath.Join(dir, "file"), os.O_CREATE|os.O_RDWR|os.O_TRUNC, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { f.Close() })
	return f
}

// write hands the bytes over in pieces that end anywhere.
func write(t *testing.T, f *os.File, all []byte) {
	w, err := NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	for left := all; len(left) > 0; {
		n := min(len(left), 300_001)
		if got, err := w.Write(left[:n]); err != nil || got != n {
			t.Fatalf("write %d bytes: %d, %v", n, got, err)
		}
		left = left[n:]
	}
	for range 2 {
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestWhatIsWrittenIsThereAndReadBack(t *testing.T) {
	for _, dir := range places(t) {
		for _, n := range sizes {
			f, want := create(t, dir), content(n)
			write(t, f, want)
			if got, err := os.ReadFile(f.Name()); err != nil || !bytes.Equal(got, want) {
				t.Fatalf("%s, %d bytes: another content was written (%d bytes, %v)", dir, n, len(got), err)
			}
			for name, all := range map[string]func(io.Reader) ([]byte, error){
				"by reads":  func(r io.Reader) ([]byte, error) { return io.ReadAll(struct{ io.Reader }{r}) },
				"by blocks": func(r io.Reader) ([]byte, error) { var b bytes.Buffer; _, err := io.Copy(&b, r); return b.Bytes(), err },
			} {
				if got, err := read(t, f, all); err != nil || !bytes.Equal(got, want) {
					t.Errorf("%s, %d bytes %s: another content was read (%d bytes, %v)", dir, n, name, len(got), err)
				}
			}
		}
	}
}

func read(t *testing.T, f *os.File, all func(io.Reader) ([]byte, error)) ([]byte, error) {
	r, err := NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}()
	return all(r)
}

// flags of the open file.
func direct(t *testing.T, f *os.File) bool {
	flags, err := unix.FcntlInt(f.Fd(), unix.F_GETFL, 0)
	if err != nil {
		t.Fatal(err)
	}
	return flags&unix.O_DIRECT != 0
}

func TestTheFileIsLeftAsItCame(t *testing.T) {
	f := create(t, t.TempDir())
	w, err := NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	if w.f.direct != direct(t, f) {
		t.Error("the writer takes the file for another than it is")
	}
	if err := w.Close(); err != nil || direct(t, f) {
		t.Errorf("after the writer the file is direct: %v, %v", direct(t, f), err)
	}
	r, err := NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := r.Close(); err != nil || direct(t, f) {
		t.Errorf("after the reader the file is direct: %v, %v", direct(t, f), err)
	}
}

// A file system may take the flag and refuse the transfer: what is asked for then
// is not aligned.
func TestATransferThatCannotBeDirectGoesAsUsual(t *testing.T) {
	f, want := create(t, t.TempDir()), content(2*blockSize)
	if _, err := f.Write(want[:100]); err != nil {
		t.Fatal(err)
	}
	w, err := NewWriter(f)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(want[100:]); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(f.Name()); err != nil || !bytes.Equal(got, want) {
		t.Errorf("another content was written (%d bytes, %v)", len(got), err)
	}
}

func TestAFailureOfTheFileIsAnswered(t *testing.T) {
	f := create(t, t.TempDir())
	shut, err := os.Open(f.Name())
	if err != nil {
		t.Fatal(err)
	}
	defer shut.Close()
	w, err := NewWriter(shut) // open for reading
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(content(blockSize)); err == nil {
		t.Error("a block that could not be written was taken for written")
	}
	if err := w.Close(); err == nil {
		t.Error("a file that lacks a block was taken for written")
	}
}
