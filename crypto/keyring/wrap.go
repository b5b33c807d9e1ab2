package keyring

import (
	"fmt"
	"slices"
)

// WrapBy has a wrapper wrap all keys of the file one by one, instead of a
// passphrase or of what wrapped them before, and opens what it made against
// them before the file is replaced: after a crash it is the old one or the new
// one. Other processes that hold the keystore open must start again.
func (k *Keyring) WrapBy(w Wrapper) error {
	k.change.Lock()
	defer k.change.Unlock()
	l := newWrapping(w)
	if err := k.commitUnder(l, l.wrapFirst); err != nil {
		return fmt.Errorf("wrap keystore: %w", err)
	}
	return nil
}

// Wrappings lists the keys of the file as they are wrapped; none if they are not.
func (k *Keyring) Wrappings() []Wrapping {
	k.change.Lock()
	defer k.change.Unlock()
	if k.lock == nil {
		return nil
	}
	var out []Wrapping
	for _, h := range k.lock.held {
		out = append(out, h.Wrapping)
	}
	return out
}

// WrapAgain has those keys wrapped anew, from memory, whose wrapping is stale:
// made by an old version of the wrapper's key, which need not open any more.
// What was made is opened against them; then agreed is called, whose error
// changes nothing, and the file is replaced. It returns what was agreed.
func (k *Keyring) WrapAgain(stale func(wrapped string) bool, agreed func([]Wrapping) error) ([]Wrapping, error) {
	l, id, records := k.staleRecords(stale)
	defer wipeRecords(records)
	if len(records) == 0 {
		return nil, nil
	}
	var before, after []Wrapping
	for _, r := range records {
		before = append(before, r.wrapping())
	}
	if err := l.wrap(id, records); err != nil {
		return nil, fmt.Errorf("wrap keys again: %w", err)
	}
	for _, r := range records {
		after = append(after, r.wrapping())
	}
	if err := agreed(after); err != nil {
		return nil, err
	}
	return after, k.exchange(before, after)
}

// staleRecords are copies, which the caller wipes.
func (k *Keyring) staleRecords(stale func(wrapped string) bool) (l *lock, id string, records []*record) {
	k.change.Lock()
	defer k.change.Unlock()
	if !k.lock.wraps() {
		return nil, "", nil
	}
	for _, h := range k.lock.held {
		r := &record{Purpose: h.Purpose, Version: h.Number, Wrapped: h.Text}
		if stale(h.Text) && k.lock.recall(r) {
			records = append(records, r)
		}
	}
	return k.lock, k.loaded().id, records
}

// exchange writes new wrappings in place of old ones. What changed or was
// destroyed meanwhile stays as it is.
func (k *Keyring) exchange(before, after []Wrapping) error {
	err := k.commit(func(b *body) error {
		for i := range b.Keys {
			if at := slices.Index(before, b.Keys[i].wrapping()); at >= 0 {
				b.Keys[i].Wrapped = after[at].Text
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("wrap keys again: %w", err)
	}
	return nil
}

// draft is the material of the version that comes next, wrapped before anything
// is locked: nobody waits for the wrapper. It is nil where none is needed.
func (k *Keyring) draft(p Purpose) (*record, error) {
	k.change.Lock()
	l := k.lock
	k.change.Unlock()
	s := k.state.Load()
	if s == nil || !l.wraps() || s.rings[p] == nil {
		return nil, nil //nolint:nilnil // the commit makes it, or refuses
	}
	last := s.rings[p].versions[len(s.rings[p].versions)-1]
	if last.State == Next || last.Number+1 == 0 {
		return nil, nil //nolint:nilnil // it is there already, or can never be
	}
	r := &record{Purpose: p, Version: last.Number + 1, Material: randomBytes(keySize)}
	if err := l.wrap(s.id, []*record{r}); err != nil {
		r.wipe()
		return nil, err
	}
	return r, nil
}

func (r *record) wipe() {
	if r != nil {
		wipe(r.Material)
	}
}

func wipeRecords(list []*record) {
	for _, r := range list {
		r.wipe()
	}
}
