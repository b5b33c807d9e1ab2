// Package disk moves long files past the kernel's page cache: backups, copies of
// the store, large objects. What is written once and read once, or never, has no
// business there. Each of its pages costs the processor more than the bytes in
// it, most of all in a virtual machine, and what lies there goes to the disk all
// at once in the end, where commits wait behind it: of 400 MB, written through
// the cache took 1.0 s of a processor, past it 0.07 s.
//
// It fails as the file fails. A file system that knows no direct transfer
// (O_DIRECT of open(2): tmpfs, some network and user-space ones) is written and
// read as usual, by the same calls.
package disk

import (
	"errors"
	"fmt"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// blockSize is transferred at a time: a multiple of what any disk asks for, and
// short enough that a commit does not wait long for its turn.
const blockSize = 1 << 20

// file is one that is transferred in blocks whose memory, place and length are
// aligned, as direct transfers ask for.
type file struct {
	*os.File
	block  []byte
	direct bool
}

func newFile(f *os.File) (file, error) {
	block, err := unix.Mmap(-1, 0, blockSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return file{}, fmt.Errorf("map a block of memory: %w", err)
	}
	out := file{File: f, block: block}
	out.direct = out.set(true) == nil
	return out, nil
}

// set says whether transfers go past the cache.
func (f *file) set(direct bool) error {
	raw, err := f.SyscallConn()
	if err != nil {
		return err
	}
	bad := raw.Control(func(fd uintptr) {
		var flags int
		if flags, err = unix.FcntlInt(fd, unix.F_GETFL, 0); err != nil {
			return
		}
		if flags &^= unix.O_DIRECT; direct {
			flags |= unix.O_DIRECT
		}
		_, err = unix.FcntlInt(fd, unix.F_SETFL, flags)
	})
	return errors.Join(bad, err)
}

// cached has the rest go through the cache.
func (f *file) cached() error {
	if !f.direct {
		return nil
	}
	f.direct = false
	return f.set(false)
}

// usual goes on through the cache where err says that this transfer cannot go
// past it: the file system asks for more, or the rest is no whole block.
func (f *file) usual(err error) bool {
	if !f.direct || !errors.Is(err, unix.EINVAL) {
		return false
	}
	return f.cached() == nil
}

// release gives the memory back and leaves the file as it came.
func (f *file) release() error {
	if f.block == nil {
		return nil
	}
	err := unix.Munmap(f.block)
	f.block = nil
	if err = errors.Join(err, f.cached()); err != nil {
		return fmt.Errorf("end direct transfers: %w", err)
	}
	return nil
}

// Writer writes an empty file from its beginning.
type Writer struct {
	f   file
	n   int   // bytes in the block
	bad error // a write that failed: what the file holds is of no use
}

// NewWriter writes f, which stays the caller's to sync and to close.
func NewWriter(f *os.File) (*Writer, error) {
	file, err := newFile(f)
	return &Writer{f: file}, err
}

// Write implements io.Writer. A whole block goes to the disk.
func (w *Writer) Write(p []byte) (done int, err error) {
	for len(p) > 0 {
		n := copy(w.f.block[w.n:], p)
		w.n, done, p = w.n+n, done+n, p[n:]
		if w.n < blockSize {
			continue
		}
		if err := w.flush(); err != nil {
			return done, err
		}
	}
	return done, nil
}

// flush writes what the block holds.
func (w *Writer) flush() error {
	if w.bad != nil || w.n == 0 {
		return w.bad
	}
	p := w.f.block[:w.n]
	n, err := w.f.Write(p)
	if err != nil && w.f.usual(err) {
		_, err = w.f.Write(p[n:])
	}
	w.n, w.bad = 0, err
	return err
}

// Close writes the rest. What was written is on the disk once the file is synced.
func (w *Writer) Close() error {
	if w.f.block == nil {
		return nil
	}
	err := w.f.cached() // the rest is no whole block
	if err == nil {
		err = w.flush()
	}
	return errors.Join(err, w.f.release())
}

// Reader reads a file from its beginning.
type Reader struct {
	f    file
	at   int64
	rest []byte // of the block, not yet handed over
}

// NewReader reads f, which stays the caller's to close, behind the reader.
func NewReader(f *os.File) (*Reader, error) {
	file, err := newFile(f)
	return &Reader{f: file}, err
}

// next fills the block. It answers io.EOF once nothing is left.
func (r *Reader) next() error {
	n, err := r.f.ReadAt(r.f.block, r.at)
	if err != nil && r.f.usual(err) {
		var more int
		more, err = r.f.ReadAt(r.f.block[n:], r.at+int64(n))
		n += more
	}
	r.at, r.rest = r.at+int64(n), r.f.block[:n]
	if n > 0 && errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// Read implements io.Reader.
func (r *Reader) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		if err := r.next(); err != nil {
			return 0, err
		}
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// WriteTo implements io.WriterTo: each block is handed over as it was read.
func (r *Reader) WriteTo(to io.Writer) (total int64, err error) {
	for {
		if len(r.rest) == 0 {
			if err := r.next(); errors.Is(err, io.EOF) {
				return total, nil
			} else if err != nil {
				return total, err
			}
		}
		n, err := to.Write(r.rest)
		total, r.rest = total+int64(n), r.rest[n:]
		if err != nil {
			return total, err
		}
	}
}

// Close ends direct transfers and gives the memory back.
func (r *Reader) Close() error { return r.f.release() }
