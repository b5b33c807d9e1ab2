// Package blob keeps what is too large for the journal: sealed media, one file
// an object, in one folder ([Store]); and what goes elsewhere, backups and
// exports, in a folder or at S3 ([Bucket]). It holds no keys and sees no clear
// text.
//
// # How it fails
//
// An object is there whole or not at all: it is written under another name,
// synced, and then named. What a crash leaves half written is removed at the
// next [Open]. Room is reserved before the first byte is taken: past the
// quota, or where the disk would have less than is to stay free, [ErrFull]
// comes before anything is written. Taking objects away never needs room.
package blob

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Errors a caller branches on.
var (
	// ErrFull: there is no room for the object; nothing was written.
	ErrFull = errors.New("media store is full")
	// ErrNotFound: there is no such object.
	ErrNotFound = errors.New("no such object")
	// ErrSize: more was written than was reserved, or not as much as was said.
	ErrSize = errors.New("object has another size than was reserved")
)

// Name is an object's name. The zero value names none.
type Name [16]byte

func (n Name) String() string { return hex.EncodeToString(n[:]) }

// ParseName reads what String wrote.
func ParseName(s string) (Name, error) {
	var n Name
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(n) || s != strings.ToLower(s) {
		return n, fmt.Errorf("%w: a name has 32 hexadecimal digits", ErrNotFound)
	}
	copy(n[:], raw)
	return n, nil
}

// Config says where objects are and how much room they may take.
type Config struct {
	Dir     string
	Quota   int64 // bytes of all objects; 0 has no limit
	MinFree int64 // bytes that stay free on the disk
	// Hook runs before each step of writing an object; tests make it fail.
	Hook func(Step) error
}

// Step is a point at which writing an object may fail.
type Step string

// Steps of writing an object, in their order.
const (
	StepCreate Step = "create"
	StepWrite  Step = "write"
	StepSync   Step = "sync"
	StepName   Step = "name"
)

// Store is a folder of objects. It is safe for concurrent use, by one process.
type Store struct {
	cfg Config

	mu       sync.Mutex
	used     int64 // bytes of objects that are there
	reserved int64 // bytes of objects that are being written
}

// Open makes the folder if it is not there, removes what is half written and
// counts what is there.
func Open(cfg Config) (*Store, error) {
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of media: %w", err)
	}
	info, err := os.Stat(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("look at the folder of media: %w", err)
	}
	if !info.IsDir() || info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("the folder of media may be read by others: run chmod 700 %s", cfg.Dir)
	}
	s := &Store{cfg: cfg}
	return s, s.sweep()
}

// unfinished ends the names of files that are being written.
const unfinished = ".new"

func (s *Store) sweep() error {
	drafts, err := filepath.Glob(filepath.Join(s.cfg.Dir, "*"+unfinished))
	if err != nil {
		return fmt.Errorf("look for unfinished media: %w", err)
	}
	for _, path := range drafts {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove unfinished media: %w", err)
		}
	}
	for o, err := range s.Objects() {
		if err != nil {
			return err
		}
		s.used += o.Size
	}
	return nil
}

// Object is what the folder says of an object.
type Object struct {
	Name  Name
	Size  int64
	Since time.Time
}

// Objects are all that are there, in no order.
func (s *Store) Objects() iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		dir, err := os.Open(s.cfg.Dir)
		if err != nil {
			yield(Object{}, fmt.Errorf("list media: %w", err))
			return
		}
		defer dir.Close() //nolint:errcheck // it was only read
		for {
			entries, err := dir.ReadDir(256)
			for _, e := range entries {
				if o, ok := object(e); ok && !yield(o, nil) {
					return
				}
			}
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				yield(Object{}, fmt.Errorf("list media: %w", err))
				return
			}
		}
	}
}

// object reads an entry; false for what is none, or went meanwhile.
func object(e os.DirEntry) (Object, bool) {
	name, err := ParseName(e.Name())
	if err != nil {
		return Object{}, false
	}
	info, err := e.Info()
	if err != nil || !info.Mode().IsRegular() {
		return Object{}, false
	}
	return Object{Name: name, Size: info.Size(), Since: info.ModTime()}, true
}

// Room is how full the store is.
type Room struct {
	Used  int64 // bytes of all objects, those being written included
	Quota int64 // 0 has no limit
	Free  int64 // bytes that may be written before the disk has less than is to stay free
}

// Room looks at the disk.
func (s *Store) Room() (Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.room()
}

// room needs the lock.
func (s *Store) room() (Room, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(s.cfg.Dir, &fs); err != nil {
		return Room{}, fmt.Errorf("look at the disk of media: %w", err)
	}
	free := int64(fs.Bavail)*fs.Bsize - s.cfg.MinFree //nolint:gosec // disks are below 2^63 bytes
	return Room{Used: s.used + s.reserved, Quota: s.cfg.Quota, Free: free - s.reserved}, nil
}

// Open reads an object.
func (s *Store) Open(n Name) (io.ReadCloser, int64, error) {
	f, err := os.Open(s.path(n))
	if errors.Is(err, os.ErrNotExist) {
		return nil, 0, ErrNotFound
	}
	if err != nil {
		return nil, 0, fmt.Errorf("open media: %w", err)
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(fmt.Errorf("open media: %w", err), f.Close())
	}
	return f, info.Size(), nil
}

// Remove takes an object away; one that is not there is no error. Its bytes
// stay on the disk until that is used again: they are sealed.
func (s *Store) Remove(n Name) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	info, err := os.Stat(s.path(n))
	if err == nil {
		err = os.Remove(s.path(n))
	}
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("remove media: %w", err)
	}
	s.used -= info.Size()
	return nil
}

func (s *Store) path(n Name) string { return filepath.Join(s.cfg.Dir, n.String()) }

func (s *Store) hook(at Step) error {
	if s.cfg.Hook == nil {
		return nil
	}
	return s.cfg.Hook(at)
}
