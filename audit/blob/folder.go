package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"postern/audit/disk"
)

// Folder is a Bucket on a disk. It has no Object Lock: who may write the folder
// may empty it.
type Folder struct{ dir string }

var _ Bucket = (*Folder)(nil)

// OpenFolder makes the folder if it is not there.
func OpenFolder(dir string) (*Folder, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make folder of objects: %w", err)
	}
	return &Folder{dir: dir}, nil
}

func (f *Folder) path(key string) (string, error) {
	if err := checkKey(key); err != nil {
		return "", err
	}
	return filepath.Join(f.dir, filepath.FromSlash(key)), nil
}

// Put implements Bucket: under another name, synced, then named.
func (f *Folder) Put(ctx context.Context, o Written) error {
	path, err := f.path(o.Key)
	if err == nil {
		err = f.makeFolders(filepath.Dir(path))
	}
	if err == nil {
		err = write(ctx, path, o)
	}
	if err != nil {
		return fmt.Errorf("store object: %w", unnamed(err))
	}
	return nil
}

// makeFolders makes what leads to an object and waits until it is on the disk.
func (f *Folder) makeFolders(dir string) error {
	if _, err := os.Stat(dir); err == nil || dir == f.dir {
		return err
	}
	if err := f.makeFolders(filepath.Dir(dir)); err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	return syncFolder(filepath.Dir(dir))
}

func write(ctx context.Context, path string, o Written) error {
	draft, err := os.CreateTemp(filepath.Dir(path), ".*"+unfinished)
	if err != nil {
		return err
	}
	n, err := pour(draft, exactly(&stoppable{ctx, o.Content}, o.Size), min(o.Size+1, copyBuffer))
	if err == nil && n != o.Size {
		err = ErrSize
	}
	if err == nil {
		err = draft.Sync()
	}
	if err = errors.Join(err, draft.Close()); err == nil {
		err = os.Rename(draft.Name(), path)
	}
	if err != nil {
		return errors.Join(err, ignoreMissing(disk.Remove(ctx, draft.Name())))
	}
	return syncFolder(filepath.Dir(path))
}

const copyBuffer = 256 << 10

// pour writes what is read, past the kernel's cache: see package disk.
func pour(to *os.File, from io.Reader, buffer int64) (n int64, err error) {
	w, err := disk.NewWriter(to)
	if err != nil {
		return 0, err
	}
	n, err = io.CopyBuffer(w, from, make([]byte, buffer))
	return n, errors.Join(err, w.Close())
}

// stoppable ends with its context.
type stoppable struct {
	ctx  context.Context //nolint:containedctx // lives as long as the call
	from io.Reader
}

func (s *stoppable) Read(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return s.from.Read(p)
}

// Get implements Bucket.
func (f *Folder) Get(_ context.Context, key string) (io.ReadCloser, int64, error) {
	path, err := f.path(key)
	if err != nil {
		return nil, 0, err
	}
	file, err := os.Open(path) //nolint:gosec // below the folder
	if errors.Is(err, fs.ErrNotExist) {
		return nil, 0, ErrNotFound
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open object: %w", unnamed(err))
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open object: %w", unnamed(err)), file.Close())
	}
	return file, info.Size(), nil
}

// List implements Bucket. What a crash left half written is not listed.
func (f *Folder) List(ctx context.Context, prefix string) iter.Seq2[Listed, error] {
	return func(yield func(Listed, error) bool) {
		err := filepath.WalkDir(f.dir, func(path string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() {
				return ignoreMissing(err)
			}
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			info, err := e.Info()
			if err != nil || !info.Mode().IsRegular() {
				return ignoreMissing(err)
			}
			name, err := filepath.Rel(f.dir, path)
			key := filepath.ToSlash(name)
			if err != nil || checkKey(key) != nil || !strings.HasPrefix(key, prefix) {
				return err
			}
			if !yield(Listed{Key: key, Size: info.Size(), Since: info.ModTime()}, nil) {
				return fs.SkipAll
			}
			return nil
		})
		if err != nil {
			yield(Listed{}, fmt.Errorf("list objects: %w", unnamed(err)))
		}
	}
}

// Sweep takes away what a crash left half written below a prefix that ends with
// a slash, and folders that hold nothing. Nobody may write there meanwhile.
func (f *Folder) Sweep(ctx context.Context, prefix string) error {
	dir, err := f.path(strings.TrimSuffix(prefix, "/"))
	if err != nil {
		return err
	}
	var folders []string // those within come later
	err = filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return ignoreMissing(err)
		case ctx.Err() != nil:
			return context.Cause(ctx)
		case e.IsDir():
			folders = append(folders, path)
		case strings.HasPrefix(e.Name(), ".") && strings.HasSuffix(e.Name(), unfinished):
			return errors.Join(overwrite(path), ignoreMissing(disk.Remove(ctx, path)))
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take away unfinished objects: %w", unnamed(err))
	}
	for _, folder := range slices.Backward(folders) {
		_ = os.Remove(folder) //nolint:errcheck // of one that holds something nothing goes
	}
	return nil
}

// shred is how large an object may be whose bytes are overwritten before it
// goes: keys are small.
const shred = 1 << 20

// Remove implements Bucket. A small object is overwritten first, a large one
// goes in pieces: see [disk.Remove].
func (f *Folder) Remove(ctx context.Context, key string) error {
	path, err := f.path(key)
	if err != nil {
		return err
	}
	if err := overwrite(path); err != nil {
		return fmt.Errorf("overwrite object: %w", unnamed(err))
	}
	if err := ignoreMissing(disk.Remove(ctx, path)); err != nil {
		return fmt.Errorf("remove object: %w", unnamed(err))
	}
	// Folders that held nothing else go with it.
	for dir := filepath.Dir(path); dir != f.dir && os.Remove(dir) == nil; dir = filepath.Dir(dir) {
	}
	return nil
}

func overwrite(path string) error {
	info, err := os.Lstat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > shred {
		return ignoreMissing(err)
	}
	file, err := os.OpenFile(path, os.O_WRONLY, 0) //nolint:gosec // below the folder
	if err != nil {
		return ignoreMissing(err)
	}
	_, err = file.Write(make([]byte, info.Size()))
	return errors.Join(err, file.Sync(), file.Close())
}

// unnamed is a file's error without its path, which says when and what was kept.
func unnamed(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}
