package keyring

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"hash"
	"slices"
	"sync"
)

// VersionedMAC is a MAC and the version of the key that made it.
type VersionedMAC struct {
	Version uint32
	Sum     [sha256.Size]byte
}

var errNoParts = errors.New("nothing to authenticate: at least one part is needed")

// MAC authenticates parts with HMAC-SHA-256 under the active version of p. The
// parts are framed with their lengths: ("ab", "c") and ("a", "bc") differ.
// Purposes: index, original, suppression, app, webhook.
func (k *Keyring) MAC(p Purpose, parts ...[]byte) (version uint32, sum [sha256.Size]byte, err error) {
	key, err := k.loaded().active(p)
	if err != nil {
		return 0, sum, err
	}
	if key.mac == nil {
		return 0, sum, noKey(p, "MAC")
	}
	if len(parts) == 0 {
		return 0, sum, errNoParts
	}
	if !key.mac.sum(parts, &sum) {
		return 0, sum, ErrDestroyed
	}
	return key.version, sum, nil
}

// MACs is MAC under every version that verifies: the active one, then the
// retired ones, newest first. It serves look-ups over several key epochs.
func (k *Keyring) MACs(p Purpose, parts ...[]byte) ([]VersionedMAC, error) {
	s := k.loaded()
	active, err := s.active(p)
	if err != nil {
		return nil, err
	}
	if active.mac == nil {
		return nil, noKey(p, "MAC")
	}
	if len(parts) == 0 {
		return nil, errNoParts
	}
	list := []VersionedMAC{{Version: active.version}}
	if !active.mac.sum(parts, &list[0].Sum) {
		return nil, ErrDestroyed
	}
	for _, e := range slices.Backward(s.rings[p].versions) {
		v := VersionedMAC{Version: e.Number}
		if e.State == Retired && e.key.mac.sum(parts, &v.Sum) { // else it was destroyed since
			list = append(list, v)
		}
	}
	return list, nil
}

// VerifyMAC reports whether sum is the MAC of parts under the given version.
// The comparison takes the same time for every wrong sum.
func (k *Keyring) VerifyMAC(p Purpose, version uint32, sum []byte, parts ...[]byte) bool {
	key, err := k.loaded().opening(p, version)
	if err != nil || key.mac == nil {
		return false
	}
	var want [sha256.Size]byte
	return key.mac.sum(parts, &want) && hmac.Equal(want[:], sum)
}

// macBuffer holds all parts of a usual MAC at once; longer ones go through in
// pieces.
const macBuffer = 256

// macKey computes MACs under one key. Keyed states are pooled, because setting
// one up costs more than a short MAC.
type macKey struct {
	secret *held
	pool   sync.Pool
}

// macState collects parts in a buffer of its own, so that the caller's bytes
// need not move to the heap to be hashed.
type macState struct {
	hash hash.Hash
	used int
	buf  [macBuffer]byte
}

// sum reports false where the key was wiped since it was looked up.
func (m *macKey) sum(parts [][]byte, sum *[sha256.Size]byte) bool {
	s, ok := m.pool.Get().(*macState)
	if !ok {
		if s = m.newState(); s == nil {
			return false
		}
	}
	s.hash.Reset()
	for _, p := range parts {
		s.add(p)
	}
	s.flush()
	copy(sum[:], s.hash.Sum(s.buf[:0]))
	clear(s.buf[:])
	m.pool.Put(s)
	return true
}

// newState includes the first Reset, which is when the keyed states are made.
// It is nil where the key was wiped.
func (m *macKey) newState() (s *macState) {
	m.secret.use(func(secret []byte) {
		s = &macState{}
		erasing(func() {
			s.hash = hmac.New(sha256.New, secret)
			s.hash.Reset()
		})
	})
	return s
}

// add frames one part as appendPart does.
func (s *macState) add(part []byte) {
	if s.used+8 > macBuffer {
		s.flush()
	}
	binary.BigEndian.PutUint64(s.buf[s.used:], uint64(len(part)))
	s.used += 8
	for len(part) > 0 {
		if s.used == macBuffer {
			s.flush()
		}
		n := copy(s.buf[s.used:], part)
		s.used += n
		part = part[n:]
	}
}

func (s *macState) flush() {
	s.hash.Write(s.buf[:s.used]) // a hash never returns an error
	s.used = 0
}
