package keyring

import (
	"crypto/ed25519"
	"fmt"
	"time"
)

// state is what an open keystore holds in memory. It is never changed after
// newState returned it.
type state struct {
	id         string
	name       string
	generation uint64
	rings      map[Purpose]*ring
}

// ring is one purpose's versions, ascending.
type ring struct {
	active   *key // nil if none is active
	versions []entry
}

// entry is one version in its present state.
type entry struct {
	Version
	key    *key              // nil when destroyed
	public ed25519.PublicKey // purpose checkpoint only, kept when destroyed
}

// Version describes one version of a key.
type Version struct {
	Purpose Purpose
	Number  uint32 // from 1, never reused
	State   State
	Created time.Time
	Seals   uint64 // upper bound of the seals made, where they are limited
}

// newState expands the keys of b in memory. Versions that old knows keep their
// expanded key and its budget of seals.
func newState(in *memory, b *body, old *state) (*state, error) {
	s := &state{id: b.ID, name: b.Name, generation: b.Generation, rings: map[Purpose]*ring{}}
	for i := range b.Keys {
		r := &b.Keys[i]
		e := entry{Version: r.describe(), public: r.Public}
		if r.State != Destroyed {
			var err error
			if e.key, err = old.keyOf(in, r); err != nil {
				s.wipeBut(old)
				return nil, fmt.Errorf("expand %s key %d: %w", r.Purpose, r.Version, err)
			}
		}
		s.add(e)
	}
	return s, nil
}

func (s *state) add(e entry) {
	r := s.rings[e.Purpose]
	if r == nil {
		r = &ring{}
		s.rings[e.Purpose] = r
	}
	r.versions = append(r.versions, e)
	if e.State == Active {
		r.active = e.key
	}
}

// keyOf takes over the expanded key of a version that s knows, else expands it.
func (s *state) keyOf(in *memory, r *record) (*key, error) {
	if s != nil {
		if e := s.find(r.Purpose, r.Version); e != nil && e.key != nil {
			return e.key, nil
		}
	}
	return newKey(in, r.Purpose, r.Version, r.Material)
}

// wipeBut overwrites the keys that s has and other has not.
func (s *state) wipeBut(other *state) {
	for p, r := range s.rings {
		for _, e := range r.versions {
			if e.key != nil && !other.holds(p, e.key) {
				e.key.wipe()
			}
		}
	}
}

func (s *state) holds(p Purpose, k *key) bool {
	if s == nil {
		return false
	}
	e := s.find(p, k.version)
	return e != nil && e.key == k
}

func (s *state) find(p Purpose, version uint32) *entry {
	r := s.rings[p]
	if r == nil {
		return nil
	}
	for i := range r.versions {
		if r.versions[i].Number == version {
			return &r.versions[i]
		}
	}
	return nil
}

// active is the version of p that seals, signs and authenticates.
func (s *state) active(p Purpose) (*key, error) {
	r := s.rings[p]
	if r == nil || r.active == nil {
		return nil, noKey(p, "active version")
	}
	return r.active, nil
}

// opening is the given version of p if it may open and verify.
func (s *state) opening(p Purpose, version uint32) (*key, error) {
	e := s.find(p, version)
	switch {
	case e == nil:
		return nil, noKey(p, fmt.Sprintf("version %d", version))
	case e.State == Destroyed:
		return nil, fmt.Errorf("%w: %s version %d", ErrDestroyed, p, version)
	case !e.State.opens():
		return nil, noKey(p, fmt.Sprintf("version %d in state %s", version, e.State))
	}
	return e.key, nil
}

// Versions lists every version of every purpose, ascending within a purpose.
func (k *Keyring) Versions() []Version {
	s := k.loaded()
	var list []Version
	for _, p := range purposes() {
		if r := s.rings[p]; r != nil {
			for _, e := range r.versions {
				list = append(list, e.Version)
			}
		}
	}
	return list
}
