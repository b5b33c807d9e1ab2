package keyring

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// Seals are reserved in the file block by block, so that a crash can only
// count too many: 65,536 starts that seal use up one key.
const (
	sealBlock = 1 << 16
	sealLimit = 1 << 32 // AES-GCM with random 96-bit nonces
)

// Prepare makes the next version of p, whose public half can be published
// before it is used. It returns the version.
func (k *Keyring) Prepare(p Purpose) (uint32, error) {
	return k.grow(p, "prepare", (*body).prepare)
}

// Rotate makes the next version of p active and retires the active one; it
// makes the next version if none was prepared. It returns the version that is
// now active.
func (k *Keyring) Rotate(p Purpose) (uint32, error) {
	return k.grow(p, "rotate", (*body).rotate)
}

func (k *Keyring) grow(p Purpose, what string, step func(*body, Purpose, time.Time) (uint32, error)) (version uint32, err error) {
	draft, err := k.draft(p)
	if err == nil {
		err = k.commit(func(b *body) (err error) {
			b.draft = draft
			version, err = step(b, p, k.now())
			return err
		})
		draft.wipe()
	}
	if err != nil {
		return 0, fmt.Errorf("%s %s key: %w", what, p, err)
	}
	return version, nil
}

// Destroy removes the key of a version for good: what it protected can no
// longer be opened or verified. The active version is refused.
func (k *Keyring) Destroy(p Purpose, version uint32) error {
	err := k.commit(func(b *body) error { return b.destroy(p, version) })
	if err != nil {
		return fmt.Errorf("destroy %s key %d: %w", p, version, err)
	}
	forget()
	return nil
}

// sealing is the active version of p with one seal taken from its budget.
func (k *Keyring) sealing(p Purpose) (*key, error) {
	key, err := k.loaded().active(p)
	if err != nil {
		return nil, err
	}
	if key.aead == nil {
		return nil, noKey(p, "sealing")
	}
	if key.take() {
		return key, nil
	}
	return k.reserve(p)
}

// take spends one seal of the reserved ones, if there is one.
func (k *key) take() bool {
	for {
		left := k.budget.Load()
		if left <= 0 {
			return false
		}
		if k.budget.CompareAndSwap(left, left-1) {
			return true
		}
	}
}

// reserve takes another block of seals for the active version from the file,
// and one of them.
func (k *Keyring) reserve(p Purpose) (*key, error) {
	k.change.Lock()
	defer k.change.Unlock()
	// Another caller may just have reserved, or rotated.
	if key, err := k.loaded().active(p); err == nil && key.take() {
		return key, nil
	}
	if err := k.commitLocked(func(b *body) error { return b.reserve(p) }); err != nil {
		return nil, fmt.Errorf("reserve seals: %w", err)
	}
	key, err := k.loaded().active(p)
	if err != nil {
		return nil, err
	}
	key.budget.Add(sealBlock - 1)
	return key, nil
}

// commit edits the keystore: on disk first, then in memory.
func (k *Keyring) commit(edit func(*body) error) error {
	k.change.Lock()
	defer k.change.Unlock()
	return k.commitLocked(edit)
}

// commitLocked is commit for who holds k.change.
func (k *Keyring) commitLocked(edit func(*body) error) error { return k.commitUnder(k.lock, edit) }

// commitUnder starts from what is on disk, so that a change made by another
// process is kept, not overwritten. The file is then sealed by next.
func (k *Keyring) commitUnder(next *lock, edit func(*body) error) (err error) {
	erasing(func() { err = k.redo(next, edit) })
	return err
}

func (k *Keyring) redo(next *lock, edit func(*body) error) error {
	now := k.state.Load()
	if now == nil {
		return fmt.Errorf("%w: keyring is closed", ErrNoKey)
	}
	unlock, err := lockFolder(k.path)
	if err != nil {
		return err
	}
	defer unlock()
	b, _, err := readBody(k.path, k.reopen)
	if err != nil {
		return err
	}
	defer b.wipe()
	if err := now.succeededBy(b); err != nil {
		return fmt.Errorf("%s: %w", k.path, err)
	}
	if err := edit(b); err != nil {
		return err
	}
	b.Generation++
	return k.replace(b, now, next)
}

// replace writes b and makes it the state in memory once it is durable.
func (k *Keyring) replace(b *body, now *state, l *lock) error {
	s, err := newState(k.memory, b, now)
	if err != nil {
		return err
	}
	held, err := l.hold(k.memory, b)
	if err == nil {
		err = b.replace(k.path, l)
	}
	if err != nil {
		wipeHeld(held)
		s.wipeBut(now)
		return err
	}
	k.state.Store(s)
	now.wipeBut(s)
	k.lock.forget()
	k.lock = l
	k.lock.remember(held)
	if k.changed != nil {
		k.changed()
	}
	return nil
}

// replace writes b over the file at path.
func (b *body) replace(path string, l *lock) error {
	data, err := b.encode(l)
	if err != nil {
		return err
	}
	defer wipe(data)
	return replaceFile(path, data)
}

// succeededBy refuses a file that is not the continuation of this state.
func (s *state) succeededBy(b *body) error {
	switch {
	case b.ID != s.id:
		return errors.New("keystore was replaced by another one while in use: put the right file back, then restart")
	case b.Generation < s.generation:
		return fmt.Errorf("keystore was replaced by an older copy while in use (generation %d, was %d): put the newer file back, then restart",
			b.Generation, s.generation)
	case b.Generation == math.MaxUint64:
		return errors.New("keystore generation is used up: the file is damaged, restore a backup")
	}
	return nil
}
