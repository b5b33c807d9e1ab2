package backup

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// A restoration works in a folder beside an absent data folder, whose name
// begins with that of the data folder and unfinished. One that exists may be a
// mount point, which no other folder can take the name of: it works inside of
// that, and a mark lies there meanwhile with the names of all that is its own.
const (
	unfinished = ".restore-"
	mark       = "restore.unfinished"
	inside     = "restore.files"
)

// Errors of a restoration's place.
var (
	// ErrNotEmpty: something is where the store is to be.
	ErrNotEmpty = errors.New("the data folder is not empty")
	// ErrUnfinished: a restoration into the folder has not ended.
	ErrUnfinished = errors.New("a restoration into the data folder has not ended")
)

// CheckFinished refuses a data folder in which a restoration is under way or was
// interrupted.
func CheckFinished(data string) error {
	_, err := os.Lstat(filepath.Join(data, mark))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("look for an unfinished restoration: %w", err)
	}
	return fmt.Errorf("%w (%s holds %s): repeat postern backup restore", ErrUnfinished, data, mark)
}

// vacant refuses where anything is but what an interrupted restoration left.
func vacant(data string) error {
	entries, err := os.ReadDir(data)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at the data folder: %w", err)
	}
	ours := append(marked(data), mark, "lost+found") // the last is on every disk of some file systems
	for _, e := range entries {
		if !slices.Contains(ours, e.Name()) {
			return fmt.Errorf("%w: %s holds %s; move it away, or name another folder in the configuration", ErrNotEmpty, data, e.Name())
		}
	}
	return nil
}

// marked are the names in the data folder that a restoration may have made.
func marked(data string) (names []string) {
	raw, err := os.ReadFile(filepath.Join(data, mark)) //nolint:gosec // in the operator's folder
	if err != nil || json.Unmarshal(raw, &names) != nil {
		return nil // what is not whole was not followed by anything
	}
	return slices.DeleteFunc(names, func(n string) bool { return n != filepath.Base(n) || strings.Trim(n, "./") == "" })
}

// workplace is where a store is made until it is whole.
type workplace struct {
	data, temp string
	folder     *os.File // data, locked, where it exists; nil where temp lies beside it
}

// newWorkplace takes away what interrupted restorations left.
func newWorkplace(data string) (w workplace, err error) {
	folder, err := os.Open(data) //nolint:gosec // the operator's folder
	if errors.Is(err, fs.ErrNotExist) {
		return beside(data)
	}
	if err != nil {
		return w, fmt.Errorf("open the data folder: %w", err)
	}
	w = workplace{data: data, temp: filepath.Join(data, inside), folder: folder}
	if err = syscall.Flock(int(folder.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil { //nolint:gosec // a descriptor is small
		return w, errors.Join(fmt.Errorf("%w: another process is at it", ErrUnfinished), folder.Close())
	}
	if err = w.clear(); err == nil {
		err = w.own(inside)
	}
	if err == nil {
		err = os.Mkdir(w.temp, 0o700)
	}
	if err != nil {
		return w, errors.Join(fmt.Errorf("make a folder for the copy: %w", err), w.clear(), w.leave())
	}
	return w, nil
}

func beside(data string) (w workplace, err error) {
	if err := os.MkdirAll(filepath.Dir(data), 0o700); err != nil {
		return w, fmt.Errorf("make the folder of the store: %w", err)
	}
	if err := SweepRestorations(data); err != nil {
		return w, err
	}
	temp, err := os.MkdirTemp(filepath.Dir(data), filepath.Base(data)+unfinished)
	if err != nil {
		return w, fmt.Errorf("make a folder for the copy: %w", err)
	}
	return workplace{data: data, temp: temp}, nil
}

// leave lets others at the data folder.
func (w workplace) leave() error {
	if w.folder == nil {
		return nil
	}
	return w.folder.Close()
}

// own notes durably which names in the data folder are the restoration's.
func (w workplace) own(names ...string) error {
	list, err := json.Marshal(names)
	if err != nil {
		return err
	}
	path := filepath.Join(w.data, mark)
	if _, err := os.Lstat(path); err == nil {
		path = filepath.Join(w.temp, mark) // replaced in one step
	}
	if err := os.WriteFile(path, list, 0o600); err != nil {
		return err
	}
	if err := syncFolder(path); err != nil { // a file is synced the same way
		return err
	}
	if err := os.Rename(path, filepath.Join(w.data, mark)); err != nil {
		return err
	}
	return w.folder.Sync()
}

// clear takes away what was made, and what of it was moved up.
func (w workplace) clear() error {
	if w.folder == nil {
		return Sweep(w.temp)
	}
	for _, name := range append(marked(w.data), mark) { // the mark last
		if err := os.RemoveAll(filepath.Join(w.data, name)); err != nil {
			return fmt.Errorf("take away an unfinished restoration: %w", err)
		}
	}
	return w.folder.Sync()
}

// settle puts the finished store in its place.
func (w workplace) settle() error {
	err := syncFiles(w.temp)
	switch {
	case err != nil:
	case w.folder != nil:
		err = w.moveUp()
	default:
		if err = os.Rename(w.temp, w.data); err == nil {
			err = syncFolder(filepath.Dir(w.data))
		}
	}
	if err != nil {
		return fmt.Errorf("put the store in its place: %w", err)
	}
	return nil
}

// moveUp moves what was made into the data folder. It is the store's once the
// mark is gone.
func (w workplace) moveUp() error {
	entries, err := os.ReadDir(w.temp)
	if err != nil {
		return err
	}
	names := []string{inside}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if err := w.own(names...); err != nil {
		return err
	}
	for _, name := range names[1:] {
		if err := os.Rename(filepath.Join(w.temp, name), filepath.Join(w.data, name)); err != nil {
			return err
		}
	}
	if err := errors.Join(os.Remove(w.temp), w.folder.Sync()); err != nil {
		return err
	}
	return errors.Join(os.Remove(filepath.Join(w.data, mark)), w.folder.Sync())
}

// syncFiles makes what lies in a folder durable, and its names.
func syncFiles(dir string) error {
	entries, err := os.ReadDir(dir)
	for _, e := range entries {
		err = errors.Join(err, syncFolder(filepath.Join(dir, e.Name())))
	}
	return errors.Join(err, syncFolder(dir))
}

// SweepRestorations takes away what restorations that were killed left beside a
// store: erasures do not reach it.
func SweepRestorations(data string) error {
	entries, err := os.ReadDir(filepath.Dir(data))
	if errors.Is(err, fs.ErrPermission) {
		return nil // nor could a restoration work there
	}
	if err != nil {
		return fmt.Errorf("look for unfinished restorations: %w", err)
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), filepath.Base(data)+unfinished) {
			if err := Sweep(filepath.Join(filepath.Dir(data), e.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}
