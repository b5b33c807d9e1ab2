package blob_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"postern/audit/blob"
)

func folder(t *testing.T) (*blob.Folder, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "objects")
	f, err := blob.OpenFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	return f, dir
}

func store(b blob.Bucket, key string, content []byte) error {
	once := io.MultiReader(bytes.NewReader(content)) // what can be read again takes another way
	return b.Put(context.Background(), blob.Written{Key: key, Size: int64(len(content)), Content: once})
}

func fetch(b blob.Bucket, key string) ([]byte, error) {
	r, size, err := b.Get(context.Background(), key)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // it was only read
	got, err := io.ReadAll(r)
	if int64(len(got)) != size {
		return nil, errors.Join(err, errors.New("another size than said"))
	}
	return got, err
}

func keys(t *testing.T, b blob.Bucket, prefix string) []string {
	t.Helper()
	var out []string
	for o, err := range b.List(t.Context(), prefix) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, o.Key)
	}
	slices.Sort(out)
	return out
}

// conform is what every Bucket does.
func conform(t *testing.T, b blob.Bucket) {
	t.Helper()
	long := bytes.Repeat([]byte("0123456789abcdef"), 1<<16) // 1 MiB
	for key, content := range map[string][]byte{"a/one": []byte("first"), "a/two": long, "b": {}} {
		if err := store(b, key, content); err != nil {
			t.Fatal(err)
		}
		if got, err := fetch(b, key); err != nil || !bytes.Equal(got, content) {
			t.Errorf("%s: %d bytes, %v", key, len(got), err)
		}
	}
	if err := store(b, "a/one", []byte("second")); err != nil {
		t.Fatal(err)
	}
	if got, err := fetch(b, "a/one"); err != nil || string(got) != "second" {
		t.Errorf("written again: %q, %v", got, err)
	}
	if got := keys(t, b, "a/"); !slices.Equal(got, []string{"a/one", "a/two"}) {
		t.Errorf("listed: %v", got)
	}
	if err := errors.Join(b.Remove(t.Context(), "a/one"), b.Remove(t.Context(), "a/one")); err != nil {
		t.Error(err)
	}
	if _, err := fetch(b, "a/one"); !errors.Is(err, blob.ErrNotFound) {
		t.Errorf("removed: %v", err)
	}
	half(t, b)
	for _, bad := range []string{"", "/a", "a/", "a//b", "../a", "a/.hidden", "a b", "a?b", strings.Repeat("a", 513)} {
		if err := store(b, bad, nil); !errors.Is(err, blob.ErrKey) {
			t.Errorf("key %q: %v", bad, err)
		}
		if _, _, err := b.Get(t.Context(), bad); !errors.Is(err, blob.ErrKey) {
			t.Errorf("key %q is read: %v", bad, err)
		}
	}
}

// half writes what ends too early, goes on too long or breaks: nothing is there.
func half(t *testing.T, b blob.Bucket) {
	t.Helper()
	for name, o := range map[string]blob.Written{
		"short":  {Size: 10, Content: strings.NewReader("short")},
		"long":   {Size: 3, Content: strings.NewReader("longer")},
		"broken": {Size: 10, Content: io.MultiReader(strings.NewReader("half"), &broken{})},
	} {
		want := blob.ErrSize
		if name == "broken" {
			want = errFault
		}
		o.Key = "half/" + name
		if err := b.Put(t.Context(), o); !errors.Is(err, want) {
			t.Errorf("%s: %v", name, err)
		} else if strings.Contains(err.Error(), o.Key) {
			t.Errorf("%s: the error names the key: %v", name, err)
		}
	}
	if got := keys(t, b, "half/"); len(got) > 0 {
		t.Errorf("left half written: %v", got)
	}
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, errFault }

func TestFolderBucket(t *testing.T) {
	b, dir := folder(t)
	conform(t, b)
	if err := os.WriteFile(filepath.Join(dir, ".1234.new"), []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := keys(t, b, ""); !slices.Equal(got, []string{"a/two", "b"}) {
		t.Errorf("listed: %v", got)
	}
	if err := b.Remove(t.Context(), "a/two"); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, "a")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("an empty folder is left: %v", err)
	}
}

// TestFolderSweeps takes what a crash left half written, and nothing else.
func TestFolderSweeps(t *testing.T) {
	b, dir := folder(t)
	if err := errors.Join(store(b, "a/whole/one", []byte("1")), store(b, "b/one", []byte("1")), os.MkdirAll(filepath.Join(dir, "a", "half", "way"), 0o700)); err != nil {
		t.Fatal(err)
	}
	for _, draft := range []string{"a/half/.1.new", "a/whole/.2.new", "b/.3.new"} {
		if err := os.WriteFile(filepath.Join(dir, draft), []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(b.Sweep(t.Context(), "a/"), b.Sweep(t.Context(), "none/")); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]bool{"a/half": false, "a/whole/.2.new": false, "a/whole/one": true, "b/.3.new": true, "b/one": true} {
		if _, err := os.Stat(filepath.Join(dir, name)); errors.Is(err, os.ErrNotExist) == want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestFolderShreds keeps a descriptor on what is removed: its bytes are gone.
func TestFolderShreds(t *testing.T) {
	b, dir := folder(t)
	if err := store(b, "key", []byte("wrapped key")); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "key"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	if err := b.Remove(t.Context(), "key"); err != nil {
		t.Fatal(err)
	}
	if got, err := io.ReadAll(f); err != nil || !bytes.Equal(got, make([]byte, len("wrapped key"))) {
		t.Errorf("%q %v", got, err)
	}
}

func TestFolderStops(t *testing.T) {
	b, _ := folder(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := b.Put(ctx, blob.Written{Key: "a", Size: 1, Content: strings.NewReader("a")})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
