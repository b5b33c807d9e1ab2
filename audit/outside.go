package audit

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// OutsideCheckpoint is a signed note kept outside the store, not opened yet.
type OutsideCheckpoint struct {
	From string // file and line
	Note []byte
}

// ReadCheckpoints reads all notes of a file, or of each file of a folder
// (hidden files and folders in it are passed over). What is not a whole note,
// such as the torn end of a file, is returned as it is: Verify names it. A
// path that holds nothing at all is an error, so that a mistyped one proves nothing.
func ReadCheckpoints(path string) ([]OutsideCheckpoint, error) {
	files, err := checkpointFiles(path)
	if err != nil {
		return nil, fmt.Errorf("read outside checkpoints: %w", err)
	}
	var all []OutsideCheckpoint
	for _, name := range files {
		if all, err = readNotes(all, name); err != nil {
			return nil, fmt.Errorf("read outside checkpoints: %w", err)
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("read outside checkpoints: %s holds none; give the file or folder the gateway writes them to", path)
	}
	return all, nil
}

func checkpointFiles(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.IsDir() {
		return []string{path}, nil
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, filepath.Join(path, e.Name()))
		}
	}
	return files, nil
}

func readNotes(dst []OutsideCheckpoint, name string) (_ []OutsideCheckpoint, err error) {
	f, err := os.Open(name) //nolint:gosec // the operator names the file
	if err != nil {
		return dst, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	s := noteSplitter{name: filepath.Base(name), out: dst}
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxCheckpoint)
	for n := 1; lines.Scan(); n++ {
		s.line(n, lines.Bytes())
	}
	s.flush()
	if err := lines.Err(); err != nil {
		return s.out, fmt.Errorf("%s: %w", name, err)
	}
	return s.out, nil
}

// noteSplitter cuts lines into notes: text, an empty line, lines that begin
// with a dash and a space. Text after text is a note that was never finished.
type noteSplitter struct {
	name   string
	out    []OutsideCheckpoint
	buf    []byte
	begins int
	gap    bool // an empty line follows buf
	signed bool // buf has signatures
}

func (s *noteSplitter) line(n int, line []byte) {
	if len(line) == 0 {
		s.gap = len(s.buf) > 0
		return
	}
	signature := bytes.HasPrefix(line, []byte("— "))
	if s.gap && (!signature || s.signed) || s.signed && !signature || len(s.buf) > maxCheckpoint {
		s.flush()
	}
	if len(s.buf) == 0 {
		s.begins = n
	}
	if s.gap {
		s.buf = append(s.buf, '\n')
	}
	s.gap = false
	s.signed = s.signed || signature
	s.buf = append(append(s.buf, line...), '\n')
}

func (s *noteSplitter) flush() {
	if len(s.buf) > 0 {
		s.out = append(s.out, OutsideCheckpoint{From: fmt.Sprintf("%s:%d", s.name, s.begins), Note: s.buf})
	}
	s.buf, s.gap, s.signed = nil, false, false
}

// AppendCheckpoint adds a signed note to a file of outside checkpoints, which
// is made if need be, and returns when it is on disk. A torn note at the end,
// left by a crash, is closed off so that it cannot swallow the new one.
func AppendCheckpoint(path string, msg []byte) (err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_APPEND|os.O_CREATE, 0o600) //nolint:gosec // the operator names the file
	if err != nil {
		return fmt.Errorf("append outside checkpoint: %w", err)
	}
	defer func() {
		if err = errors.Join(err, f.Close()); err != nil {
			err = fmt.Errorf("append outside checkpoint: %w", err)
		}
	}()
	sep, err := separator(f)
	if err != nil {
		return err
	}
	if _, err := f.Write(append(append(sep, msg...), '\n')); err != nil {
		return err
	}
	if err := f.Sync(); err != nil {
		return err
	}
	return syncFolder(filepath.Dir(path))
}

// syncFolder makes the entry of a new file durable.
func syncFolder(path string) error {
	d, err := os.Open(path) //nolint:gosec // the operator names the file
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

// separator is what must stand between the end of f and a new note.
func separator(f *os.File) ([]byte, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil, err
	}
	tail := make([]byte, min(size, 2))
	if _, err := f.ReadAt(tail, size-int64(len(tail))); err != nil && !errors.Is(err, io.EOF) {
		return nil, &fs.PathError{Op: "read", Path: f.Name(), Err: err}
	}
	switch {
	case size == 0 || string(tail) == "\n\n":
		return nil, nil
	case tail[len(tail)-1] == '\n':
		return []byte("\n"), nil
	}
	return []byte("\n\n"), nil
}
