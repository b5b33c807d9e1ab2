package keyring

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
)

// fileMode is the only access a keystore file may give: its owner's.
const fileMode os.FileMode = 0o600

// readBody reads and checks the keystore file at path.
func readBody(path string, open opener) (*body, *lock, error) {
	data, err := readFile(path)
	if err != nil {
		return nil, nil, err
	}
	defer wipe(data)
	b, l, err := decodeBody(data, open)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return b, l, nil
}

func readFile(path string) (data []byte, err error) {
	// Without O_NONBLOCK a named pipe in the file's place would hang the start.
	f, err := os.OpenFile(path, os.O_RDONLY|syscall.O_NOFOLLOW|syscall.O_NONBLOCK, 0)
	if errors.Is(err, syscall.ELOOP) {
		return nil, fmt.Errorf("%s is a symbolic link: name the file itself", path)
	}
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if err := checkAccess(path, info); err != nil {
		return nil, err
	}
	data = make([]byte, info.Size())
	if _, err := io.ReadFull(f, data); err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	return data, nil
}

// checkAccess refuses a file that somebody else can read or could have written.
func checkAccess(path string, info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a regular file: name the keystore file itself", path)
	}
	owner, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int64(owner.Uid) != int64(os.Geteuid()) {
		return fmt.Errorf("%s belongs to another user: run as its owner, or chown it to uid %d", path, os.Geteuid())
	}
	if open := info.Mode().Perm() &^ fileMode; open != 0 {
		return fmt.Errorf("%s may be used by others (mode %04o): chmod 600 it, and rotate its keys if others could read it",
			path, info.Mode().Perm())
	}
	if info.Size() > maxFile {
		return fmt.Errorf("%s: %w", path, errForeign)
	}
	return nil
}

// createFile writes a new keystore file; path exists only once it is whole.
func createFile(path string, data []byte) error {
	unlock, err := lockFolder(path)
	if err != nil {
		return err
	}
	defer unlock()
	staged, err := stageFile(path, data)
	if err != nil {
		return err
	}
	// A link, unlike a rename, fails if path exists.
	err = os.Link(staged, path)
	if err := errors.Join(err, os.Remove(staged)); err != nil {
		return err
	}
	return syncFolder(path)
}

// replaceFile puts data in the place of the file at path: after a crash at any
// moment path holds the old content or the new one, whole.
func replaceFile(path string, data []byte) error {
	staged, err := stageFile(path, data)
	if err != nil {
		return err
	}
	if err := os.Rename(staged, path); err != nil {
		return errors.Join(err, os.Remove(staged))
	}
	return syncFolder(path)
}

// stageFile makes data durable beside path, in place of what a crash may have
// left there. The caller holds the folder's lock.
func stageFile(path string, data []byte) (staged string, err error) {
	staged = path + ".new"
	if err := os.Remove(staged); err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	f, err := os.OpenFile(staged, os.O_WRONLY|os.O_CREATE|os.O_EXCL, fileMode)
	if err != nil {
		return "", err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return "", errors.Join(err, os.Remove(staged))
	}
	return staged, nil
}

// syncFolder makes a new name in path's folder durable.
func syncFolder(path string) error {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

// lockFolder keeps other processes from changing the keystore meanwhile. The
// lock is on the folder, since the file itself is replaced by each change.
func lockFolder(path string) (unlock func(), err error) {
	dir, err := os.Open(filepath.Dir(path))
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(dir.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", dir.Name(), err), dir.Close())
	}
	return func() { _ = dir.Close() }, nil // closing releases the lock
}
