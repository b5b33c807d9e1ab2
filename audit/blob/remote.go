package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"strings"
	"time"
)

// late is how long an object whose sending failed may take to be removed: its
// sender waits for it.
const late = 5 * time.Second

func (s *Store) key(n Name) string { return s.cfg.Prefix + n.String() }

// probe is an object that comes and goes to see whether others can.
const probe = "probe"

// Ready looks whether the bucket takes objects and lets them go, and counts at
// first what is there. ErrKeeps says that it never will; any other error that it
// is to be asked again. In a folder it does nothing.
func (s *Store) Ready(ctx context.Context) error {
	if s.cfg.Bucket == nil {
		return nil
	}
	err := s.tryBucket(ctx)
	if err == nil {
		err = s.count(ctx)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = err != nil
	return err
}

func (s *Store) tryBucket(ctx context.Context) error {
	if b, ok := s.cfg.Bucket.(interface{ Retains(context.Context) bool }); ok && b.Retains(ctx) {
		return ErrKeeps
	}
	key := s.cfg.Prefix + probe
	err := s.cfg.Bucket.Put(ctx, Written{Key: key, Size: int64(len(probe)), Content: strings.NewReader(probe), Brief: true})
	if err == nil {
		err = s.cfg.Bucket.Remove(ctx, key)
	}
	var locked *LockedError
	switch {
	case errors.As(err, &locked):
		return fmt.Errorf("%w: %w", ErrKeeps, err)
	case err != nil:
		return fmt.Errorf("try the bucket of media: %w", err)
	}
	return nil
}

// count adds up what the bucket has, once.
func (s *Store) count(ctx context.Context) error {
	s.mu.Lock()
	counted := s.counted
	s.mu.Unlock()
	if counted {
		return nil
	}
	sum := int64(0)
	for o, err := range s.remote(ctx) {
		if err != nil {
			return err
		}
		sum += o.Size
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used, s.counted = s.used+sum, true
	return nil
}

// Remote reports whether objects lie in a bucket.
func (s *Store) Remote() bool { return s.cfg.Bucket != nil }

// Away reports whether the bucket cannot be used now.
func (s *Store) Away() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.cfg.Bucket != nil && (s.away || !s.counted)
}

// heard notes that the bucket failed. What a caller broke off, or an object that
// is not there, says nothing about it.
func (s *Store) heard(ctx context.Context, err error) error {
	var locked *LockedError
	if err == nil || ctx.Err() != nil || errors.Is(err, ErrNotFound) || errors.Is(err, ErrSize) || errors.As(err, &locked) {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.away = true
	return fmt.Errorf("%w: %w", ErrAway, err)
}

// Objects are all that are there, in no order, each once.
func (s *Store) Objects(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		here := map[Name]bool{}
		for o, err := range s.local() {
			here[o.Name] = true
			if !yield(o, err) {
				return
			}
		}
		if s.cfg.Bucket == nil {
			return
		}
		if s.Away() {
			yield(Object{}, ErrAway)
			return
		}
		for o, err := range s.remote(ctx) {
			if !here[o.Name] && !yield(o, err) {
				return
			}
		}
	}
}

// remote are the objects in the bucket.
func (s *Store) remote(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for l, err := range s.cfg.Bucket.List(ctx, s.cfg.Prefix) {
			if err != nil {
				yield(Object{}, s.heard(ctx, err))
				return
			}
			n, bad := ParseName(strings.TrimPrefix(l.Key, s.cfg.Prefix))
			if bad == nil && !yield(Object{Name: n, Size: l.Size, Since: l.Since}, nil) {
				return
			}
		}
	}
}

func (s *Store) openBucket(ctx context.Context, n Name) (io.ReadCloser, int64, error) {
	switch {
	case s.cfg.Bucket == nil:
		return nil, 0, ErrNotFound
	case s.Away():
		return nil, 0, ErrAway
	}
	r, size, err := s.cfg.Bucket.Get(ctx, s.key(n))
	return r, size, s.heard(ctx, err)
}

// put stores size bytes of a file. counted is what of them has to be taken for
// stored: all, too, where it failed and nobody knows what became of it.
func (s *Store) put(ctx context.Context, n Name, f io.ReaderAt, size int64) (counted int64, err error) {
	err = s.cfg.Bucket.Put(ctx, Written{Key: s.key(n), Size: size, Content: io.NewSectionReader(f, 0, size), Brief: true})
	if err == nil {
		return size, nil
	}
	err = s.heard(ctx, err)
	undo, cancel := context.WithTimeout(context.WithoutCancel(ctx), late)
	defer cancel()
	if s.cfg.Bucket.Remove(undo, s.key(n)) != nil {
		return size, err // what is there has no row, and goes with the look for such
	}
	return 0, err
}

// sizeAt is how large an object in the bucket is; -1 where it is not there.
func (s *Store) sizeAt(ctx context.Context, n Name) (int64, error) {
	for l, err := range s.cfg.Bucket.List(ctx, s.key(n)) {
		if err != nil {
			return 0, s.heard(ctx, err)
		}
		if l.Key == s.key(n) {
			return l.Size, nil
		}
	}
	return -1, nil
}

func (s *Store) removeBucket(ctx context.Context, n Name) error {
	switch {
	case s.cfg.Bucket == nil:
		return nil
	case s.Away():
		return ErrAway
	}
	size, err := s.sizeAt(ctx, n)
	if err == nil {
		err = s.heard(ctx, s.cfg.Bucket.Remove(ctx, s.key(n)))
	}
	if err != nil {
		return fmt.Errorf("remove media: %w", err)
	}
	s.release(0, -max(size, 0))
	return nil
}

// Move sends the objects that lie in the folder to the bucket, one after another;
// each leaves the folder once the bucket has it. It may be broken off at any time
// and be called again.
func (s *Store) Move(ctx context.Context) (moved int, err error) {
	if s.cfg.Bucket == nil {
		return 0, nil
	}
	for o, err := range s.local() {
		if err == nil && s.Away() {
			err = ErrAway
		}
		if err == nil {
			err = s.move(ctx, o)
		}
		if err != nil {
			return moved, fmt.Errorf("move media: %w", err)
		}
		moved++
	}
	return moved, nil
}

func (s *Store) move(ctx context.Context, o Object) error {
	s.moving.Lock() // what is removed meanwhile would come back
	defer s.moving.Unlock()
	f, err := os.Open(s.path(o.Name))
	if err != nil {
		return ignoreMissing(err)
	}
	defer f.Close() //nolint:errcheck // it was only read
	there, err := s.sizeAt(ctx, o.Name)
	if err != nil {
		return err
	}
	if there != o.Size { // a name is given once: the same size is the same object
		if counted, err := s.put(ctx, o.Name, f, o.Size); err != nil {
			s.release(0, counted)
			return err
		}
	}
	if err := os.Remove(s.path(o.Name)); err != nil {
		return err
	}
	s.release(0, -max(there, 0)) // it was counted twice
	return nil
}
