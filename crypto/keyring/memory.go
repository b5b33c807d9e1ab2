package keyring

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync"
	"syscall"
)

// heldSize is what one key takes of locked memory.
const heldSize = keySize

// From linux/mman.h; package syscall has no names for them.
const (
	madviseNoDump     = 16 // MADV_DONTDUMP
	madviseWipeOnFork = 18 // MADV_WIPEONFORK
)

// memory holds the bytes of long-lived keys outside Go's heap: in pages that
// are locked (never swapped out), left out of core files and empty in forked
// children. Nothing else lies in them. The pages go back, overwritten, once
// the memory is closed or nothing refers to it any more.
type memory struct{ *pages }

// pages are what memory consists of.
type pages struct {
	required bool // refuse to hold what cannot be locked

	mu      sync.RWMutex // held for reading while a key is used
	mapped  [][]byte
	free    [][]byte // places of heldSize bytes, overwritten
	refused error    // why some page is not guarded
	closed  bool
}

// held is one key in locked memory.
type held struct {
	in    *memory
	place []byte // nil once wiped; guarded by in.mu
}

var errClosed = errors.New("memory of keys is closed")

func newMemory(required bool) *memory {
	m := &memory{&pages{required: required}}
	runtime.AddCleanup(m, (*pages).close, m.pages)
	return m
}

// keep copies secret, at most heldSize bytes, which the caller wipes.
func (m *memory) keep(secret []byte) (*held, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.closed {
		return nil, errClosed
	}
	if len(m.free) == 0 {
		if err := m.grow(); err != nil {
			return nil, err
		}
	}
	last := len(m.free) - 1
	place := m.free[last]
	m.free = m.free[:last]
	return &held{in: m, place: place[:copy(place, secret)]}, nil
}

// grow maps one page more. It is called with mu held.
func (p *pages) grow() error {
	page, err := syscall.Mmap(-1, 0, os.Getpagesize(), syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_PRIVATE|syscall.MAP_ANON)
	if err != nil {
		return fmt.Errorf("map memory for keys: %w", err)
	}
	if err := guard(page); err != nil {
		if p.required {
			return errors.Join(err, syscall.Munmap(page))
		}
		p.refused = err
	}
	p.mapped = append(p.mapped, page)
	for ; len(page) >= heldSize; page = page[heldSize:] {
		p.free = append(p.free, page[:heldSize:heldSize])
	}
	return nil
}

// guard has the kernel keep a page to this process and in memory.
func guard(page []byte) error {
	if err := syscall.Mlock(page); err != nil {
		return fmt.Errorf("lock memory of keys (allow the process to: LimitMEMLOCK of systemd, ulimit -l, or CAP_IPC_LOCK): %w", err)
	}
	for _, advice := range []int{madviseNoDump, madviseWipeOnFork} {
		if err := syscall.Madvise(page, advice); err != nil {
			return fmt.Errorf("withhold memory of keys: %w", err)
		}
	}
	return nil
}

// problem is why not every page is guarded, nil if all are.
func (p *pages) problem() error {
	p.mu.RLock()
	defer p.mu.RUnlock()
	return p.refused
}

// close overwrites all keys and gives the pages back. It waits for whoever uses
// one, and may be called twice.
func (p *pages) close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, page := range p.mapped {
		wipe(page)
		_ = syscall.Munmap(page) // it is empty, whether it goes or stays
	}
	p.mapped, p.free = nil, nil
}

// use lends the key to f, which must neither keep nor change it. It reports
// false, and calls nothing, where the key was wiped.
func (h *held) use(f func(secret []byte)) bool {
	if h == nil {
		return false
	}
	h.in.mu.RLock()
	defer h.in.mu.RUnlock()
	if h.in.closed || h.place == nil {
		return false
	}
	f(h.place)
	return true
}

// wipe overwrites the key. It waits for whoever uses it.
func (h *held) wipe() {
	if h == nil {
		return
	}
	h.in.mu.Lock()
	defer h.in.mu.Unlock()
	if h.in.closed || h.place == nil {
		return
	}
	place := h.place[:heldSize]
	wipe(place)
	h.place, h.in.free = nil, append(h.in.free, place)
}
