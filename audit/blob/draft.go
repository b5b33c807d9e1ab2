package blob

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

// Draft is an object that is being written. Its owner calls Commit, and Discard
// in any case; by one goroutine.
type Draft struct {
	store   *Store
	name    Name
	file    *os.File
	reserve int64
	written int64
	ended   bool
	sent    bool // to the bucket; file is open still, and has no name any more
}

// Create reserves room for an object of at most size bytes. A name is given
// once.
func (s *Store) Create(n Name, size int64) (*Draft, error) {
	if s.Away() {
		return nil, ErrAway
	}
	return s.create(&Draft{store: s, name: n, reserve: size})
}

// Begin is Create for what may be let go of again: it needs the bucket only where
// it is committed.
func (s *Store) Begin(n Name, size int64) (*Draft, error) {
	return s.create(&Draft{store: s, name: n, reserve: size})
}

func (s *Store) create(d *Draft) (*Draft, error) {
	n, size := d.name, d.reserve
	if size < 0 || n == (Name{}) {
		return nil, fmt.Errorf("%w: no name or no size", ErrSize)
	}
	if err := s.reserve(size); err != nil {
		return nil, err
	}
	err := s.hook(StepCreate)
	if _, there := os.Lstat(s.path(n)); err == nil && there == nil {
		err = os.ErrExist
	}
	if err == nil {
		d.file, err = os.OpenFile(s.path(n)+unfinished, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600)
	}
	if err != nil {
		s.release(size, 0)
		return nil, fmt.Errorf("create media: %w", err)
	}
	return d, nil
}

func (s *Store) reserve(size int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	room, err := s.room()
	if err != nil {
		return err
	}
	if room.Free < size || room.Quota > 0 && room.Used+size > room.Quota {
		return ErrFull
	}
	s.reserved += size
	return nil
}

func (s *Store) release(size, used int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.reserved -= size
	s.used += used
}

// Write takes bytes up to the reserved size.
func (d *Draft) Write(p []byte) (int, error) {
	if d.ended || d.written+int64(len(p)) > d.reserve {
		return 0, ErrSize
	}
	if err := d.store.hook(StepWrite); err != nil {
		return 0, fmt.Errorf("write media: %w", err)
	}
	n, err := d.file.Write(p)
	d.written += int64(n)
	if err != nil {
		return n, fmt.Errorf("write media: %w", err)
	}
	return n, nil
}

// Commit makes the object durable and gives it its name.
func (d *Draft) Commit(ctx context.Context) error {
	if d.ended {
		return ErrSize
	}
	if d.store.Away() {
		return ErrAway
	}
	err := d.store.hook(StepSync)
	if err == nil && d.store.cfg.Bucket == nil {
		err = d.file.Sync()
	}
	if err == nil {
		err = d.store.hook(StepName)
	}
	if err == nil {
		err = d.finish(ctx)
	}
	if err != nil {
		return errors.Join(fmt.Errorf("store media: %w", err), d.Discard())
	}
	return nil
}

func (d *Draft) finish(ctx context.Context) error {
	if d.store.cfg.Bucket != nil {
		return d.send(ctx)
	}
	err := os.Rename(d.file.Name(), d.store.path(d.name))
	if err == nil {
		err = syncFolder(d.store.cfg.Dir)
	}
	if err != nil {
		return err
	}
	d.ended = true
	d.store.release(d.reserve, d.written)
	return d.file.Close()
}

// send stores the object in the bucket. The folder has it no more after that, but
// for who has the draft.
func (d *Draft) send(ctx context.Context) error {
	counted, err := d.store.put(ctx, d.name, d.file, d.written)
	d.store.release(d.reserve, counted)
	d.reserve = 0
	if err != nil {
		return err
	}
	d.ended, d.sent = true, true
	return os.Remove(d.file.Name())
}

// Open reads what was committed, or what was written so far, until Discard.
func (d *Draft) Open(ctx context.Context) (io.ReadCloser, error) {
	if d.sent || !d.ended {
		return io.NopCloser(io.NewSectionReader(d.file, 0, d.written)), nil
	}
	r, _, err := d.store.Open(ctx, d.name)
	return r, err
}

// Discard takes a draft away. After Commit it leaves the object.
func (d *Draft) Discard() error {
	if d.ended {
		return d.letGo()
	}
	d.ended = true
	d.store.release(d.reserve, 0)
	err := errors.Join(d.file.Close(), ignoreMissing(os.Remove(d.file.Name())), ignoreMissing(os.Remove(d.store.path(d.name))))
	if err != nil {
		return fmt.Errorf("discard media: %w", err)
	}
	return nil
}

// letGo closes what Open reads.
func (d *Draft) letGo() error {
	if !d.sent {
		return nil
	}
	d.sent = false
	if err := d.file.Close(); err != nil {
		return fmt.Errorf("discard media: %w", err)
	}
	return nil
}

func ignoreMissing(err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}

func syncFolder(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}
