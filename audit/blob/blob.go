// Package blob keeps what is too large for the journal: sealed media, one file
// an object, in one folder or in a bucket ([Store]); and what goes elsewhere,
// backups and exports, in a folder or at S3 ([Bucket]). It holds no keys and
// sees no clear text.
//
// # How it fails
//
// An object is there whole or not at all: it is written under another name,
// synced, and then named. What a crash leaves half written is removed at the
// next [Open]. Room is reserved before the first byte is taken: past the
// quota, or where the disk would have less than is to stay free, [ErrFull]
// comes before anything is written. Taking objects away never needs room.
//
// A Store with a bucket writes an object to its folder first and sends it whole,
// in one request with its SHA-256. A bucket that failed once is away: nothing is
// taken, read or removed there ([ErrAway]) until [Store.Ready] finds it well, so
// that nobody waits for it. Removing takes every version, looks whether one is
// left, and only then has succeeded; a bucket that keeps objects by itself is
// [ErrKeeps]. What the folder held before moves by [Store.Move], and is read where
// it lies.
package blob

import (
	"context"
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

	"golang.org/x/sync/singleflight"
	"golang.org/x/sys/unix"
)

// Errors a caller branches on.
var (
	// ErrFull: there is no room for the object; nothing was written.
	ErrFull = errors.New("media store is full")
	// ErrNotFound: there is no such object.
	ErrNotFound = errors.New("no such object")
	// ErrAway: the bucket does not answer as it should; nothing was done there.
	ErrAway = errors.New("the bucket of media is away")
	// ErrKeeps: the bucket would keep what is removed.
	ErrKeeps = errors.New("the bucket keeps what is removed from it: take one without a default retention")
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
	// Bucket is where objects lie for good, under Prefix, which ends with a slash;
	// Dir then has what is on its way there. Nil: objects lie in Dir.
	Bucket Bucket
	Prefix string
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

// Store is a folder of objects, or a bucket. It is safe for concurrent use, by one
// process.
type Store struct {
	cfg Config

	moving   sync.RWMutex       // held while an object moves, and shared by what removes
	removing singleflight.Group // by name, so that an object is counted out once

	mu       sync.Mutex // guards what follows
	used     int64      // bytes of objects that are there
	reserved int64      // bytes of objects that are being written
	counted  bool       // used knows what the bucket has
	away     bool       // the bucket failed, and Ready did not find it well since
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
	for o, err := range s.local() {
		if err != nil {
			return err
		}
		s.used += o.Size
	}
	return nil
}

// Object is what folder or bucket say of an object.
type Object struct {
	Name  Name
	Size  int64
	Since time.Time
}

// local are the objects of the folder, in no order.
func (s *Store) local() iter.Seq2[Object, error] {
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
	Free  int64 // bytes that may be written before the disk has less than is to stay free; a bucket has no end
}

// Room looks at the disk.
func (s *Store) Room() (Room, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cfg.Bucket != nil {
		return Room{Used: s.used + s.reserved, Quota: s.cfg.Quota, Free: 1 << 60}, nil
	}
	return s.room()
}

// room is that of the folder; it needs the lock.
func (s *Store) room() (Room, error) {
	var fs unix.Statfs_t
	if err := unix.Statfs(s.cfg.Dir, &fs); err != nil {
		return Room{}, fmt.Errorf("look at the disk of media: %w", err)
	}
	free := int64(fs.Bavail)*fs.Bsize - s.cfg.MinFree //nolint:gosec // disks are below 2^63 bytes
	return Room{Used: s.used + s.reserved, Quota: s.cfg.Quota, Free: free - s.reserved}, nil
}

// Open reads an object.
func (s *Store) Open(ctx context.Context, n Name) (io.ReadCloser, int64, error) {
	f, err := os.Open(s.path(n))
	if errors.Is(err, os.ErrNotExist) {
		return s.openBucket(ctx, n)
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

// Remove takes an object away; one that is not there is no error. On a disk its
// bytes stay until that is used again: they are sealed.
func (s *Store) Remove(ctx context.Context, n Name) error {
	_, err, _ := s.removing.Do(n.String(), func() (any, error) {
		s.moving.RLock()
		defer s.moving.RUnlock()
		if err := s.removeBucket(ctx, n); err != nil {
			return nil, err
		}
		return nil, s.removeFile(n)
	})
	return err
}

func (s *Store) removeFile(n Name) error {
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
