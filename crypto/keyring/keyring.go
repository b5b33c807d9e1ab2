// Package keyring keeps the gateway's long-lived keys and offers them as
// operations: callers wrap, seal, authenticate, derive and sign, and never see
// a key. Every key has a purpose and a version, so that each can be replaced
// while everything older stays readable. The byte formats are in
// ../FORMAT.md. Only the standard library is used, and only what it allows
// under GODEBUG=fips140=only.
//
// # How it fails
//
// It fails closed. A zero, closed or half-known Keyring refuses every
// operation; so do unknown purposes, unknown versions, versions not yet or no
// longer in use, and zero scopes. What was changed, moved to another scope or
// bound to other data does not open ([ErrOpen]). A keystore file that others
// can read, that belongs to somebody else, is a link, damaged, foreign, or
// written by a newer release is refused with what to do about it, and so are a
// wrong passphrase, a missing one, and one for a file that has none. A change is
// on disk before it holds in memory; an error from [Keyring.Rotate] or
// [Keyring.Destroy] may still have reached the disk, and the next change picks
// up what is there.
//
// # How far wiping goes
//
// Buffers that hold key bytes are overwritten as soon as the key is expanded:
// the file's bytes, decoded material, passphrases and unwrapped data keys. What
// stays as bytes (keys of MACs and derivations, the seeds of signing keys, and
// the material of all keys where a Wrapper wraps them) lies
// outside Go's heap in pages that are locked, left out of core files and empty
// in forked children; Destroy and Close overwrite it. Where the kernel does not
// lock them, [Keyring.Unlocked] says so, or Open fails (LockMemory).
//
// Expanded keys (AES schedules, HMAC states, the key made of the passphrase)
// live inside the standard library's types on Go's heap, which cannot be locked
// or overwritten from outside. A program built with GOEXPERIMENT=runtimesecret
// has the garbage collector overwrite them and what making them left behind;
// Destroy runs it before it returns. In other programs they are unreachable
// after Destroy or Close and stay until that memory is used again. Either way
// an operation under way keeps its expanded key until it ends, and expanded
// data keys are not overwritten.
// On disk the replaced file is unlinked, not overwritten: its blocks may
// survive until the file system uses them again.
package keyring

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Config is what a keyring needs beside its file.
type Config struct {
	// Name is the keystore's name and the key name of signed checkpoints:
	// 1 to 100 of letters, digits and "./_-". Create needs it; Open, if it is
	// set, refuses a keystore of another name.
	Name string
	// Now is the clock that dates new versions; nil means time.Now.
	Now func() time.Time
	// Passphrase gives the passphrase of the file, which is asked for at most
	// once and overwritten after use. Create protects the file with it. Nil
	// opens and makes files without protection only.
	Passphrase func() ([]byte, error)
	// Wrapper wraps the keys of the file one by one, instead of a passphrase. It
	// is asked when the file is opened, once, and when a version is made; while
	// it is away an open keyring goes on. Create makes a file that needs it.
	Wrapper Wrapper
	// LockMemory refuses to open, and later to change, where the kernel does not
	// let the memory of keys be locked. Without it Unlocked tells.
	LockMemory bool
	// Changed hears of every change that this keyring has made durable. It
	// must neither wait nor call the keyring. Nil hears nothing.
	Changed func()
}

// Keyring is an open keystore. All methods may be called concurrently. The
// zero value refuses everything. Several processes may open one keystore and
// lose no change to each other, but each sees the others' changes only at its
// own next one: while a server runs, rotate and destroy through it.
type Keyring struct {
	path    string
	now     func() time.Time
	changed func()  // may be nil
	memory  *memory // where keys lie

	state  atomic.Pointer[state] // replaced whole, nil when closed
	change sync.Mutex            // held by whoever replaces state and file
	lock   *lock                 // seals the file, nil if it is not protected; guarded by change once open
}

// Create makes a keystore file at path with one active version of every
// purpose and opens it. The file is complete and durable when Create returns;
// an existing file is never touched (the error is fs.ErrExist).
func Create(path string, cfg Config) (k *Keyring, err error) {
	erasing(func() { k, err = create(path, cfg) })
	return k, err
}

func create(path string, cfg Config) (*Keyring, error) {
	k := newKeyring(path, cfg)
	b, err := newBody(cfg.Name, k.now())
	if err != nil {
		return nil, fmt.Errorf("create keystore: %w", err)
	}
	defer b.wipe()
	if k.lock, err = cfg.firstLock(); err != nil {
		return nil, fmt.Errorf("create keystore: %w", err)
	}
	if err := k.lock.wrapFirst(b); err != nil {
		return nil, fmt.Errorf("create keystore: %w", err)
	}
	data, err := b.encode(k.lock)
	if err != nil {
		return nil, fmt.Errorf("create keystore: %w", err)
	}
	defer wipe(data)
	if err := createFile(k.path, data); err != nil {
		return nil, fmt.Errorf("create keystore: %w", err)
	}
	if err := k.adopt(b); err != nil {
		return nil, fmt.Errorf("create keystore: %w", err)
	}
	return k, nil
}

// Open reads the keystore file at path and checks its owner, permissions and
// content. A file that is not there is fs.ErrNotExist.
func Open(path string, cfg Config) (k *Keyring, err error) {
	erasing(func() { k, err = open(path, cfg) })
	return k, err
}

func open(path string, cfg Config) (*Keyring, error) {
	k := newKeyring(path, cfg)
	b, l, err := readBody(k.path, cfg.unlock)
	if err != nil {
		return nil, fmt.Errorf("open keystore: %w", err)
	}
	defer b.wipe()
	k.lock = l
	if cfg.Name != "" && cfg.Name != b.Name {
		return nil, fmt.Errorf("open keystore: %s is named %q, expected %q: point the configuration at the right file",
			k.path, b.Name, cfg.Name)
	}
	if err := k.adopt(b); err != nil {
		return nil, fmt.Errorf("open keystore: %w", err)
	}
	return k, nil
}

func newKeyring(path string, cfg Config) *Keyring {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Keyring{path: filepath.Clean(path), now: cfg.Now, changed: cfg.Changed, memory: newMemory(cfg.LockMemory)}
}

// adopt makes b the state in memory.
func (k *Keyring) adopt(b *body) error {
	s, err := newState(k.memory, b, k.state.Load())
	if err != nil {
		return err
	}
	held, err := k.lock.hold(k.memory, b)
	if err != nil {
		return err
	}
	k.lock.remember(held)
	k.state.Store(s)
	return nil
}

// Close forgets the keys and overwrites those in locked memory. Operations that
// began earlier may finish; later ones are refused.
func (k *Keyring) Close() {
	k.change.Lock()
	defer k.change.Unlock()
	k.state.Store(nil)
	k.lock = nil
	if k.memory != nil {
		k.memory.close()
	}
}

// Unlocked is why keys lie in memory that the kernel may swap out or dump, nil
// if none does.
func (k *Keyring) Unlocked() error {
	if k.memory == nil {
		return nil
	}
	return k.memory.problem()
}

// ID is the keystore's random identity, 32 hexadecimal digits; empty when closed.
func (k *Keyring) ID() string { return k.loaded().id }

// Name is the keystore's name, which is also the key name of its checkpoint
// keys in signed notes; empty when closed.
func (k *Keyring) Name() string { return k.loaded().name }

// Generation counts the changes of the keystore file. It only grows, so a file
// whose generation is below one seen before is an old copy.
func (k *Keyring) Generation() uint64 { return k.loaded().generation }

// loaded is the current state, an empty one when there is none.
func (k *Keyring) loaded() *state {
	if s := k.state.Load(); s != nil {
		return s
	}
	return &state{}
}
