// Package state keeps what the simulator must not forget over a kill: an
// append-only file of JSON lines, written before the request is answered. It
// survives the death of the process; with sync it survives a power loss too.
// A torn last line is cut off at the next start; any other damage refuses to
// open. A failed write is undone, so that the file never holds half a line.
package state

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"golang.org/x/sys/unix"
)

// Entry is one line: what kind of fact, and the fact.
type Entry struct {
	Kind  string `json:"k"`
	Value any    `json:"v"`
}

// Log is the open file. A nil Log keeps nothing and never fails.
type Log struct {
	sync bool

	mu   sync.Mutex
	file *os.File
	size int64 // end of the last whole line
}

// ErrInUse means another process has the file open.
var ErrInUse = errors.New("state folder is in use by another process: give each its own")

// Open reads dir/metasim.jsonl from the beginning, calls replay with each
// line, and leaves the file ready to append. The folder is made if needed.
func Open(dir string, fsync bool, replay func(kind string, value jsontext.Value) error) (*Log, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make state folder: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "metasim.jsonl"), os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator names the folder
	if err != nil {
		return nil, fmt.Errorf("open state: %w", err)
	}
	l := &Log{sync: fsync, file: file}
	if err := l.load(replay); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return l, nil
}

func (l *Log) load(replay func(string, jsontext.Value) error) error {
	if err := unix.Flock(int(l.file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return ErrInUse
	}
	lines := bufio.NewReaderSize(l.file, 1<<20)
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return l.rewind(l.size)
		}
		if err != nil {
			return fmt.Errorf("read state: %w", err)
		}
		if err := replayLine(line, replay); err != nil {
			return fmt.Errorf("state line %d: %w; move the file away to start afresh", n, err)
		}
		l.size += int64(len(line))
	}
}

func replayLine(line []byte, replay func(string, jsontext.Value) error) error {
	var entry struct {
		Kind  string         `json:"k"`
		Value jsontext.Value `json:"v"`
	}
	if err := json.Unmarshal(line, &entry); err != nil {
		return errors.New("is not a JSON entry")
	}
	return replay(entry.Kind, entry.Value)
}

// Append writes the entries in one write. After an error none of them is in
// the file.
func (l *Log) Append(entries ...Entry) error {
	if l == nil {
		return nil
	}
	var lines []byte
	for _, entry := range entries {
		line, err := json.Marshal(entry)
		if err != nil {
			return fmt.Errorf("encode state: %w", err)
		}
		lines = append(append(lines, line...), '\n')
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.write(lines)
}

func (l *Log) write(lines []byte) error {
	_, err := l.file.Write(lines)
	if err == nil && l.sync {
		err = l.file.Sync()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("write state: %w", err), l.rewind(l.size))
	}
	l.size += int64(len(lines))
	return nil
}

// rewind cuts the file at size and puts the end of writing there.
func (l *Log) rewind(size int64) error {
	if err := l.file.Truncate(size); err != nil {
		return fmt.Errorf("cut state: %w", err)
	}
	if _, err := l.file.Seek(size, io.SeekStart); err != nil {
		return fmt.Errorf("seek state: %w", err)
	}
	l.size = size
	return nil
}

// Restart empties the file and writes the entries as its beginning.
func (l *Log) Restart(entries ...Entry) error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	err := l.rewind(0)
	l.mu.Unlock()
	if err != nil {
		return err
	}
	return l.Append(entries...)
}

// Close closes the file.
func (l *Log) Close() error {
	if l == nil {
		return nil
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.file.Close()
}
